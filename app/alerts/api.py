"""Where Alertmanager delivers, and alerts as JSON."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from app import clock
from app.alerts import commands, queries
from app.alerts.alert import from_webhook
from app.alerts.models import Alert
from app.db import begin
from app.errors import Refused, Unauthenticated
from app.events import publish_on_commit
from app.guards import public, requires
from app.sources import sources

blueprint = Blueprint("alerts_api", __name__, url_prefix="/api/v1/alerts")
MOST_BYTES = 4 * 1024 * 1024


def csrf_exempt(view: Callable[[], Response]) -> Callable[[], Response]:
    view.csrf_exempt = True  # type: ignore[attr-defined]
    return view


@blueprint.post("/webhook")
@csrf_exempt
@public
def webhook() -> Response:
    """Alertmanager retries on 5xx and gives up on 4xx, so 400 is only for what can never be understood."""
    _check_token()
    request.max_content_length = MOST_BYTES
    try:
        notices = from_webhook(request.get_json(force=True))
    except Refused as refused:
        raise BadRequest(str(refused)) from refused
    with begin() as session:
        changed = commands.take(session, notices, "webhook", clock.now())
        if changed:
            publish_on_commit(session, sources().redis, "alerts")
    return jsonify(changed=changed)


def _check_token() -> None:
    sent = request.headers.get("Authorization", "")
    wanted = f"Bearer {sources().config.alert_webhook_token}"
    if not hmac.compare_digest(sent.encode(), wanted.encode()):
        raise Unauthenticated(_("Send the webhook's bearer token."))


@blueprint.get("")
@requires("view")
def firing() -> Response:
    with begin() as session:
        return jsonify(alerts=[_json(line.alert) for line in queries.firing(session)])


def _json(alert: Alert) -> dict[str, object]:
    return {
        "id": alert.id,
        "fingerprint": alert.fingerprint,
        "name": alert.name,
        "severity": alert.severity,
        "slo": alert.slo,
        "labels": alert.labels,
        "annotations": alert.annotations,
        "starts_at": alert.starts_at.isoformat(),
        "ends_at": alert.ends_at.isoformat() if alert.ends_at else None,
        "silenced_by": alert.silenced_by,
        "inhibited_by": alert.inhibited_by,
        "acknowledged_by": alert.acknowledged_by,
    }

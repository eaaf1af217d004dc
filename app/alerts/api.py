"""Where Alertmanager delivers, and alerts as JSON."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from app import clock
from app.alerts import commands, history, queries, search
from app.alerts.alert import from_webhook
from app.alerts.health import blind
from app.alerts.models import Alert
from app.db import begin
from app.errors import Refused, Unauthenticated
from app.events import publish_on_commit
from app.guards import public, requires, who
from app.sources import sources
from app.ui.timerange import read_range

blueprint = Blueprint("alerts_api", __name__, url_prefix="/api/v1/alerts")
ROWS = 50
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
        found = queries.firing(session, request.args.get("q", "")[: search.LONGEST])
        return jsonify(alerts=[_json(line.alert) for line in found])


@blueprint.get("/ended")
@requires("view")
def ended() -> Response:
    """Those that have ended, the newest first: `page` counts from 1."""
    text = request.args.get("page", "1")
    page = max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 7 else 1
    with begin() as session:
        found, last = queries.history(session, page, ROWS, request.args.get("q", "")[: search.LONGEST])
        return jsonify(alerts=[_json(line.alert) for line in found], page=page, pages=last)


@blueprint.get("/record")
@requires("view")
def record() -> Response:
    """How often each rule fired over a range, and whether anybody acted."""
    span = read_range(request.args, clock.now(), "30d")
    with begin() as session:
        found = history.records(session, span)
    return jsonify(
        start=span.start.isoformat(), end=span.end.isoformat(), rules=[_record(one) for one in found]
    )


def _record(one: history.Record) -> dict[str, object]:
    return {
        "name": one.name,
        "severity": one.severity,
        "slo": one.slo,
        "fired": one.fired,
        "acted_on": one.acted_on,
        "is_noisy": one.is_noisy,
        "seconds_to_acknowledge": one.to_acknowledge.total_seconds() if one.to_acknowledge else None,
        "seconds_to_resolve": one.to_resolve.total_seconds() if one.to_resolve else None,
        "seconds_firing": one.firing_for.total_seconds(),
        "last_at": one.last_at.isoformat(),
    }


@blueprint.get("/health")
@requires("view")
def sight() -> Response:
    """Whether monitoring itself sees, and since when not."""
    with begin() as session:
        found = blind(queries.probes(session), clock.now())
        skew = queries.clock_skew(session)
    since = found.since.isoformat() if found and found.since else None
    why = [str(one) for one in found.why] if found else []
    return jsonify(is_blind=found is not None, since=since, why=why, clock_skew_seconds=skew)


@blueprint.get("/<int:alert_id>")
@requires("view")
def one(alert_id: int) -> Response:
    with begin() as session:
        line, happened = queries.one(session, alert_id)
        events = [
            {"at": event.at.isoformat(), "kind": event.kind, "who": event.who, "note": event.note}
            for event in happened
        ]
        return jsonify(**_json(line.alert), events=events)


@blueprint.post("/<int:alert_id>/acknowledge")
@requires("alerts.write")
def acknowledge(alert_id: int) -> Response:
    body = _body()
    with begin() as session:
        alert = commands.acknowledge(session, alert_id, str(body.get("note") or ""), who(), clock.now())
        publish_on_commit(session, sources().redis, "alerts")
        session.refresh(alert)
        return jsonify(_json(alert))


@blueprint.post("/<int:alert_id>/hand-over")
@requires("alerts.write")
def hand_over(alert_id: int) -> Response:
    body = _body()
    to, note = (str(body.get(name) or "") for name in ("to", "note"))
    with begin() as session:
        alert = commands.hand_over(session, alert_id, to, note, who(), clock.now())
        publish_on_commit(session, sources().redis, "alerts")
        return jsonify(_json(alert))


def _body() -> dict[str, object]:
    body = request.get_json(force=True, silent=True)
    return body if isinstance(body, dict) else {}


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

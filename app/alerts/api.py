"""Where Alertmanager delivers, and alerts as JSON."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from app import clock, paging
from app.alerts import alert_shapes as shapes
from app.alerts import commands, history, queries
from app.alerts.alert import from_webhook
from app.alerts.health import blind
from app.alerts.models import Alert
from app.db import begin
from app.errors import Refused, Unauthenticated
from app.events import publish_on_commit
from app.guards import public, requires, who
from app.openapi.operation import operation
from app.sources import sources
from app.ui.shapes import RANGE
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
@operation(takes={"application/json": shapes.WEBHOOK}, answers={200: shapes.CHANGED}, problems=(401,))
def webhook() -> Response:
    """Where Alertmanager delivers, with the webhook's own bearer token.

    Alertmanager retries on 5xx and gives up on 4xx, so 400 is only for what can never be understood.
    """
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
@operation(query=shapes.FIRING, answers={200: shapes.ALERTS})
def firing() -> Response:
    """What fires now: pages before tickets, what nobody has taken first, then the oldest."""
    with begin() as session:
        found = queries.firing(session, request.args.get("q", ""))
        page = paging.of_list([line.alert for line in found], queries.loudness)
        return paging.answer("alerts", page, _json)


@blueprint.get("/ended")
@requires("view")
@operation(query=shapes.ENDED, answers={200: shapes.ENDED_ALERTS})
def ended() -> Response:
    """Those that have ended, the newest first."""
    number, words = int(request.args.get("page", "1")), request.args.get("q", "")
    with begin() as session:
        found, last = queries.history(session, number, ROWS, words)
        if "page" in request.args:
            alerts = [_json(line.alert) for line in found]
            return jsonify(alerts=alerts, next_cursor=None, page=number, pages=last)
        page = paging.of_select(session, queries.ended(words), Alert.starts_at.desc(), Alert.id.desc())
        return paging.answer("alerts", page, _json, page=1, pages=last)


@blueprint.get("/record")
@requires("view")
@operation(query=RANGE, answers={200: shapes.RECORD})
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
@operation(answers={200: shapes.SIGHT})
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
@operation(answers={200: shapes.WITH_EVENTS})
def one(alert_id: int) -> Response:
    """One alert, with all that happened to it."""
    with begin() as session:
        line, happened = queries.one(session, alert_id)
        events = [
            {"at": event.at.isoformat(), "kind": event.kind, "who": event.who, "note": event.note}
            for event in happened
        ]
        return jsonify(**_json(line.alert), events=events)


@blueprint.post("/<int:alert_id>/acknowledge")
@requires("alerts.write")
@operation(body=shapes.NOTE, body_may_be_left_out=True, answers={200: shapes.ALERT})
def acknowledge(alert_id: int) -> Response:
    """Say that you take it, and why; 409 where somebody was first."""
    note = request.get_json().get("note", "") if request.data else ""
    with begin() as session:
        alert = commands.acknowledge(session, alert_id, note, who(), clock.now())
        publish_on_commit(session, sources().redis, "alerts")
        session.refresh(alert)
        return jsonify(_json(alert))


@blueprint.post("/<int:alert_id>/hand-over")
@requires("alerts.write")
@operation(body=shapes.HANDING_OVER, answers={200: shapes.ALERT})
def hand_over(alert_id: int) -> Response:
    """Say who has it from now on, whether or not somebody had taken it before."""
    body = request.get_json()
    with begin() as session:
        alert = commands.hand_over(session, alert_id, body["to"], body.get("note", ""), who(), clock.now())
        publish_on_commit(session, sources().redis, "alerts")
        return jsonify(_json(alert))


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

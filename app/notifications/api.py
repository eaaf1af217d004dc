"""One's own notifications as JSON, and how one wants to be told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, jsonify, request

from app import clock, paging
from app.db import begin
from app.events import publish_on_commit
from app.guards import Person, confirmed, requires
from app.notifications import commands, kind, own_webhook, queries, shapes
from app.notifications.models import Notification
from app.notifications.queries import Line, line
from app.notifications.views import reader
from app.openapi.operation import operation
from app.openapi.shapes import PAGING, thing, whole, yes_or_no
from app.sources import sources
from app.webhooks import as_json
from app.webhooks import shapes as webhook_shapes

blueprint = Blueprint("notifications_api", __name__, url_prefix="/api/v1/me")
SETTING = ("time_zone", "quiet_from", "quiet_to", "digest", "digest_hour")


@blueprint.get("/notifications")
@requires("view")
@operation(query={**PAGING, "unread": yes_or_no("Only those.")}, answers={200: shapes.NOTIFICATIONS})
def index() -> Response:
    """Your notifications, the newest first; kept for 90 days."""
    wanted: Any = queries.lines_of(reader().id, request.args.get("unread") == "true")
    with begin() as session:
        page = paging.of_select(session, wanted, Notification.id.desc())
        lines = [line(row) for row in page]
        return paging.answer("notifications", paging.Page(lines, page.next_cursor), _json)


def _json(one: Line) -> dict[str, Any]:
    row, event = one.row, one.event
    return {
        "id": row.id,
        "kind": row.kind,
        "type": event.type,
        "title": event.title,
        "who": event.who,
        "subject": event.subject,
        "url": event.url,
        "at": event.at.isoformat(),
        "read_at": row.read_at.isoformat() if row.read_at else None,
    }


@blueprint.get("/notifications/unread")
@requires("view")
@operation(answers={200: shapes.UNREAD})
def unread() -> Response:
    """How many you have not read."""
    with begin() as session:
        return jsonify(unread=queries.unread(session, reader().id))


@blueprint.post("/notifications/<int:notification_id>/read")
@requires("view")
@operation(answers={204: None})
def read(notification_id: int) -> tuple[str, int]:
    """Mark one as read; read already, it stays so."""
    with begin() as session:
        commands.read(session, reader().id, notification_id, clock.now())
        publish_on_commit(session, sources().redis, "notifications")
    return "", 204


@blueprint.post("/notifications/read")
@requires("view")
@operation(answers={204: None})
def read_all() -> tuple[str, int]:
    """Mark all as read."""
    with begin() as session:
        commands.read_all(session, reader().id, clock.now())
        publish_on_commit(session, sources().redis, "notifications")
    return "", 204


@blueprint.get("/webhook")
@requires("view")
@operation(answers={200: shapes.MY_WEBHOOK})
def webhook() -> Response:
    """Your own webhook; null: you have none."""
    with begin() as session:
        row = queries.own_webhook(session, reader().id)
        return jsonify(webhook=as_json.endpoint(row) if row is not None else None)


@blueprint.put("/webhook")
@requires("view")
@confirmed
@operation(body=shapes.OWN_WEBHOOK, answers={200: webhook_shapes.ENDPOINT_WITH_SECRET})
def put_webhook() -> Response:
    """Use an address in place of the one before. Its secret is in this answer and nowhere else."""
    body, allowed = request.get_json(), sources().config.webhook_allowed_networks
    with begin() as session:
        row = own_webhook.put(
            session, reader(), body["url"], body.get("format", "json"), allowed, clock.now()
        )
        return jsonify(**as_json.endpoint(row), secret=row.secret)


@blueprint.post("/webhook/test")
@requires("view")
@operation(answers={202: thing({"delivery": whole(least=1)})})
def test_webhook() -> tuple[Response, int]:
    """Send a test event to your own webhook."""
    with begin() as session:
        return jsonify(delivery=own_webhook.test(session, reader(), clock.now())), 202


@blueprint.delete("/webhook")
@requires("view")
@operation(answers={204: None})
def remove_webhook() -> tuple[str, int]:
    """Delete your own webhook."""
    with begin() as session:
        own_webhook.remove(session, reader(), clock.now())
    return "", 204


@blueprint.get("/notification-settings")
@requires("view")
@operation(answers={200: shapes.SETTINGS})
def settings() -> Response:
    """What you are told of and where, by kind; when it is quiet; and the digest."""
    return jsonify(_settings(reader()))


@blueprint.patch("/notification-settings")
@requires("view")
@operation(body=shapes.CHANGE, answers={200: shapes.SETTINGS})
def change() -> Response:
    """Change what is given; all else stays."""
    someone, body = reader(), request.get_json()
    with begin() as session:
        before = queries.setting(session, someone.id, sources().config.kpi_time_zone)
        setting = replace(before, **{name: body[name] for name in SETTING if name in body})
        commands.choose(session, someone, body.get("kinds", {}), setting, clock.now())
    return jsonify(_settings(someone))


def _settings(someone: Person) -> dict[str, Any]:
    with begin() as session:
        setting = queries.setting(session, someone.id, sources().config.kpi_time_zone)
        chosen = queries.choices(session, someone.id)
    kinds = {name: list(chosen.get(name, kind.unasked(name, someone))) for name in kind.offered(someone)}
    return {**{name: getattr(setting, name) for name in SETTING}, "kinds": kinds}

"""What happened, as JSON: read for charts, written by whoever deploys."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _

from app import clock
from app.audit import commands as audit
from app.db import begin
from app.errors import Refused
from app.events import publish_on_commit
from app.guards import requires, who
from app.sources import sources
from app.timeline import commands, queries
from app.timeline.entry import Entry
from app.ui.timerange import read_moment

blueprint = Blueprint("timeline_api", __name__, url_prefix="/api/v1/timeline")

DEFAULT_SPAN = timedelta(days=7)
TEXTS = ("kind", "title", "subject", "detail", "url")


@blueprint.get("")
@requires("view")
def index() -> Response:
    end = _moment("to", clock.now())
    start = _moment("from", end - DEFAULT_SPAN)
    with begin() as session:
        entries = queries.between(session, start, end)
    return jsonify(entries=[_json(entry) for entry in entries])


@blueprint.post("")
@requires("alerts.write")
def create() -> tuple[Response, int]:
    """Say that something was deployed. With the same `key` again the entry is corrected."""
    body = request.get_json(force=True)
    if not isinstance(body, dict):
        raise Refused(_("Send a JSON object."))
    texts = {name: _text(body, name) for name in TEXTS}
    with begin() as session:
        commands.record(
            session,
            at=_body_moment(body, "at") or clock.now(),
            kind=texts["kind"] or "deploy",
            title=texts["title"],
            subject=texts["subject"],
            detail=texts["detail"],
            url=texts["url"],
            ends_at=_body_moment(body, "ends_at"),
            key=f"api:{key}" if (key := _text(body, "key")) else None,
        )
        about = f"timeline:{texts['subject'] or texts['kind'] or 'deploy'}"
        audit.record(session, who(), "timeline.create", about, {}, texts, clock.now())
        publish_on_commit(session, sources().redis, "timeline")
    return jsonify(saved=True), 201


def _text(body: dict[str, object], name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str) or "\x00" in value:
        raise Refused(_("The timeline entry was not saved."), {name: _("Give a text.")})
    return value


def _body_moment(body: dict[str, object], name: str) -> datetime | None:
    return _read(name, text) if (text := _text(body, name)) else None


def _moment(name: str, default: datetime) -> datetime:
    return _read(name, text) if (text := request.args.get(name)) else default


def _read(name: str, text: str) -> datetime:
    found = read_moment(text)
    if found is None:
        why = _("Give the time with its zone, such as 2026-01-31T14:02:00Z.")
        raise Refused(why, {name: why})
    return found


def _json(entry: Entry) -> dict[str, object]:
    return {
        "at": entry.at.isoformat(),
        "ends_at": entry.ends_at.isoformat() if entry.ends_at else None,
        "kind": entry.kind,
        "title": entry.title,
        "subject": entry.subject,
        "detail": entry.detail,
        "url": entry.url,
        "is_demo": entry.is_demo,
    }

"""What happened, as JSON: read for charts, written by whoever deploys."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, Response, jsonify, request, url_for
from flask_babel import gettext as _

from app import clock
from app.audit import commands as audit
from app.db import begin
from app.errors import Refused
from app.events import publish_on_commit
from app.guards import requires, who
from app.openapi.operation import operation
from app.openapi.shapes import Named, many, maybe, moment, one_of, text, thing, words, yes_or_no
from app.sources import sources
from app.timeline import commands, queries
from app.timeline.entry import KINDS, LONGEST_DETAIL, LONGEST_TITLE, Entry
from app.ui.shapes import when
from app.ui.timerange import read_moment

blueprint = Blueprint("timeline_api", __name__, url_prefix="/api/v1/timeline")

DEFAULT_SPAN = timedelta(days=7)
TEXTS = ("kind", "title", "subject", "detail", "url", "environment")

LINK = r"^(|/([^/\u0000][^\u0000]*)?|https?://[A-Za-z0-9.-]*[A-Za-z0-9](:[0-9]{1,5})?([/?#][^\u0000]*)?)$"
ENTRY = Named(
    "TimelineEntry",
    thing(
        {
            "at": moment(),
            "ends_at": maybe(moment("null: a moment, or it goes on.")),
            "kind": one_of(*KINDS),
            "title": text(),
            "subject": text(example="flag:new-checkout"),
            "detail": text(),
            "url": text(),
            "is_demo": yes_or_no(),
        }
    ),
)
ENTRIES = thing({"entries": many(ENTRY)})
TOLD = thing(
    {"title": words(most=LONGEST_TITLE, example="Storefront 2.0")},
    {
        "kind": one_of(*KINDS, about="Left out: a deploy."),
        "subject": text(most=200, example="storefront"),
        "detail": text(most=LONGEST_DETAIL),
        "url": text(
            "A path on this server, or an address.", most=2_000, pattern=LINK, example="https://ci.example/7"
        ),
        "environment": text(most=200, example="production"),
        "at": when("Left out: now."),
        "ends_at": when(),
        "key": text("Whoever says the same key again corrects the entry.", most=200, example="deploy-7"),
    },
)


@blueprint.get("")
@requires("view")
@operation(query={"from": when("The first moment."), "to": when("The last moment.")}, answers={200: ENTRIES})
def index() -> Response:
    """What happened between two moments, the oldest first; without them the last week."""
    end = _moment("to", clock.now())
    start = _moment("from", end - DEFAULT_SPAN)
    with begin() as session:
        entries = queries.between(session, start, end)
    return jsonify(entries=[_json(entry) for entry in entries])


@blueprint.post("")
@requires("alerts.write")
@operation(body=TOLD, answers={201: thing({"saved": yes_or_no()})})
def create() -> tuple[Response, int, dict[str, str]]:
    """Say that something was deployed. With the same `key` again the entry is corrected."""
    body: dict[str, str] = request.get_json()
    texts = {name: body.get(name, "") for name in TEXTS}
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
            facts={"environment": texts["environment"]} if texts["environment"] else None,
            key=f"api:{key}" if (key := body.get("key")) else None,
        )
        about = f"timeline:{texts['subject'] or texts['kind'] or 'deploy'}"
        audit.record(session, who(), "timeline.create", about, {}, texts, clock.now())
        publish_on_commit(session, sources().redis, "timeline")
    return jsonify(saved=True), 201, {"Location": url_for("timeline_api.index")}


def _body_moment(body: dict[str, str], name: str) -> datetime | None:
    return _read(name, given) if (given := body.get(name)) else None


def _moment(name: str, default: datetime) -> datetime:
    return _read(name, given) if (given := request.args.get(name)) else default


def _read(name: str, given: str) -> datetime:
    found = read_moment(given)
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

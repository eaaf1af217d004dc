"""Change requests and planned changes as JSON: everything that their pages do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock, paging
from app.db import begin
from app.errors import Refused
from app.flags import change_request as rules
from app.flags import change_request_commands as commands
from app.flags import change_request_queries as queries
from app.flags import change_request_shapes as shapes
from app.flags import scoping
from app.flags.change_request import Change
from app.flags.change_request_models import ChangeRequest
from app.flags.pages import writing
from app.guards import requires, who
from app.openapi.operation import operation
from app.ui.timerange import read_moment

blueprint = Blueprint("flag_change_requests_api", __name__, url_prefix="/api/v1")

Json = dict[str, Any]
CREATED = 201
PLANNED = ("scheduled", "in_review", "not_applied")
REQUEST = {200: shapes.REQUEST}


@blueprint.get("/change-requests")
@requires("view")
@operation(query=shapes.LISTED, answers={200: shapes.REQUESTS})
def index() -> Response:
    """Change requests, what needs somebody first; `state` may be several by commas."""
    states = [state for state in request.args.get("state", "").split(",") if state]
    flag, environment = request.args.get("flag", ""), request.args.get("environment", "")
    with begin() as session:
        if "page" in request.args:
            number = int(request.args["page"])
            found = queries.listed(session, states, flag, environment, page=number)
            return jsonify(change_requests=[as_json(o) for o in found], next_cursor=None, page=number)
        return _paged(session, "change_requests", queries.wanted(states, flag, environment), page=1)


@blueprint.post("/change-requests")
@requires("flags.write", "environment", scoping.of_body)
@operation(body=shapes.DRAFT, answers={201: shapes.REQUEST})
def create() -> Response:
    """Propose changes of flags in one environment, and `send` them at once or later.

    Each change: a flag and one of percent, enabled, strategies (with variants); `revision`, as it was seen.
    """
    body = request.get_json()
    changes = [_change(one) for one in body.get("changes", [])]
    with writing() as session:
        made = commands.create(
            session, body["environment"], body["title"], changes, clock.now(), who(), _hour(body)
        )
        if body.get("send"):
            commands.send(session, made.id, clock.now(), who())
        return _created(session, made)


@blueprint.get("/change-requests/<int:request_id>")
@requires("view")
@operation(answers=REQUEST)
def detail(request_id: int) -> Response:
    """One change request, with what was said of it."""
    with begin() as session:
        return jsonify(as_json(queries.one(session, request_id)))


@blueprint.patch("/change-requests/<int:request_id>")
@requires("flags.write", "environment", scoping.of_change_request)
@operation(body=shapes.EDIT, answers=REQUEST)
def edit(request_id: int) -> Response:
    """Change its title or its hour (null: by hand); what is left out stays."""
    body = request.get_json()
    with writing() as session:
        known = queries.one(session, request_id)
        title = body.get("title", known.title)
        at = _hour(body) if "apply_at" in body else known.apply_at
        return jsonify(_shown(session, commands.edit(session, request_id, title, at, clock.now(), who())))


@blueprint.post("/change-requests/<int:request_id>/changes")
@requires("flags.write", "environment", scoping.of_change_request)
@operation(body=shapes.CHANGE, answers=REQUEST)
def add(request_id: int) -> Response:
    """One more change; a new round begins."""
    change, seen = _change(request.get_json())
    return _done(lambda s, now, me: commands.add(s, request_id, change, now, me, seen))


@blueprint.delete("/change-requests/<int:request_id>/changes/<int:change_id>")
@requires("flags.write", "environment", scoping.of_change_request)
@operation(answers=REQUEST)
def remove(request_id: int, change_id: int) -> Response:
    """One change less; a new round begins."""
    return _done(lambda s, now, me: commands.remove(s, request_id, change_id, now, me))


@blueprint.post("/change-requests/<int:request_id>/send")
@requires("flags.write", "environment", scoping.of_change_request)
@operation(answers=REQUEST)
def send(request_id: int) -> Response:
    """For others to judge; where nobody has to, it is approved by that."""
    return _done(lambda s, now, me: commands.send(s, request_id, now, me))


@blueprint.post("/change-requests/<int:request_id>/approve")
@requires("flags.approve", "environment", scoping.of_change_request)
@operation(body=shapes.WORD, body_may_be_left_out=True, answers=REQUEST)
def approve(request_id: int) -> Response:
    """It may be applied, as far as you are concerned; never one's own (403)."""
    text = _comment()
    return _done(lambda s, now, me: commands.judge(s, request_id, "approve", text, now, me))


@blueprint.post("/change-requests/<int:request_id>/reject")
@requires("flags.approve", "environment", scoping.of_change_request)
@operation(body=shapes.WORD, body_may_be_left_out=True, answers=REQUEST)
def reject(request_id: int) -> Response:
    """It must not be applied like this."""
    text = _comment()
    return _done(lambda s, now, me: commands.judge(s, request_id, "reject", text, now, me))


@blueprint.post("/change-requests/<int:request_id>/comments")
@requires("flags.write", "environment", scoping.of_change_request)
@operation(body=shapes.COMMENT, answers=REQUEST)
def comment(request_id: int) -> Response:
    """Say something about it."""
    text = _comment()
    return _done(lambda s, now, me: commands.judge(s, request_id, "comment", text, now, me))


@blueprint.post("/change-requests/<int:request_id>/rebase")
@requires("flags.write", "environment", scoping.of_change_request)
@operation(answers=REQUEST)
def rebase(request_id: int) -> Response:
    """Propose the same on what the flags are now."""
    return _done(lambda s, now, me: commands.rebase(s, request_id, now, me))


@blueprint.post("/change-requests/<int:request_id>/apply")
@requires("flags.write", "environment", scoping.of_change_request)
@operation(answers=REQUEST)
def apply(request_id: int) -> Response:
    """Make what is approved true at once; 409 where a flag changed meanwhile."""
    return _done(lambda s, now, me: commands.apply(s, request_id, now, me))


@blueprint.post("/change-requests/<int:request_id>/cancel")
@requires("flags.write", "environment", scoping.of_change_request)
@operation(answers=REQUEST)
def cancel(request_id: int) -> Response:
    """It is not to be, whatever was said."""
    return _done(lambda s, now, me: commands.cancel(s, request_id, now, me))


@blueprint.get("/scheduled-changes")
@requires("view")
@operation(query=shapes.PLANNED, answers={200: shapes.SCHEDULED})
def planned() -> Response:
    """Changes with an hour that are still to come, or were not made."""
    flag, environment = request.args.get("flag", ""), request.args.get("environment", "")
    with begin() as session:
        wanted = queries.wanted(PLANNED, flag, environment).where(ChangeRequest.apply_at.is_not(None))
        return _paged(session, "scheduled_changes", wanted)


@blueprint.post("/scheduled-changes")
@requires("flags.write", "environment", scoping.of_body)
@operation(body=shapes.PLAN, answers={201: shapes.REQUEST})
def plan() -> Response:
    """Plan one change of a flag for an hour."""
    body = request.get_json()
    at = _hour(body) or _missing_hour()
    title = body.get("title", body["flag"])
    with writing() as session:
        made = commands.plan(session, body["environment"], title, [_change(body)], at, clock.now(), who())
        return _created(session, made)


@blueprint.delete("/scheduled-changes/<int:request_id>")
@requires("flags.write", "environment", scoping.of_change_request)
@operation(answers=REQUEST)
def cancel_planned(request_id: int) -> Response:
    """It is not made at its hour."""
    return _done(lambda s, now, me: commands.cancel(s, request_id, now, me))


def as_json(one: queries.Request) -> dict[str, Any]:
    return {
        "id": one.id,
        "environment": one.environment,
        "title": one.title,
        "state": one.state,
        "author": one.author,
        "created_at": one.created_at.isoformat(),
        "apply_at": one.apply_at.isoformat() if one.apply_at else None,
        "approvals_needed": one.approvals_needed,
        "approved_by": one.approvers,
        "conflicts": one.conflicts,
        "problem": one.problem,
        "problem_text": one.problem_text,
        "ended_at": one.ended_at.isoformat() if one.ended_at else None,
        "ended_by": one.ended_by,
        "changes": [_change_json(change) for change in one.changes],
        "opinions": [
            {
                "at": o.at.isoformat(),
                "who": o.who,
                "verdict": o.verdict,
                "text": o.text,
                "counts": o.counts,
            }
            for o in one.opinions
        ],
    }


def _change_json(change: queries.Proposed) -> dict[str, Any]:
    return {
        "id": change.id,
        "flag": change.flag,
        "kind": change.kind,
        **change.payload,
        "added_by": change.added_by,
        "is_conflict": change.is_conflict,
        "diff": [
            {"what": str(line.name), "before": line.before, "after": line.after} for line in change.lines
        ],
    }


def _done(act: Callable[[Session, datetime, str], ChangeRequest]) -> Response:
    with writing() as session:
        return jsonify(_shown(session, act(session, clock.now(), who())))


def _shown(session: Session, made: ChangeRequest) -> dict[str, Any]:
    session.flush()
    return as_json(queries.one(session, made.id))


def _paged(session: Session, name: str, wanted: Any, **more: object) -> Response:
    page = paging.of_select(session, wanted, *queries.NEEDED_FIRST)
    shown = paging.Page(queries.shown(session, page.items), page.next_cursor)
    return paging.answer(name, shown, as_json, **more)


def _created(session: Session, made: ChangeRequest) -> Response:
    response = jsonify(_shown(session, made))
    response.status_code = CREATED
    response.headers["Location"] = url_for("flag_change_requests_api.detail", request_id=made.id)
    return response


def _comment() -> str:
    text: str = request.get_json().get("text", "") if request.data else ""
    return text


def _change(raw: Json) -> tuple[Change, int | None]:
    """With the revision that the sender saw, where it says so."""
    return rules.checked_change(raw["flag"], raw), raw.get("revision")


def _hour(body: Json) -> datetime | None:
    text = body.get("apply_at")
    return None if text is None else read_moment(text) or _missing_hour()


def _missing_hour() -> datetime:
    raise Refused(_("Nothing was planned."), {"apply_at": _("Give a moment such as 2026-01-31T14:00:00Z.")})

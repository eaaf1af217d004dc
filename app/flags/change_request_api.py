"""Change requests and planned changes as JSON: everything that their pages do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock
from app.db import begin
from app.errors import Refused
from app.flags import change_request as rules
from app.flags import change_request_commands as commands
from app.flags import change_request_queries as queries
from app.flags import scoping
from app.flags.change_request import Change
from app.flags.change_request_models import ChangeRequest
from app.flags.pages import writing
from app.guards import requires, who
from app.ui.timerange import read_moment

blueprint = Blueprint("flag_change_requests_api", __name__, url_prefix="/api/v1")

CREATED = 201
PLANNED = ("scheduled", "in_review", "not_applied")


@blueprint.get("/change-requests")
@requires("view")
def index() -> Response:
    """`state` (several by commas), `flag`, `environment`, `page`."""
    states = [state for state in request.args.get("state", "").split(",") if state]
    flag, environment = request.args.get("flag", ""), request.args.get("environment", "")
    page = max(1, request.args.get("page", 1, type=int))
    with begin() as session:
        found = queries.listed(session, states, flag, environment, page=page)
    return jsonify(change_requests=[as_json(one) for one in found], page=page)


@blueprint.post("/change-requests")
@requires("flags.write", "environment", scoping.of_body)
def create() -> tuple[Response, int]:
    """title, environment, changes, apply_at, send (at once).

    Each change: flag and one of percent, enabled, strategies (with variants); revision, as the sender saw it.
    """
    body = _body()
    with writing() as session:
        made = commands.create(
            session,
            _text(body, "environment"),
            _text(body, "title"),
            _changes(body),
            clock.now(),
            who(),
            _hour(body),
        )
        if body.get("send"):
            commands.send(session, made.id, clock.now(), who())
        return jsonify(_shown(session, made)), CREATED


@blueprint.get("/change-requests/<int:request_id>")
@requires("view")
def detail(request_id: int) -> Response:
    with begin() as session:
        return jsonify(as_json(queries.one(session, request_id)))


@blueprint.patch("/change-requests/<int:request_id>")
@requires("flags.write", "environment", scoping.of_change_request)
def edit(request_id: int) -> Response:
    """title, apply_at (null: by hand); what is left out stays."""
    body = _body()
    with writing() as session:
        known = queries.one(session, request_id)
        title = _text(body, "title") if "title" in body else known.title
        at = _hour(body) if "apply_at" in body else known.apply_at
        return jsonify(_shown(session, commands.edit(session, request_id, title, at, clock.now(), who())))


@blueprint.post("/change-requests/<int:request_id>/changes")
@requires("flags.write", "environment", scoping.of_change_request)
def add(request_id: int) -> Response:
    change, seen = _change(_body())
    return _done(lambda s, now, me: commands.add(s, request_id, change, now, me, seen))


@blueprint.delete("/change-requests/<int:request_id>/changes/<int:change_id>")
@requires("flags.write", "environment", scoping.of_change_request)
def remove(request_id: int, change_id: int) -> Response:
    return _done(lambda s, now, me: commands.remove(s, request_id, change_id, now, me))


@blueprint.post("/change-requests/<int:request_id>/send")
@requires("flags.write", "environment", scoping.of_change_request)
def send(request_id: int) -> Response:
    return _done(lambda s, now, me: commands.send(s, request_id, now, me))


@blueprint.post("/change-requests/<int:request_id>/approve")
@requires("flags.approve", "environment", scoping.of_change_request)
def approve(request_id: int) -> Response:
    text = _comment()
    return _done(lambda s, now, me: commands.judge(s, request_id, "approve", text, now, me))


@blueprint.post("/change-requests/<int:request_id>/reject")
@requires("flags.approve", "environment", scoping.of_change_request)
def reject(request_id: int) -> Response:
    text = _comment()
    return _done(lambda s, now, me: commands.judge(s, request_id, "reject", text, now, me))


@blueprint.post("/change-requests/<int:request_id>/comments")
@requires("flags.write", "environment", scoping.of_change_request)
def comment(request_id: int) -> Response:
    text = _comment()
    return _done(lambda s, now, me: commands.judge(s, request_id, "comment", text, now, me))


@blueprint.post("/change-requests/<int:request_id>/rebase")
@requires("flags.write", "environment", scoping.of_change_request)
def rebase(request_id: int) -> Response:
    return _done(lambda s, now, me: commands.rebase(s, request_id, now, me))


@blueprint.post("/change-requests/<int:request_id>/apply")
@requires("flags.write", "environment", scoping.of_change_request)
def apply(request_id: int) -> Response:
    return _done(lambda s, now, me: commands.apply(s, request_id, now, me))


@blueprint.post("/change-requests/<int:request_id>/cancel")
@requires("flags.write", "environment", scoping.of_change_request)
def cancel(request_id: int) -> Response:
    return _done(lambda s, now, me: commands.cancel(s, request_id, now, me))


@blueprint.get("/scheduled-changes")
@requires("view")
def planned() -> Response:
    """Changes with an hour that are still to come, or were not made; `flag`, `environment`."""
    flag, environment = request.args.get("flag", ""), request.args.get("environment", "")
    with begin() as session:
        found = queries.listed(session, PLANNED, flag, environment)
    return jsonify(scheduled_changes=[as_json(one) for one in found if one.apply_at is not None])


@blueprint.post("/scheduled-changes")
@requires("flags.write", "environment", scoping.of_body)
def plan() -> tuple[Response, int]:
    """One change at an hour: flag, environment, apply_at, and percent | enabled | strategies, variants."""
    body = _body()
    change, seen = _change(body)
    at = _hour(body) or _missing_hour()
    title = _text(body, "title") if "title" in body else change.flag
    with writing() as session:
        made = commands.plan(
            session, _text(body, "environment"), title, [(change, seen)], at, clock.now(), who()
        )
        return jsonify(_shown(session, made)), CREATED


@blueprint.delete("/scheduled-changes/<int:request_id>")
@requires("flags.write", "environment", scoping.of_change_request)
def cancel_planned(request_id: int) -> Response:
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


def _body() -> dict[str, Any]:
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise Refused(_("Send a JSON object."))
    return body


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise Refused(_("The change request was not saved."), {name: _("Use a text.")})
    return value


def _comment() -> str:
    body = request.get_json(force=True, silent=True) if request.data else {}
    return _text(body, "text") if isinstance(body, dict) else ""


def _changes(body: dict[str, Any]) -> list[tuple[Change, int | None]]:
    found = body.get("changes", [])
    if not isinstance(found, list):
        raise Refused(_("The change request was not saved."), {"changes": _("this must be a list")})
    return [_change(one) for one in found]


def _change(raw: object) -> tuple[Change, int | None]:
    """With the revision that the sender saw, where it says so."""
    if not isinstance(raw, dict):
        raise Refused(_("The change was not kept."), {"changes": _("this must be an object")})
    seen = raw.get("revision")
    return rules.checked_change(raw.get("flag"), raw), seen if isinstance(seen, int) else None


def _hour(body: dict[str, Any]) -> datetime | None:
    text = body.get("apply_at")
    if text is None:
        return None
    at = read_moment(text) if isinstance(text, str) else None
    return at or _missing_hour()


def _missing_hour() -> datetime:
    raise Refused(_("Nothing was planned."), {"apply_at": _("Give a moment such as 2026-01-31T14:00:00Z.")})

"""Rollouts as JSON: everything that a page does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock
from app.db import begin, reporting
from app.errors import Refused
from app.events import publish_on_commit
from app.flags.flag import PRODUCTION
from app.guards import person, requires, token, who
from app.rollouts import commands, plan, preview, queries, recipes, scoping, showing, words
from app.rollouts.models import Rollout
from app.sources import sources
from app.ui.timerange import read_moment

blueprint = Blueprint("rollouts_api", __name__, url_prefix="/api/v1/rollouts")

Json = Mapping[str, Any]
TOPICS = ("rollouts", "flags", "timeline")


@contextmanager
def writing() -> Iterator[Session]:
    """A transaction; when it is committed, open pages hear of it."""
    with begin() as session:
        yield session
        for topic in TOPICS:
            publish_on_commit(session, sources().redis, topic)


@blueprint.get("")
@requires("view")
def index() -> Response:
    """`state=open`, `ended` or, without it, both; `flag` of one flag alone."""
    state, flag = request.args.get("state", ""), request.args.get("flag", "")
    now = clock.now()
    with begin() as session:
        rows = [
            *(queries.open_rollouts(session) if state != "ended" else ()),
            *(queries.ended_rollouts(session) if state != "open" else ()),
        ]
        found = [showing.as_json(row, now) for row in rows if flag in ("", row.flag)]
        frozen = queries.freeze(session)
    return jsonify(rollouts=found, freeze=showing.freeze_json(frozen))


@blueprint.post("")
@requires("rollouts.write", "environment", scoping.of_body)
def start() -> tuple[Response, int]:
    """`flag`, `plan` and optionally `environment` and `flag_revision`."""
    body, now = _body(), clock.now()
    with writing() as session:
        row = commands.start(
            session,
            _text(body, "flag"),
            _text(body, "environment") or PRODUCTION,
            body.get("plan"),
            now,
            who(),
            str(get_locale() or "en"),
            _whole(body, "flag_revision"),
        )
        told = showing.as_json(row, now)
    return jsonify(told), 201


@blueprint.get("/<int:number>")
@requires("view")
def one(number: int) -> Response:
    with begin() as session:
        row = queries.numbered(session, number)
        return jsonify(showing.as_json(row, clock.now(), queries.last_look(session, number)))


@blueprint.get("/<int:number>/decisions")
@requires("view")
def decisions(number: int) -> Response:
    with begin() as session:
        row = queries.numbered(session, number)
        found = [showing.decision_json(row, entry) for entry in queries.decisions(session, number)]
    return jsonify(decisions=found)


@blueprint.get("/templates")
@requires("view")
def templates() -> Response:
    now = clock.now()
    found = [
        {
            "key": one.key,
            "name": str(one.name),
            "about": str(one.about),
            "plan": plan.as_json(one.plan(now)),
            "sentence": words.sentence(one.plan(now)),
        }
        for one in recipes.RECIPES.values()
    ]
    return jsonify(templates=found)


@blueprint.post("/preview")
@requires("view")
def show_preview() -> Response:
    """What a plan would mean, before it is started: its sentence, and whom each step reaches."""
    now = clock.now()
    wanted = plan.checked(_body().get("plan"), now)
    with reporting() as session:
        reached = preview.reached(session, wanted, now)
    return jsonify(sentence=words.sentence(wanted), **reached.as_json())


@blueprint.post("/<int:number>/<action>")
@requires("rollouts.write", "environment", scoping.of_rollout)
def act(number: int, action: str) -> Response:
    """One of ACTIONS; with `version`, only if nobody did anything since."""
    body, now = _body(), clock.now()
    if action not in ACTIONS:
        raise Refused(
            _("There is no such action."),
            {"action": _("Choose one of: %(kinds)s.", kinds=", ".join(ACTIONS))},
        )
    with writing() as session:
        row = ACTIONS[action](session, number, _whole(body, "version"), now, who(), body)
        told = showing.as_json(row, now)
    return jsonify(told)


@blueprint.get("/freeze")
@requires("view")
def frozen() -> Response:
    with begin() as session:
        return jsonify(showing.freeze_json(queries.freeze(session)))


@blueprint.post("/freeze")
@requires("rollouts.write")
def freeze() -> Response:
    """`reason`. Frozen already, it stays as it is."""
    reason = _text(_body(), "reason")
    with writing() as session:
        commands.freeze(session, reason, clock.now(), who())
        return jsonify(showing.freeze_json(queries.freeze(session)))


@blueprint.post("/thaw")
@requires("rollouts.write")
def thaw() -> Response:
    with writing() as session:
        commands.thaw(session, clock.now(), who())
        return jsonify(showing.freeze_json(queries.freeze(session)))


Act = Callable[[Session, int, int | None, datetime, str, Json], Rollout]


def _with_reason(command: Callable[..., Rollout]) -> Act:
    def act(
        session: Session, number: int, version: int | None, now: datetime, name: str, body: Json
    ) -> Rollout:
        return command(session, number, version, now, name, _text(body, "reason"))

    return act


def _approve(
    session: Session, number: int, version: int | None, now: datetime, name: str, body: Json
) -> Rollout:
    step = _whole(body, "step")
    return commands.approve(session, number, version, now, name, role(), None if step is None else step - 1)


def _override(
    session: Session, number: int, version: int | None, now: datetime, name: str, body: Json
) -> Rollout:
    until = read_moment(_text(body, "until"))
    if until is None:
        raise Refused(_("The budget was not overridden."), {"until": _("Give a time.")})
    return commands.override(session, number, version, now, name, _text(body, "reason"), until)


ACTIONS: Mapping[str, Act] = {
    "pause": _with_reason(commands.pause),
    "resume": _with_reason(commands.resume),
    "advance": _with_reason(commands.advance),
    "roll-back": _with_reason(commands.roll_back),
    "finish": _with_reason(commands.finish),
    "abort": _with_reason(commands.abort),
    "approve": _approve,
    "override": _override,
}


def role() -> str:
    """Of the person or token that makes this request."""
    holder = person() or token()
    return (holder.role if holder else None) or ""


def _body() -> Json:
    found = request.get_json(force=True, silent=True) if request.get_data() else {}
    if not isinstance(found, dict):
        raise Refused(_("Send a JSON object."))
    return found


def _text(body: Json, name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str) or "\x00" in value or len(value) > 1_000:
        raise Refused(_("Nothing was changed."), {name: _("Give a text.")})
    return value


def _whole(body: Json, name: str) -> int | None:
    value = body.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or abs(value) > 2**62):
        raise Refused(_("Nothing was changed."), {name: _("Give a whole number.")})
    return value

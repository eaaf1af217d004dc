"""What a flag does in one environment, as JSON: moved, switched, killed, copied, and asked with reasons."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock
from app.db import begin
from app.errors import NotFound
from app.flags import admin_json, commands, playground, queries, reasons
from app.flags import flag_shapes as shapes
from app.flags.changes import changes
from app.flags.pages import writing
from app.flags.playground import Shown
from app.flags.requests import body, matching, seen
from app.flags.rows import State
from app.guards import requires, who
from app.openapi.operation import operation

blueprint = Blueprint("flag_states_api", __name__, url_prefix="/api/v1/flags")

Json = dict[str, Any]
STATE = {200: shapes.STATE}


@blueprint.get("/<name>/environments/<environment>")
@requires("view")
@operation(answers=STATE)
def detail(name: str, environment: str) -> Response:
    """What a flag does in one environment."""
    with begin() as session:
        return _answer(session, name, environment)


@blueprint.patch("/<name>/environments/<environment>")
@requires("flags.write", "environment")
@operation(body=shapes.STATE_CHANGES, answers=STATE)
def patch(name: str, environment: str) -> Response:
    """Change strategies, variants, percent, enabled in one step: all of them or none.

    The revision that was seen: If-Match (412) or `revision` (409).
    """
    wanted = body()

    def change(session: Session, now: datetime, me: str) -> None:
        expected = seen(wanted)
        if "strategies" in wanted or "variants" in wanted:
            found = _state(session, name, environment)
            strategies = wanted.get("strategies", list(found.strategies))
            variants = wanted.get("variants", list(found.variants))
            commands.set_targeting(session, name, environment, strategies, variants, now, me, expected)
            expected = None
        if "percent" in wanted:
            commands.set_percent(session, name, environment, wanted["percent"], now, me, expected)
            expected = None
        if "enabled" in wanted or expected is not None:
            enabled = wanted.get("enabled", _state(session, name, environment).enabled)
            commands.set_enabled(session, name, environment, enabled, now, me, expected)

    return _write(name, environment, change)


@blueprint.post("/<name>/environments/<environment>/on")
@requires("flags.write", "environment")
@operation(body=shapes.SEEN, body_may_be_left_out=True, answers=STATE)
def turn_on(name: str, environment: str) -> Response:
    """On for whom its strategies say."""
    return _switch(name, environment, True)


@blueprint.post("/<name>/environments/<environment>/off")
@requires("flags.write", "environment")
@operation(body=shapes.SEEN, body_may_be_left_out=True, answers=STATE)
def turn_off(name: str, environment: str) -> Response:
    """Off for everybody."""
    return _switch(name, environment, False)


@blueprint.post("/<name>/environments/<environment>/kill")
@requires("flags.write", "environment")
@operation(answers=STATE)
def kill(name: str, environment: str) -> Response:
    """Off for everybody, whatever others are editing and whoever would have to approve."""
    return _write(name, environment, lambda s, now, me: commands.kill(s, name, environment, now, me))


@blueprint.get("/<name>/environments/<environment>/copy")
@requires("view")
@operation(query=shapes.FROM, required=("from",), answers={200: shapes.COPY_PREVIEW})
def preview_copy(name: str, environment: str) -> Response:
    """What a copy of another environment's (`from`) strategies and variants would change here."""
    with begin() as session:
        source = _state(session, name, request.args["from"])
        target = _state(session, name, environment)
    before = {"enabled": True, "strategies": target.strategies, "variants": target.variants}  # once it is on
    after = before | {"strategies": source.strategies, "variants": source.variants}
    lines = [
        {
            "name": str(line.name),
            "before": line.before and str(line.before),
            "after": line.after and str(line.after),
        }
        for line in changes(before, after)
    ]
    return jsonify(changes=lines, revision=target.revision)


@blueprint.post("/<name>/environments/<environment>/copy")
@requires("flags.write", "environment")
@operation(body=shapes.COPY, answers=STATE)
def copy(name: str, environment: str) -> Response:
    """Take over the strategies and variants of the environment `from`; on or off stays."""
    wanted = body()
    source, expected = wanted["from"], seen(wanted)
    return _write(
        name,
        environment,
        lambda s, now, me: commands.copy_state(s, name, source, environment, now, me, expected),
    )


@blueprint.get("/<name>/evaluate")
@requires("view")
@operation(query=shapes.CONTEXT, answers={200: shapes.EVALUATED})
def evaluate(name: str) -> Response:
    """What SDKs answer to a context (the query, as fields), and why; `environment` says where."""
    shown = [one for one in _played() if one.name == name]
    if not shown:
        raise NotFound(_("There is no flag of this name."))
    return jsonify(_shown(shown[0]))


@blueprint.get("/evaluate")
@requires("view")
@operation(query=shapes.CONTEXT, answers={200: shapes.ALL_EVALUATED}, problems=(404,))
def evaluate_all() -> Response:
    """What SDKs answer to a context of all flags, and why."""
    return jsonify(flags=[_shown(one) for one in _played()])


@blueprint.post("/evaluate")
@requires("view")
@operation(body=shapes.ASKED, answers={200: shapes.ALL_EVALUATED})
def evaluate_body() -> Response:
    """What SDKs answer to a context, sent as JSON, of all flags or of some."""
    wanted = body()
    context, names = wanted.get("context") or {}, wanted.get("flags")
    found = _play(context, wanted.get("environment", ""))
    return jsonify(flags=[_shown(one) for one in found if names is None or one.name in names])


def _played() -> list[Shown]:
    fields = {key: value for key, value in request.args.items() if key != "environment"}
    return _play(fields, request.args.get("environment", ""))


def _play(context: Json, environment: str) -> list[Shown]:
    with begin() as session:
        place = queries.place(session, environment or "production").name
        return playground.play(session, place, {"environment": place} | context, clock.now())


def _shown(one: Shown) -> Json:
    """Nulls in `answer` where SDKs take none of these flags."""
    answer = one.answer
    return {
        "name": one.name,
        "enabled": answer.is_enabled if answer else None,
        "variant": {
            "name": answer.variant.name,
            "enabled": answer.variant.is_enabled,
            "payload": answer.variant.payload,
        }
        if answer
        else None,
        "impression_data": answer.impression_data if answer else None,
        "because": reasons.because(one.why),
        "why": admin_json.explanation(one.why),
    }


def _switch(name: str, environment: str, enabled: bool) -> Response:
    expected = seen(body())

    def change(session: Session, now: datetime, me: str) -> None:
        commands.set_enabled(session, name, environment, enabled, now, me, expected)

    return _write(name, environment, change)


def _write(name: str, environment: str, change: Callable[[Session, datetime, str], object]) -> Response:
    with writing() as session:
        with matching():
            change(session, clock.now(), who())
        return _answer(session, name, environment)


def _answer(session: Session, name: str, environment: str) -> Response:
    found = _state(session, name, environment)
    response = jsonify(admin_json.state(found))
    response.headers["ETag"] = f'"{found.revision}"'
    return response


def _state(session: Session, name: str, environment: str) -> State:
    found = queries.one(session, name, clock.now()).states.get(environment)
    if found is None:
        raise NotFound(_("There is no flag %(name)s in %(environment)s.", name=name, environment=environment))
    return found

"""Rollouts as JSON: everything that a page does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint, Response, jsonify, request, url_for
from flask_babel import get_locale
from sqlalchemy.orm import Session

from app import clock, paging
from app.db import begin, reporting
from app.events import publish_on_commit
from app.flags.flag import PRODUCTION
from app.guards import requires, who
from app.openapi.operation import operation
from app.openapi.shapes import PAGING
from app.rollouts import commands, plan, preview, queries, recipes, scoping, showing, words
from app.rollouts import rollout_shapes as shapes
from app.rollouts.actions import ACTIONS
from app.rollouts.models import RolloutDecision
from app.sources import sources

blueprint = Blueprint("rollouts_api", __name__, url_prefix="/api/v1/rollouts")

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
@operation(query=shapes.LISTED, answers={200: shapes.ROLLOUTS})
def index() -> Response:
    """All rollouts, those on their way first; `state` and `flag` ask for some of them."""
    now, asked = clock.now(), request.args
    with begin() as session:
        wanted = queries.wanted(asked.get("state", ""), asked.get("flag", ""))
        page = paging.of_select(session, wanted, *queries.OPEN_FIRST)
        frozen = showing.freeze_json(queries.freeze(session))
        return paging.answer("rollouts", page, lambda row: showing.as_json(row, now), freeze=frozen)


@blueprint.post("")
@requires("rollouts.write", "environment", scoping.of_body)
@operation(body=shapes.START, answers={201: shapes.ROLLOUT})
def start() -> Response:
    """Begin a rollout, at once with its first step. 409 where one moves the flag already."""
    body, now = request.get_json(), clock.now()
    with writing() as session:
        row = commands.start(
            session,
            body["flag"],
            body.get("environment") or PRODUCTION,
            body["plan"],
            now,
            who(),
            str(get_locale() or "en"),
            body.get("flag_revision"),
        )
        response = jsonify(showing.as_json(row, now))
    response.status_code = 201
    response.headers["Location"] = url_for("rollouts_api.one", number=row.id)
    return response


@blueprint.get("/<int:number>")
@requires("view")
@operation(answers={200: shapes.ROLLOUT})
def one(number: int) -> Response:
    """One rollout, with what its guards said at the last look."""
    with begin() as session:
        row = queries.numbered(session, number)
        return jsonify(showing.as_json(row, clock.now(), queries.last_look(session, number)))


@blueprint.get("/<int:number>/decisions")
@requires("view")
@operation(query=PAGING, answers={200: shapes.DECISIONS})
def decisions(number: int) -> Response:
    """Everything that was decided and why, the newest first."""
    newest = (RolloutDecision.at.desc(), RolloutDecision.id.desc())
    with begin() as session:
        row = queries.numbered(session, number)
        page = paging.of_select(session, queries.decisions_of(number), *newest)
        return paging.answer("decisions", page, lambda entry: showing.decision_json(row, entry))


@blueprint.get("/templates")
@requires("view")
@operation(answers={200: shapes.TEMPLATES})
def templates() -> Response:
    """Plans to begin from."""
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
@operation(body=shapes.PREVIEW_OF, answers={200: shapes.PREVIEW})
def show_preview() -> Response:
    """What a plan would mean, before it is started: its sentence, and whom each step reaches."""
    now = clock.now()
    wanted = plan.checked(request.get_json()["plan"], now)
    with reporting() as session:
        reached = preview.reached(session, wanted, now)
    return jsonify(sentence=words.sentence(wanted), **reached.as_json())


@blueprint.post("/<int:number>/pause")
@requires("rollouts.write", "environment", scoping.of_rollout)
@operation(body=shapes.ACT, body_may_be_left_out=True, answers={200: shapes.ROLLOUT})
def pause(number: int) -> Response:
    """Take no step until somebody resumes it."""
    return _act(number, "pause")


@blueprint.post("/<int:number>/resume")
@requires("rollouts.write", "environment", scoping.of_rollout)
@operation(body=shapes.ACT, body_may_be_left_out=True, answers={200: shapes.ROLLOUT})
def resume(number: int) -> Response:
    """Go on from the step it stands at; after harm a reason is needed."""
    return _act(number, "resume")


@blueprint.post("/<int:number>/advance")
@requires("rollouts.write", "environment", scoping.of_rollout)
@operation(body=shapes.ACT_WITH_REASON, answers={200: shapes.ROLLOUT})
def advance(number: int) -> Response:
    """The next step now, without waiting for the evidence."""
    return _act(number, "advance")


@blueprint.post("/<int:number>/roll-back")
@requires("rollouts.write", "environment", scoping.of_rollout)
@operation(body=shapes.ACT, body_may_be_left_out=True, answers={200: shapes.ROLLOUT})
def roll_back(number: int) -> Response:
    """The flag as it was before, at once, and the rollout is over."""
    return _act(number, "roll-back")


@blueprint.post("/<int:number>/finish")
@requires("rollouts.write", "environment", scoping.of_rollout)
@operation(body=shapes.ACT_WITH_REASON, answers={200: shapes.ROLLOUT})
def finish(number: int) -> Response:
    """Done as it stands: the flag stays where it is, and nobody watches it any more."""
    return _act(number, "finish")


@blueprint.post("/<int:number>/abort")
@requires("rollouts.write", "environment", scoping.of_rollout)
@operation(body=shapes.ACT, body_may_be_left_out=True, answers={200: shapes.ROLLOUT})
def abort(number: int) -> Response:
    """Over, unfinished: the flag stays where it is."""
    return _act(number, "abort")


@blueprint.post("/<int:number>/approve")
@requires("rollouts.write", "environment", scoping.of_rollout)
@operation(body=shapes.APPROVAL, body_may_be_left_out=True, answers={200: shapes.ROLLOUT})
def approve(number: int) -> Response:
    """Agree to the next step, before it is due or when it is; never to one's own rollout."""
    return _act(number, "approve")


@blueprint.post("/<int:number>/override")
@requires("rollouts.write", "environment", scoping.of_rollout)
@operation(body=shapes.OVERRIDE, answers={200: shapes.ROLLOUT})
def override(number: int) -> Response:
    """New steps although the error budget is gone: somebody's name, reason and time stand for it."""
    return _act(number, "override")


@blueprint.get("/freeze")
@requires("view")
@operation(answers={200: shapes.FREEZE})
def frozen() -> Response:
    """Whether all rollouts are frozen, and why."""
    with begin() as session:
        return jsonify(showing.freeze_json(queries.freeze(session)))


@blueprint.post("/freeze")
@requires("rollouts.write")
@operation(body=shapes.FREEZING, answers={200: shapes.FREEZE})
def freeze() -> Response:
    """Nothing new begins in any rollout. Frozen already, it stays as it is."""
    reason = request.get_json()["reason"]
    with writing() as session:
        commands.freeze(session, reason, clock.now(), who())
        return jsonify(showing.freeze_json(queries.freeze(session)))


@blueprint.post("/thaw")
@requires("rollouts.write")
@operation(answers={200: shapes.FREEZE})
def thaw() -> Response:
    """Rollouts may go on."""
    with writing() as session:
        commands.thaw(session, clock.now(), who())
        return jsonify(showing.freeze_json(queries.freeze(session)))


def _act(number: int, action: str) -> Response:
    """With `version`, only if nobody did anything since."""
    said, now = request.get_json() if request.data else {}, clock.now()
    with writing() as session:
        return jsonify(showing.as_json(ACTIONS[action](session, number, now, said), now))

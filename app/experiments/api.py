"""Experiments as JSON, and the statistics for anybody's numbers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for
from flask_babel import gettext as _

from app import clock, paging
from app.db import begin
from app.errors import Conflict
from app.events import publish_on_commit
from app.experiments import answers, commands, evaluating, moments_shapes, queries
from app.experiments import experiment_shapes as shapes
from app.experiments.definition import plain, read
from app.guards import requires, who
from app.openapi.operation import operation
from app.openapi.shapes import text
from app.sources import sources

blueprint = Blueprint("experiments_api", __name__, url_prefix="/api/v1/experiments")


@blueprint.post("/evaluate")
@requires("view")
@operation(body=moments_shapes.ASKED, answers={200: shapes.EVALUATION})
def evaluate() -> Response:
    """Counts or moments in, the same answer as a page's out; nothing is stored."""
    return jsonify(evaluating.evaluate(request.get_json()))


@blueprint.get("")
@requires("view")
@operation(query=shapes.LISTED, answers={200: shapes.EXPERIMENTS})
def index() -> Response:
    """All experiments, the running ones first; `flag` asks for those of one flag."""
    now = clock.now()
    with begin() as session:
        found = queries.experiments(session, request.args.get("flag"))
        page = paging.of_list(found, lambda one: (queries.ORDER.index(one.state), -one.id))
        return paging.answer(
            "experiments", page, lambda one: answers.experiment(queries.results(session, one, now))
        )


@blueprint.post("")
@requires("experiments.write")
@operation(body=shapes.DRAFT, answers={201: shapes.EXPERIMENT})
def create() -> Response:
    """A draft; it counts nobody before it is started."""
    with begin() as session:
        made = commands.create(session, read(request.get_json()), clock.now(), who())
        response = _answer(session, made)
    response.status_code = 201
    response.headers["Location"] = url_for("experiments_api.show", number=made.id)
    return response


@blueprint.get("/<int:number>")
@requires("view")
@operation(answers={200: shapes.WITH_RESULTS})
def show(number: int) -> Response:
    """The plan, the moments and the results."""
    with begin() as session:
        found = queries.results(session, queries.get(session, number), clock.now())
        return jsonify(answers.with_results(found))


@blueprint.get("/<int:number>/results.csv")
@requires("view")
@operation(answers={200: text("A line a metric and variant.")}, gives={200: "text/csv"}, problems=(409,))
def results_csv(number: int) -> Response:
    """The results as a table, at full precision; 409 while nothing is counted."""
    with begin() as session:
        found = queries.results(session, queries.get(session, number), clock.now())
    if found.analysis is None:
        raise Conflict(_("Nothing is counted yet."))
    headers = {"Content-Disposition": f"attachment; filename=experiment-{number}.csv"}
    return Response(answers.as_csv(found.analysis), mimetype="text/csv", headers=headers)


@blueprint.put("/<int:number>")
@requires("experiments.write")
@operation(body=shapes.REPLACEMENT, answers={200: shapes.EXPERIMENT})
def replace(number: int) -> Response:
    """The whole plan, with the `revision` it was read at; fields that are left out take their defaults."""
    body = request.get_json()
    revision = _revision(body)
    with begin() as session:
        made = commands.edit(session, number, revision, read(body), clock.now(), who())
        return _answer(session, made)


@blueprint.patch("/<int:number>")
@requires("experiments.write")
@operation(body=shapes.CHANGES, answers={200: shapes.EXPERIMENT})
def change(number: int) -> Response:
    """Some fields of the plan; the others stay."""
    body = request.get_json()
    revision = _revision(body)
    with begin() as session:
        before = plain(read(queries.get(session, number).definition))
        made = commands.edit(session, number, revision, read({**before, **body}), clock.now(), who())
        return _answer(session, made)


@blueprint.post("/<int:number>/start")
@requires("experiments.write")
@operation(body=shapes.SEEN, body_may_be_left_out=True, answers={200: shapes.EXPERIMENT})
def start(number: int) -> Response:
    """Count shoppers from now on; what decides is fixed then."""
    revision = _revision(_body())
    with begin() as session:
        return _answer(session, commands.start(session, number, revision, clock.now(), who()))


@blueprint.post("/<int:number>/stop")
@requires("experiments.write")
@operation(body=shapes.SEEN, body_may_be_left_out=True, answers={200: shapes.EXPERIMENT})
def stop(number: int) -> Response:
    """Shoppers who come later do not count any more."""
    revision = _revision(_body())
    with begin() as session:
        return _answer(session, commands.stop(session, number, revision, clock.now(), who()))


@blueprint.post("/<int:number>/decide")
@requires("experiments.write")
@operation(body=shapes.DECISION, answers={200: shapes.EXPERIMENT})
def decide(number: int) -> Response:
    """Say what comes of it, the `variant` where one is shipped, and why."""
    body = request.get_json()
    revision = _revision(body)
    with begin() as session:
        return _answer(session, commands.decide(session, number, revision, body, clock.now(), who()))


@blueprint.delete("/<int:number>")
@requires("experiments.write")
@operation(query=shapes.SEEN_BY_QUERY, answers={204: None})
def remove(number: int) -> tuple[str, int]:
    """Only a draft: what has run stays on record."""
    with begin() as session:
        commands.remove(session, number, _revision(dict(request.args)), clock.now(), who())
        _publish(session)
    return "", 204


def _answer(session: Any, made: Any) -> Response:
    _publish(session)
    return jsonify(answers.experiment(queries.results(session, made, clock.now())))


def _publish(session: Any) -> None:
    publish_on_commit(session, sources().redis, "experiments")


def _body() -> dict[str, Any]:
    """Of a request whose body may be left out."""
    return request.get_json() if request.data else {}


def _revision(body: dict[str, Any]) -> int | None:
    """Taken out of the body. None: whatever it is now."""
    value = body.pop("revision", None)
    return None if value is None else int(value)

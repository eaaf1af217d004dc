"""Experiments as JSON, and the statistics for anybody's numbers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _

from app import clock
from app.db import begin
from app.errors import Conflict, Refused
from app.events import publish_on_commit
from app.experiments import answers, commands, evaluating, queries
from app.experiments.definition import plain, read
from app.guards import requires, who
from app.sources import sources

blueprint = Blueprint("experiments_api", __name__, url_prefix="/api/v1/experiments")


@blueprint.post("/evaluate")
@requires("view")
def evaluate() -> Response:
    """Counts or moments in, the same answer as a page's out; nothing is stored."""
    return jsonify(evaluating.evaluate(_body()))


@blueprint.get("")
@requires("view")
def index() -> Response:
    """All, the running ones first; `flag` asks for those of one flag."""
    with begin() as session:
        found = queries.all_results(session, clock.now(), request.args.get("flag"))
        return jsonify(experiments=[answers.experiment(one) for one in found])


@blueprint.post("")
@requires("experiments.write")
def create() -> tuple[Response, int]:
    with begin() as session:
        made = commands.create(session, read(_body()), clock.now(), who())
        _publish(session)
        return jsonify(answers.experiment(queries.results(session, made, clock.now()))), 201


@blueprint.get("/<int:number>")
@requires("view")
def show(number: int) -> Response:
    """The plan, the moments and the results."""
    with begin() as session:
        found = queries.results(session, queries.get(session, number), clock.now())
        return jsonify(answers.with_results(found))


@blueprint.get("/<int:number>/results.csv")
@requires("view")
def results_csv(number: int) -> Response:
    with begin() as session:
        found = queries.results(session, queries.get(session, number), clock.now())
    if found.analysis is None:
        raise Conflict(_("Nothing is counted yet."))
    headers = {"Content-Disposition": f"attachment; filename=experiment-{number}.csv"}
    return Response(answers.as_csv(found.analysis), mimetype="text/csv", headers=headers)


@blueprint.put("/<int:number>")
@requires("experiments.write")
def replace(number: int) -> Response:
    """The whole plan, with the `revision` it was read at; fields that are left out take their defaults."""
    body = _body()
    revision = _revision(body)
    with begin() as session:
        made = commands.edit(session, number, revision, read(body), clock.now(), who())
        return _answer(session, made)


@blueprint.patch("/<int:number>")
@requires("experiments.write")
def change(number: int) -> Response:
    """Some fields of the plan; the others stay."""
    body = _body()
    revision = _revision(body)
    with begin() as session:
        before = plain(read(queries.get(session, number).definition))
        made = commands.edit(session, number, revision, read({**before, **body}), clock.now(), who())
        return _answer(session, made)


@blueprint.post("/<int:number>/start")
@requires("experiments.write")
def start(number: int) -> Response:
    revision = _revision(_body() if request.data else {})
    with begin() as session:
        return _answer(session, commands.start(session, number, revision, clock.now(), who()))


@blueprint.post("/<int:number>/stop")
@requires("experiments.write")
def stop(number: int) -> Response:
    revision = _revision(_body() if request.data else {})
    with begin() as session:
        return _answer(session, commands.stop(session, number, revision, clock.now(), who()))


@blueprint.post("/<int:number>/decide")
@requires("experiments.write")
def decide(number: int) -> Response:
    """`decision` (ship, keep, inconclusive), `variant` where one is shipped, and `reason`."""
    body = _body()
    revision = _revision(body)
    with begin() as session:
        return _answer(session, commands.decide(session, number, revision, body, clock.now(), who()))


@blueprint.delete("/<int:number>")
@requires("experiments.write")
def remove(number: int) -> tuple[str, int]:
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
    body = request.get_json(silent=True, force=True)
    if not isinstance(body, dict):
        raise Refused(_("Send a JSON object."))
    return body


def _revision(body: dict[str, Any]) -> int | None:
    """Taken out of the body. None: whatever it is now."""
    value = body.pop("revision", None)
    if value is None:
        return None
    if isinstance(value, bool) or not str(value).isdecimal() or len(str(value)) > 9:
        raise Refused(_("Send the revision that you have read."), {"revision": _("Give a whole number.")})
    return int(value)

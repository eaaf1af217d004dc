"""OFREP 0.3 under /ofrep/v1: any OpenFeature SDK asks us without knowing who we are."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import HTTPException

from app.errors import Problem, Refused, Unavailable
from app.flags import ofrep, wire
from app.flags.bodies import json_body
from app.flags.cors import open_to_origins
from app.flags.ofrep import Unanswerable
from app.flags.serving import sdk_query, serving, tagged
from app.guards import requires_token

blueprint = Blueprint("flags_ofrep", __name__, url_prefix="/ofrep/v1")
open_to_origins(blueprint)

Json = dict[str, Any]
RETRY_AFTER_SECONDS = 5


@blueprint.post("/evaluate/flags/<path:key>")
@requires_token("client", "frontend")
def evaluate(key: str) -> Response:
    context = _context()
    judge = serving().feed.judge(sdk_query())
    feature = judge.features.get(key)
    if feature is None:
        details = _l("There is no flag %(name)s.", name=key)
        return _json(ofrep.failure(ofrep.FLAG_NOT_FOUND, details, key), 404)
    told = ofrep.success(feature, judge.one(key, context), judge.revision)
    return _json(told, 400 if "errorCode" in told else 200)


@blueprint.post("/evaluate/flags")
@requires_token("client", "frontend")
def evaluate_all() -> Response:
    """Every flag for one context. The ETag stands for the answer, since dates and lots belong to it."""
    context = _context()
    judge = serving().feed.judge(sdk_query())
    flags = [
        ofrep.success(judge.features[answer.name], answer, judge.revision) for answer in judge.all(context)
    ]
    return tagged(_json({"flags": flags, "metadata": {"revision": judge.revision}}, 200))


def _context() -> Json:
    """The environment is that of the token, whatever the context says."""
    return {**ofrep.context_of(json_body()), "environment": sdk_query().environment}


def _json(body: Json, status: int) -> Response:
    response = Response(wire.dumps(body), status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-cache"
    return response


def _key() -> str | None:
    return (request.view_args or {}).get("key")


@blueprint.errorhandler(Unanswerable)
def _unanswerable(problem: Unanswerable) -> Response:
    return _json(ofrep.failure(problem.code, problem.details, _key()), 400)


@blueprint.errorhandler(Problem)
def _problem(problem: Problem) -> Response:
    status = 400 if isinstance(problem, Refused) else problem.status
    code = ofrep.PARSE_ERROR if status == 400 else ofrep.GENERAL
    response = _json(ofrep.failure(code, problem, _key()), status)
    if isinstance(problem, Unavailable):
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


@blueprint.errorhandler(HTTPException)
def _http(error: HTTPException) -> Response:
    return _json(ofrep.failure(ofrep.GENERAL, error.name, _key()), error.code or 500)

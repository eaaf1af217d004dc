"""The Unleash frontend API under /api/frontend: browsers and apps that let us evaluate, with a token that
may be public.
"""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from app import clock
from app.errors import Refused
from app.flags import reports, wire
from app.flags.bodies import json_body
from app.flags.cors import open_to_origins
from app.flags.evaluator import Answer
from app.flags.serving import sdk_query, sdk_token, serving, tagged
from app.guards import requires_token

blueprint = Blueprint("flags_frontend", __name__, url_prefix="/api/frontend")
open_to_origins(blueprint)

Json = dict[str, Any]
PROPERTY = re.compile(r"properties\[(.{1,200})\]")
MOST_PROPERTIES = 500


@blueprint.get("")
@requires_token("frontend")
def toggles() -> Response:
    """The context stands in the query: userId=…&properties[plan]=…"""
    return _answer(context_of_query(request.args))


@blueprint.post("")
@requires_token("frontend")
def toggles_for_body() -> Response:
    """The context stands in the body, as such or as its member `context`."""
    body = json_body()
    context = body.get("context", body) if isinstance(body, dict) else None
    if not isinstance(context, dict):
        raise Refused(_l("Send an object with the context."))
    return _answer(context)


@blueprint.post("/client/register")
@requires_token("frontend")
def register() -> Response:
    instance = reports.instance_of_registration(json_body(), request.headers.get)
    serving().tally.saw(sdk_token().environment, instance, clock.now())
    return Response(status=200)


@blueprint.post("/client/metrics")
@requires_token("frontend")
def metrics() -> Response:
    now = clock.now()
    serving().tally.count(sdk_token().environment, reports.report_of(json_body(), now), now)
    return Response(status=200)


def context_of_query(asked: MultiDict[str, str]) -> Json:
    """Names that the protocol does not know are properties too."""
    properties = {}
    plain = {}
    for name, value in list(asked.items())[:MOST_PROPERTIES]:
        nested = PROPERTY.fullmatch(name)
        if nested is None:
            plain[name] = value
        else:
            properties[nested[1]] = value
    return {**plain, "properties": properties}


def _answer(context: Json) -> Response:
    query = sdk_query()
    judge = serving().feed.judge(query)
    asked = {**context, "environment": query.environment}
    answers = [as_json(answer) for answer in judge.all(asked) if answer.is_enabled]
    return tagged(Response(wire.dumps({"toggles": answers}), mimetype="application/json"))


def as_json(answer: Answer) -> Json:
    variant: Json = {
        "name": answer.variant.name,
        "enabled": answer.variant.is_enabled,
        "feature_enabled": answer.variant.is_feature_enabled,
    }
    if answer.variant.payload is not None:
        variant["payload"] = answer.variant.payload
    return {
        "name": answer.name,
        "enabled": True,
        "variant": variant,
        "impressionData": answer.impression_data,
    }

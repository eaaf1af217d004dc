"""The document itself, for whoever makes clients of it."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify, request

from app.guards import requires
from app.openapi.document import document
from app.openapi.operation import operation
from app.openapi.shapes import anything, one_of
from app.sources import sources

blueprint = Blueprint("openapi_api", __name__, url_prefix="/api/v1")

READERS = {"clients": "parameters", "tests": "x-parameters"}


@blueprint.get("/openapi.json")
@requires("view")
@operation(
    query={
        "for": one_of(
            *READERS,
            about="clients: headers whose value was sent or answered before (Idempotency-Key, If-Match, "
            "If-None-Match) are among the parameters; tests, and without it: under `x-parameters`.",
        )
    },
    answers={200: anything("An OpenAPI 3.1 document.", example={"openapi": "3.1.0"})},
)
def show() -> Response:
    """This document."""
    remembered = READERS[request.args.get("for", "tests")]
    made = current_app.extensions.setdefault("openapi", {})
    if remembered not in made:
        made[remembered] = document(current_app, sources().config.control_url, remembered)
    return jsonify(made[remembered])

"""The document itself, for whoever makes clients of it."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify

from app.guards import requires
from app.openapi.document import document
from app.openapi.operation import operation
from app.openapi.shapes import anything
from app.sources import sources

blueprint = Blueprint("openapi_api", __name__, url_prefix="/api/v1")


@blueprint.get("/openapi.json")
@requires("view")
@operation(answers={200: anything("An OpenAPI 3.1 document.", example={"openapi": "3.1.0"})})
def show() -> Response:
    """This document."""
    made = current_app.extensions.get("openapi")
    if made is None:
        made = current_app.extensions["openapi"] = document(current_app, sources().config.control_url)
    return jsonify(made)

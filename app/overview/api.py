"""The data of the first page's chart."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from app import clock
from app.db import begin
from app.guards import requires
from app.openapi.operation import operation
from app.overview import queries
from app.ui.shapes import CHART, RANGE
from app.ui.timerange import read_range

blueprint = Blueprint("overview_api", __name__, url_prefix="/api/v1/overview")


@blueprint.get("/latency")
@requires("view")
@operation(query=RANGE, answers={200: CHART})
def latency() -> Response:
    """How long shoppers waited, and what happened meanwhile."""
    with begin() as session:
        return jsonify(queries.latency_chart(session, read_range(request.args, clock.now(), queries.RANGE)))

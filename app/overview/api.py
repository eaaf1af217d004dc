"""The data of the first page's chart."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from app import clock
from app.db import begin
from app.guards import requires
from app.overview import queries
from app.ui.timerange import read_range

blueprint = Blueprint("overview_api", __name__, url_prefix="/api/v1/overview")


@blueprint.get("/latency")
@requires("view")
def latency() -> Response:
    with begin() as session:
        return jsonify(queries.latency_chart(session, read_range(request.args, clock.now(), queries.RANGE)))

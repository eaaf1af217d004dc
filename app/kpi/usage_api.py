"""Usage events by JSON."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from flask_babel import lazy_gettext as _l

from app import clock
from app.db import begin
from app.errors import Malformed
from app.guards import requires
from app.kpi import event_import
from app.kpi.api_shapes import EVENTS, EVENTS_TAKEN
from app.openapi.operation import JSON, operation

blueprint = Blueprint("usage_api", __name__, url_prefix="/api/v1/usage-events")


@blueprint.post("")
@requires("kpi.write")
@operation(takes={JSON: EVENTS}, answers={202: EVENTS_TAKEN})
def take() -> tuple[Response, int]:
    """Take in at most 1,000 usage events; each id counts once.

    Events that cannot be understood are refused one by one, by their place in the list; the others are taken.
    So the shape is not held against the body: each event is read once, here.
    """
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Malformed(
            _l("Nothing was taken in."), {"events": _l("Send a JSON object with a list of events.")}
        )
    with begin() as session:
        report = event_import.take_batch(session, body.get("events"), clock.now())
    refused = [{"index": index, "reason": why} for index, why in report.reasons]
    told = {"accepted": report.kinds["taken"], "duplicates": report.kinds["known"]}
    return jsonify({**told, "refused_count": report.refused, "refused": refused}), 202

"""Who gets the weekly and monthly report by mail, as JSON."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request, url_for

from app import clock, paging
from app.db import begin
from app.guards import requires, who
from app.openapi.operation import operation
from app.openapi.shapes import PAGING
from app.slo import objective_shapes as shapes
from app.slo import report_commands, report_queries
from app.slo.models import SloReportRecipient

blueprint = Blueprint("slo_reports_api", __name__, url_prefix="/api/v1/slo-report-recipients")

OF = shapes.RECIPIENT["properties"]


@blueprint.get("")
@requires("view")
@operation(query=PAGING, answers={200: shapes.RECIPIENTS})
def index() -> Response:
    """Everybody who gets the report."""
    with begin() as session:
        found = report_queries.recipients(session)
        page = paging.of_list(found, lambda one: (one.kind, one.email))
        return paging.answer("recipients", page, _recipient)


@blueprint.post("")
@requires("slo.write")
@operation(body=shapes.RECIPIENT, answers={201: shapes.RECIPIENT})
def add() -> Response:
    """Somebody gets the report, from the first period that ends from now on; 409: she has it already."""
    body = request.get_json()
    kind, language = body["kind"], body["language"]
    with begin() as session:
        email = report_commands.add_recipient(session, kind, body["email"], language, who(), clock.now())
    response = jsonify(kind=kind, email=email, language=language)
    response.status_code = 201
    response.headers["Location"] = url_for("slo_reports_api.index")
    return response


@blueprint.delete("/<kind>/<email>")
@requires("slo.write")
@operation(path={"kind": OF["kind"], "email": OF["email"]}, answers={204: None})
def remove(kind: str, email: str) -> tuple[str, int]:
    """She no longer gets the report."""
    with begin() as session:
        report_commands.remove_recipient(session, kind, email.lower(), who(), clock.now())
    return "", 204


def _recipient(one: SloReportRecipient) -> dict[str, str]:
    return {"kind": one.kind, "email": one.email, "language": one.language}

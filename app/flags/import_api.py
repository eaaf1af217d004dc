"""Taking flags over from other servers, and handing them out as Unleash does."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _

from app import clock
from app.db import begin
from app.errors import Refused
from app.flags import admin_json, import_commands, queries, unleash_export, unleash_import
from app.flags import flag_shapes as shapes
from app.flags.flag import PRODUCTION
from app.flags.pages import writing
from app.flags.requests import raw_body
from app.flags.rows import Row
from app.guards import requires, who
from app.openapi.operation import operation

blueprint = Blueprint("flags_import_api", __name__, url_prefix="/api/v1/flags")

JSON = "application/json"
YES = ("1", "true", "yes")


@blueprint.post("/import")
@requires("flags.write")
@operation(takes={JSON: shapes.FILE}, query=shapes.IMPORTING, answers={200: shapes.IMPORTED})
def take_over() -> Response:
    """Take flags over from another server; the file is the body.

    Everything or nothing: 409 with the reason of each that is refused. `dry_run` answers the report alone.
    """
    asked = request.args
    file = unleash_import.read(raw_body(unleash_import.MAX_BYTES), asked.get("source", ""))
    dry_run = asked.get("dry_run", "") in YES
    with writing() as session:
        environment = asked.get("environment", PRODUCTION)
        report = import_commands.take_over(session, file, environment, clock.now(), who(), dry_run)
    if report.is_refused and not dry_run:
        refused = {line.name: line.reason for line in report.lines if line.outcome == "refused"}
        raise Refused(_("Nothing was imported."), refused)
    return jsonify(dry_run=dry_run, environment=environment, **admin_json.report(report))


@blueprint.get("/export")
@requires("view")
@operation(query=shapes.EXPORTING, answers={200: shapes.EXPORTED}, problems=(404,))
def export() -> Response:
    """Unleash's export of one `environment`: all flags, or those of a `project` or a `tag`."""
    asked, now = request.args, clock.now()
    with begin() as session:
        place = queries.place(session, asked.get("environment", PRODUCTION))
        rows = [row for row in queries.rows(session, now) if _is_wanted(row)]
        segments = queries.segment_rows(session)
    return jsonify(unleash_export.rendered(rows, segments, place.name))


def _is_wanted(row: Row) -> bool:
    project, tag = request.args.get("project", ""), request.args.get("tag", "")
    return project in ("", row.project) and (not tag or tag in row.tags)

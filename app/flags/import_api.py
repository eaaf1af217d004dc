"""Taking flags over from other servers, and handing them out as Unleash does."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from app import clock
from app.db import begin
from app.flags import admin_json, import_commands, queries, unleash_export, unleash_import
from app.flags.flag import PRODUCTION
from app.flags.pages import writing
from app.flags.requests import raw_body
from app.flags.rows import Row
from app.guards import requires, who

blueprint = Blueprint("flags_import_api", __name__, url_prefix="/api/v1/flags")

OK, REFUSED = 200, 422


@blueprint.post("/import")
@requires("flags.write")
def take_over() -> Response:
    """The file as the body. `environment` to write, `source` which of the file's, `dry_run` to only look.

    Everything or nothing: 422 with the report where a flag is refused.
    """
    asked = request.args
    file = unleash_import.read(raw_body(unleash_import.MAX_BYTES), asked.get("source", ""))
    dry_run = asked.get("dry_run", "").lower() in ("1", "true", "yes")
    with writing() as session:
        environment = asked.get("environment", PRODUCTION)
        report = import_commands.take_over(session, file, environment, clock.now(), who(), dry_run)
    response = jsonify(dry_run=dry_run, environment=environment, **admin_json.report(report))
    response.status_code = REFUSED if report.is_refused and not dry_run else OK
    return response


@blueprint.get("/export")
@requires("view")
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

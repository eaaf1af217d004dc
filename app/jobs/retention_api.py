"""What is kept how long, as JSON."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from app import clock
from app.db import begin
from app.guards import requires
from app.jobs import plan, queries
from app.jobs.queries import KeptRow
from app.openapi.operation import operation
from app.openapi.shapes import many, maybe, moment, text, thing, whole, yes_or_no

blueprint = Blueprint("retention_api", __name__, url_prefix="/api/v1/retention")

LINE = thing(
    {
        "tables": many(text(example="job_runs")),
        "is_shop": yes_or_no("tables of the shop's database"),
        "how_long": text("in the language that is asked for", example="7 days"),
        "rows": maybe(whole("about; null: not of this database", least=0, example=1_556)),
        "size_bytes": maybe(whole(least=0, example=573_440)),
        "job": maybe(
            text("what removes older rows; null: nothing, or the shop's worker", example="jobs.prune")
        ),
        "last_run_at": maybe(moment()),
        "said": maybe(text("what it did last", example="12 old runs forgotten")),
    }
)


@blueprint.get("")
@requires("view")
@operation(answers={200: thing({"retention": many(LINE)})})
def index() -> Response:
    """Every table that grows, how long its rows are kept, and what the job that removes them did last."""
    with begin() as session:
        rows = queries.kept(session, plan.retention().kept, plan.planned(), clock.now())
    return jsonify(retention=[_line(row) for row in rows])


def _line(row: KeptRow) -> dict[str, object]:
    finished = row.job.finished_at if row.job else None
    return {
        "tables": list(row.kept.tables),
        "is_shop": row.kept.is_shop,
        "how_long": str(row.kept.how_long),
        "rows": row.rows,
        "size_bytes": row.size_bytes,
        "job": row.kept.job or None,
        "last_run_at": finished.isoformat() if finished else None,
        "said": row.job.said if row.job else None,
    }

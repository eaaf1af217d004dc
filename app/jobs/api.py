"""Jobs as JSON."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, jsonify

from app import clock
from app.db import begin
from app.guards import requires, who
from app.jobs import commands, plan, queries
from app.jobs.queries import JobRow

blueprint = Blueprint("jobs_api", __name__, url_prefix="/api/v1/jobs")


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def as_json(row: JobRow) -> dict[str, object]:
    return {
        "name": row.job.name,
        "every_seconds": row.job.every_seconds,
        "state": row.state,
        "finished_at": _text(row.finished_at),
        "duration_seconds": row.duration_seconds,
        "late_seconds": row.late_seconds,
        "last_ok_at": _text(row.ok_at),
        "said": row.said,
    }


@blueprint.get("")
@requires("view")
def list_jobs() -> Response:
    with begin() as session:
        rows = queries.board(session, plan.planned(), clock.now())
    return jsonify(jobs=[as_json(row) for row in rows])


@blueprint.post("/<name>/run")
@requires("jobs.run")
def run_now(name: str) -> tuple[Response, int]:
    job = plan.find(plan.planned(), name)
    with begin() as session:
        run = commands.request(session, job.name, who(), clock.now(), cause="api")
        answer = {"run": run.id, "job": run.job, "outcome": run.outcome}
    return jsonify(answer), 202

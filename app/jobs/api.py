"""Jobs as JSON."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, jsonify
from sqlalchemy import select

from app import clock, paging
from app.db import begin
from app.guards import requires, who
from app.jobs import commands, plan, queries, run_shapes
from app.jobs.models import JobRun
from app.jobs.queries import JobRow
from app.openapi.operation import operation
from app.openapi.shapes import PAGING

blueprint = Blueprint("jobs_api", __name__, url_prefix="/api/v1/jobs")

PATH = {"name": run_shapes.NAME}


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


def run_json(run: JobRun) -> dict[str, object]:
    return {
        "run": run.id,
        "job": run.job,
        "outcome": run.outcome,
        "cause": run.cause,
        "asked_by": run.asked_by,
        "planned_for": run.slot.isoformat(),
        "started_at": _text(run.started_at),
        "finished_at": _text(run.finished_at),
        "said": run.said or "",
    }


@blueprint.get("")
@requires("view")
@operation(answers={200: run_shapes.JOBS})
def list_jobs() -> Response:
    """Every job of the schedule with its newest run, the worst first."""
    with begin() as session:
        rows = queries.board(session, plan.planned(), clock.now())
    return jsonify(jobs=[as_json(row) for row in rows])


@blueprint.get("/<name>/runs")
@requires("view")
@operation(path=PATH, query=PAGING, answers={200: run_shapes.RUNS})
def runs(name: str) -> Response:
    """The runs of a job, the newest first."""
    job = plan.find(plan.planned(), name)
    with begin() as session:
        mine = select(JobRun).where(JobRun.job == job.name)
        return paging.answer("runs", paging.of_select(session, mine, JobRun.id.desc()), run_json)


@blueprint.post("/<name>/run")
@requires("jobs.run")
@operation(path=PATH, answers={202: run_shapes.RUN})
def run_now(name: str) -> tuple[Response, int]:
    """Ask the scheduler to run a job at once; it takes what is asked for within a second."""
    job = plan.find(plan.planned(), name)
    with begin() as session:
        run = commands.request(session, job.name, who(), clock.now(), cause="api")
        return jsonify(run_json(run)), 202

"""`backroom jobs`: scheduled jobs, their last runs, and a run here and now."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from flask import current_app

from app import clock
from app.console import group, leaf, moment, show, who
from app.db import begin
from app.errors import Refused
from app.jobs import commands, plan, queries, runner
from app.jobs.job import Job
from app.sources import sources


def _schedule() -> tuple[Job, ...]:
    found: tuple[Job, ...] = current_app.extensions["schedule"]
    return found


def jobs_list(chosen: argparse.Namespace) -> int:
    with begin() as session:
        rows = queries.board(session, _schedule(), clock.now())
    show(
        [
            {
                "job": row.job.name,
                "every": f"{row.job.every_seconds} s",
                "state": row.state,
                "last run": row.finished_at,
                "seconds": row.duration_seconds,
                "late": row.late_seconds,
                "said": row.said,
            }
            for row in rows
        ],
        chosen.json,
    )
    return 0


def jobs_run(chosen: argparse.Namespace) -> int:
    job = plan.find(_schedule(), chosen.name)
    at = chosen.at or clock.now()
    if at > clock.now():
        raise Refused(f"{at.isoformat()} is in the future; a job works on what has happened")
    with begin() as session:
        run = commands.begin_now(session, job.name, at, who(), clock.now(), "cli")
    ok, said = runner.perform(job, run, at, sources())
    print(said if ok else f"{job.name} failed: {said}", file=sys.stdout if ok else sys.stderr)
    return 0 if ok else 1


def add_commands(groups: Any) -> None:
    jobs = group(groups, "jobs", "scheduled jobs")
    leaf(jobs, "list", jobs_list, "all jobs and their last run").add_argument("--json", action="store_true")
    run = leaf(jobs, "run", jobs_run, "run a job here and now")
    run.add_argument("name")
    run.add_argument("--at", type=moment, help="the moment to run it for, such as 2026-01-31T09:00:00Z")

"""Does one run: gather, record, report. One job's failure is its own; the rest go on."""

from __future__ import annotations

import logging
import time
from datetime import datetime

from app import clock, events, logs, telemetry, tracing
from app.db import transaction
from app.errors import Problem
from app.jobs import commands
from app.jobs.job import Job
from app.sources import Sources

log = logging.getLogger(__name__)


def run_planned(job: Job, sources: Sources, *, at_start: bool = False) -> bool:
    """The run of the current slot. False where it was done or failed already, by whomever.

    `at_start`: the first run of a new leader, in the middle of a slot. It is not late, and does not count
    as the slot's.
    """
    now = clock.now()
    slot = job.slot(now)
    with transaction(sources.control, "PostgreSQL") as session:
        if at_start:
            run_id: int | None = commands.begin_now(session, job.name, slot, "schedule", now, "start")
        else:
            run_id = commands.begin_planned(session, job.name, slot, now)
    if run_id is None:
        return False
    perform(job, run_id, slot, sources)
    return True


def perform(job: Job, run_id: int, at: datetime, sources: Sources) -> tuple[bool, str]:
    """Do the work for the moment `at` and write down how it went: whether it did its work, and its line."""
    with logs.begin(job=job.name, run=run_id), tracing.span(f"job {job.name}", run=run_id):
        return _perform(job, run_id, at, sources)


def _perform(job: Job, run_id: int, at: datetime, sources: Sources) -> tuple[bool, str]:
    started = time.perf_counter()
    try:
        with transaction(sources.control, "PostgreSQL") as session:
            ok, said = True, job.work(session, at, sources)
    except Problem as problem:
        ok, said = False, str(problem)
        log.warning("job %s: %s", job.name, said)
    except Exception as failure:  # isolated: recorded, counted and logged, so that other jobs go on
        ok, said = False, f"{failure.__class__.__name__}: {failure}".splitlines()[0]
        log.exception("job %s failed", job.name)
    outcome = "ok" if ok else "failed"
    telemetry.JOB_DURATION.labels(job.name).observe(time.perf_counter() - started)
    telemetry.JOB_RUNS.labels(job.name, outcome).inc()
    now = clock.now()
    if ok:
        telemetry.JOB_LAST_OK.labels(job.name).set(now.timestamp())
    with transaction(sources.control, "PostgreSQL") as session:
        commands.finish(session, run_id, outcome, said, now)
    events.publish(sources.redis, "jobs", {"job": job.name, "outcome": outcome})
    return ok, said

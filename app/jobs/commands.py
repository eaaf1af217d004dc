"""Writes around a run. Each takes a session and never commits."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.errors import Conflict
from app.jobs.models import JobRun

KEEP = timedelta(days=7)


def begin_planned(session: Session, job: str, slot: datetime, now: datetime) -> int | None:
    """The id of a run for this slot; None where another scheduler has it already."""
    statement = (
        insert(JobRun)
        .values(job=job, slot=slot, cause="schedule", asked_by="schedule", outcome="running", started_at=now)
        .on_conflict_do_nothing(index_elements=["job", "slot"], index_where=JobRun.cause == "schedule")
        .returning(JobRun.id)
    )
    return session.scalar(statement)


def request(session: Session, job: str, who: str, now: datetime, cause: str) -> JobRun:
    """Ask the scheduler to run a job now. Refused while an earlier request waits."""
    waiting = select(JobRun.id).where(JobRun.job == job, JobRun.outcome == "requested")
    if session.scalar(waiting) is not None:
        raise Conflict(_l("%(job)s is asked for already; the scheduler takes it within a second.", job=job))
    run = JobRun(job=job, slot=now, cause=cause, asked_by=who, outcome="requested")
    session.add(run)
    session.flush()
    record(session, who, "job.request", f"job:{job}", None, {"run": run.id}, now)
    return run


def begin_now(session: Session, job: str, slot: datetime, who: str, now: datetime, cause: str) -> int:
    """A run that starts at once: from the command line, or the first one of a new leader."""
    run = JobRun(job=job, slot=slot, cause=cause, asked_by=who, outcome="running", started_at=now)
    session.add(run)
    session.flush()
    return run.id


def take_requested(session: Session, now: datetime) -> JobRun | None:
    """The oldest waiting request, marked as running; skipped where another scheduler holds it."""
    oldest = (
        select(JobRun)
        .where(JobRun.outcome == "requested")
        .order_by(JobRun.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    run = session.scalar(oldest)
    if run is not None:
        run.outcome, run.started_at = "running", now
    return run


def finish(session: Session, run_id: int, outcome: str, said: str, now: datetime) -> None:
    done = update(JobRun).where(JobRun.id == run_id, JobRun.outcome == "running")
    session.execute(done.values(outcome=outcome, said=said[:2000], finished_at=now))


def close_abandoned(session: Session, now: datetime) -> int:
    """What was running when a scheduler died. Called by the one that takes over; how many there were."""
    left = update(JobRun).where(JobRun.outcome == "running", JobRun.cause != "cli").returning(JobRun.id)
    said = "The scheduler stopped in mid-run; the next slot does the work."
    return len(session.scalars(left.values(outcome="failed", said=said, finished_at=now)).all())


def prune(session: Session, now: datetime) -> int:
    """Forget old runs. How many went."""
    old = delete(JobRun).where(JobRun.slot < now - KEEP).returning(JobRun.id)
    return len(session.scalars(old).all())

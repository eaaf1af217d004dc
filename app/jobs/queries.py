"""Reads of the runs, shaped for the page, the API and the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from app.jobs.job import Job, LastRuns, State, state_of
from app.jobs.kept import Kept
from app.jobs.models import JobRun

# Worst first: the order of the page.
BADNESS: tuple[State, ...] = ("failed", "late", "never", "running", "ok")

# One row a job, by its newest runs alone: cheap however many are kept.
_LAST_OF = text(
    """
    SELECT name, running.started_at AS running_since, done.finished_at, done.outcome, done.slot,
           done.started_at, done.said, done.cause, ok.finished_at AS ok_at
      FROM unnest(CAST(:names AS text[])) AS name
      LEFT JOIN LATERAL (SELECT * FROM job_runs WHERE job = name AND outcome IN ('ok', 'failed')
                          ORDER BY id DESC LIMIT 1) AS done ON true
      LEFT JOIN LATERAL (SELECT * FROM job_runs WHERE job = name AND outcome = 'ok'
                          ORDER BY id DESC LIMIT 1) AS ok ON true
      LEFT JOIN LATERAL (SELECT * FROM job_runs WHERE job = name AND outcome = 'running'
                          ORDER BY id DESC LIMIT 1) AS running ON true
    """
)


@dataclass(frozen=True)
class JobRow:
    """A job and its newest finished run."""

    job: Job
    state: State
    finished_at: datetime | None
    duration_seconds: float | None
    late_seconds: float | None  # how long after its moment it began; None where somebody asked for the run
    ok_at: datetime | None  # newest good run
    said: str


def board(session: Session, jobs: Sequence[Job], now: datetime) -> list[JobRow]:
    """Every job of the schedule with its newest run, worst first."""
    found = {row.name: row for row in session.execute(_LAST_OF, {"names": [job.name for job in jobs]})}
    rows = []
    for job in jobs:
        row = found[job.name]
        last = LastRuns(row.running_since, row.finished_at, row.outcome == "failed", row.ok_at)
        ran = row.finished_at is not None
        rows.append(
            JobRow(
                job=job,
                state=state_of(job, last, now),
                finished_at=row.finished_at,
                duration_seconds=(row.finished_at - row.started_at).total_seconds() if ran else None,
                late_seconds=(row.started_at - row.slot).total_seconds()
                if ran and row.cause == "schedule"
                else None,
                ok_at=row.ok_at,
                said=row.said or "",
            )
        )
    return sorted(rows, key=lambda one: BADNESS.index(one.state))


def history(session: Session, name: str, limit: int = 50) -> list[JobRun]:
    """The newest runs of a job, newest first."""
    newest = select(JobRun).where(JobRun.job == name).order_by(JobRun.id.desc()).limit(limit)
    return list(session.scalars(newest))


@dataclass(frozen=True)
class KeptRow:
    """A line of what is kept. None of the shop's tables: another database."""

    kept: Kept
    rows: int | None  # as the database last estimated
    size_bytes: int | None
    job: JobRow | None  # that removes what is older


_SIZES = text("""
    SELECT coalesce(inhparent, class.oid)::regclass::text AS name,
           sum(greatest(class.reltuples, 0))::bigint AS rows,
           sum(pg_total_relation_size(class.oid))::bigint AS size_bytes
    FROM pg_class AS class LEFT JOIN pg_inherits ON inhrelid = class.oid
    WHERE class.relkind = 'r' AND class.relnamespace = 'public'::regnamespace
    GROUP BY 1""")


def kept(session: Session, retention: Sequence[Kept], jobs: Sequence[Job], now: datetime) -> list[KeptRow]:
    """Partitions count in their parent."""
    sizes = {row.name: row for row in session.execute(_SIZES)}
    last = {row.job.name: row for row in board(session, jobs, now)}
    return [_kept(one, sizes, last.get(one.job)) for one in retention]


def _kept(one: Kept, sizes: Mapping[str, Row[Any]], job: JobRow | None) -> KeptRow:
    if one.is_shop:
        return KeptRow(one, None, None, None)
    found = [sizes[name] for name in one.tables if name in sizes]
    return KeptRow(one, sum(row.rows for row in found), sum(row.size_bytes for row in found), job)

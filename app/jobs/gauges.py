"""Whether each scheduled job did its work in time, as the web process sees it: the scheduler may be gone."""

from __future__ import annotations

from collections.abc import Sequence

from app import clock
from app.db import Sessions, transaction
from app.errors import Unavailable
from app.jobs import queries
from app.jobs.job import Job
from app.series.gauges import sample

NAME = "backroom_scheduled_job_late"
TROUBLE = ("late", "failed")


def exposition(sessions: Sessions, schedule: Sequence[Job]) -> str:
    """1 for a job that is late or failed, 0 for one that is not; nothing where the database is away."""
    try:
        with transaction(sessions, "PostgreSQL") as session:
            rows = queries.board(session, schedule, clock.now())
    except Unavailable:
        return ""
    lines = [sample(NAME, {"name": row.job.name}, int(row.state in TROUBLE)) for row in rows]
    return "\n".join([f"# HELP {NAME} 1 while a job is late or fails", f"# TYPE {NAME} gauge", *lines, ""])

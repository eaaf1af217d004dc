"""Whether each scheduled job did its work in time, as the web process sees it: the scheduler may be gone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from app import clock
from app.jobs import queries
from app.jobs.job import Job
from app.series.gauges import block

NAME = "backroom_scheduled_job_late"
TROUBLE = ("late", "failed")


def tell(session: Session, schedule: Sequence[Job]) -> Iterator[str]:
    """1 for a job that is late or failed, 0 for one that is not."""
    rows = queries.board(session, schedule, clock.now())
    samples = (({"name": row.job.name}, float(row.state in TROUBLE)) for row in rows)
    return block(NAME, "1 while a job is late or fails", samples)

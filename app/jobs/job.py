"""What a scheduled job is, and what its runs say about it. Pure: no I/O, no clock, no Flask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.sources import Sources

Work = Callable[["Session", datetime, "Sources"], str]
State = Literal["ok", "failed", "late", "running", "never"]

# A job counts as late when its last good run is older than this many of its intervals, and at least a minute.
LATE_AFTER_INTERVALS = 3
LATE_AT_LEAST = timedelta(minutes=1)


@dataclass(frozen=True)
class Job:
    """One line of the schedule."""

    name: str  # feature.verb
    every_seconds: int
    work: Work  # returns one line that says what was done; twice for one `now` changes nothing
    about: str  # lazy text: what it is for, in words an ops person reads

    def slot(self, now: datetime) -> datetime:
        """The moment this run is for: `now` rounded down to a multiple of the interval since the epoch."""
        return datetime.fromtimestamp(now.timestamp() // self.every_seconds * self.every_seconds, UTC)


@dataclass(frozen=True)
class LastRuns:
    """What is known of a job's past."""

    running_since: datetime | None
    finished_at: datetime | None  # of the newest finished run
    failed: bool  # that run
    ok_at: datetime | None  # of the newest good run


def state_of(job: Job, last: LastRuns | None, now: datetime) -> State:
    """Worst first: failed, late, running, ok; `never` where no run is known."""
    if last is None or (last.finished_at is None and last.running_since is None):
        return "never"
    if last.failed:
        return "failed"
    limit = max(timedelta(seconds=LATE_AFTER_INTERVALS * job.every_seconds), LATE_AT_LEAST)
    since = last.ok_at or last.running_since
    if since is None or now - since > limit:
        return "late"
    return "running" if last.running_since else "ok"

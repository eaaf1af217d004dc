"""Windows that are over: how each ended, judged by today's objective."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.slo import sums
from app.slo.bucket import Counts
from app.slo.budget import Budget
from app.slo.objective import Objective

MOST_WINDOWS = 60


@dataclass(frozen=True)
class PastWindow:
    start: datetime
    end: datetime
    revision: int  # of the query that counted: two meanings are never summed
    counts: Counts
    left: float | None
    left_uncorrected: float | None  # with the events that corrections exclude


_REVISIONS = text("""
    SELECT max(revision) AS revision FROM slo_hours
     WHERE slo_id = :slo AND starts_at >= :start AND starts_at < :end AND revision <= :newest
       AND ok + no_traffic + excluded > 0
""")


def past_windows(session: Session, slo: Objective, now: datetime, count: int) -> list[PastWindow]:
    """The windows before the present one, newest first; those of which nothing is known are left out."""
    found = []
    for start, end in slo.span.past(now, min(count, MOST_WINDOWS)):
        values = {"slo": slo.id, "start": start, "end": end, "newest": slo.revision}
        revision = session.scalar(_REVISIONS, values)
        if revision is None:
            continue
        then = replace(slo, revision=revision)
        whole = sums.windows(session, [then], {slo.id: start}, end)[slo.id]
        left = Budget(slo.ratio, end - start, whole.counts).left
        uncorrected = Budget(slo.ratio, end - start, whole.uncorrected).left
        found.append(PastWindow(start, end, revision, whole.counts, left, uncorrected))
    return found

"""Whole weeks of an objective, each judged by itself, whatever its own window is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.slo.bucket import BUCKET, Counts
from app.slo.objective import Objective
from app.slo.window import Window

MOST_WEEKS = 12
LEAST_KNOWN = 0.5  # of its rows


@dataclass(frozen=True)
class Week:
    starts_at: datetime
    ends_at: datetime
    counts: Counts
    known_share: float  # of its rows that say anything

    @property
    def reached(self) -> float | None:
        ratio = self.counts.error_ratio
        return None if ratio is None else 1 - ratio

    def is_met(self, objective: float) -> bool | None:
        """None where too little is known to say."""
        if self.reached is None or self.known_share < LEAST_KNOWN:
            return None
        return self.reached >= objective


_SUMS = text("""
    SELECT past.starts_at, coalesce(sum(hour.bad), 0) AS bad, coalesce(sum(hour.total), 0) AS total,
           coalesce(sum(hour.ok + hour.no_traffic), 0) AS known
      FROM unnest(CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[])) AS past(starts_at, ends_at)
      LEFT JOIN slo_hours AS hour
        ON hour.slo_id = :slo AND hour.revision = :revision
       AND hour.starts_at >= past.starts_at AND hour.starts_at < past.ends_at
     GROUP BY past.starts_at
""")


WEEKS = Window("week", 7)


def weeks(session: Session, slo: Objective, now: datetime) -> list[Week]:
    """The last whole weeks, the oldest first, whatever the objective's own window is."""
    return _judged(session, slo, WEEKS.past(now, MOST_WEEKS))[::-1]


def _judged(session: Session, slo: Objective, spans: Sequence[tuple[datetime, datetime]]) -> list[Week]:
    """By whole hours: an hour belongs to the window that it begins in."""
    rows = session.execute(
        _SUMS,
        {
            "slo": slo.id,
            "revision": slo.revision,
            "starts": [start for start, _ in spans],
            "ends": [end for _, end in spans],
        },
    )
    sums = {row.starts_at: row for row in rows}
    found = []
    for start, end in spans:
        row = sums[start]
        known = float(row.known) / ((end - start) / BUCKET)
        found.append(Week(start, end, Counts(row.bad, row.total), min(1.0, known)))
    while found and found[-1].known_share == 0:
        found.pop()
    return found

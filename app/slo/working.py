"""How each figure of an objective came about: its queries, its counts, and what was missing or left out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.slo import queries
from app.slo.bucket import BUCKET, BUCKET_SECONDS, Counts, Coverage, spans
from app.slo.budget import Budget, burn
from app.slo.expressions import parts
from app.slo.ladder import Rung, ladder
from app.slo.objective import Objective

MOST_GAPS = 40


@dataclass(frozen=True)
class Burn:
    """One window of the ladder, counted again from the rows."""

    rung: Rung
    counts: Counts
    again: float | None


@dataclass(frozen=True)
class Gap:
    """Rows one after another that say nothing, or are left out."""

    state: str  # no_data, excluded, missing
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Working:
    at: datetime
    start: datetime
    queries: dict[str, str]  # kind of count → what is asked; {} where nothing is asked of Prometheus
    counts: Counts
    coverage: Coverage
    left: float | None
    burns: list[Burn]
    gaps: list[Gap]  # newest first
    more_gaps: int


_GAPS = text("""
    SELECT wanted.at, coalesce(bucket.state, 'missing') AS state
      FROM generate_series(CAST(:start AS timestamptz), CAST(:last AS timestamptz), interval '5 minutes')
           AS wanted(at)
      LEFT JOIN slo_buckets AS bucket
        ON bucket.slo_id = :slo AND bucket.revision = :revision AND bucket.starts_at = wanted.at
     WHERE bucket.state IS NULL OR bucket.state IN ('no_data', 'excluded')
""")


def working(session: Session, line: queries.Line, at: datetime) -> Working:
    slo = line.slo
    counts, coverage = queries.recount(session, slo, at)
    start = queries.window_start(slo, at)
    gaps = _gaps(session, slo, start, at)
    return Working(
        at,
        start,
        parts(slo, BUCKET_SECONDS),
        counts,
        coverage,
        Budget(slo.ratio, slo.window, counts).left,
        _burns(session, line, at),
        gaps[:MOST_GAPS],
        max(0, len(gaps) - MOST_GAPS),
    )


def _burns(session: Session, line: queries.Line, at: datetime) -> list[Burn]:
    slo = line.slo
    rungs = ladder(slo, line.status.burns if line.status else {})
    found = queries.spans_before(session, slo, at, [rung.seconds for rung in rungs])
    return [Burn(rung, found[rung.seconds], burn(found[rung.seconds], slo.ratio)) for rung in rungs]


def _gaps(session: Session, slo: Objective, start: datetime, at: datetime) -> list[Gap]:
    values = {"slo": slo.id, "revision": slo.revision, "start": start, "last": at - BUCKET}
    by_state: defaultdict[str, list[datetime]] = defaultdict(list)
    for row in session.execute(_GAPS, values):
        by_state[row.state].append(row.at)
    found = [
        Gap(state, first, last + BUCKET) for state, some in by_state.items() for first, last in spans(some)
    ]
    return sorted(found, key=lambda gap: gap.starts_at, reverse=True)

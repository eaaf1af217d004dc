"""Which rows are missing: the last hours at each gathering, the whole history bit by bit.

A new objective begins with its past: the newest part first, so much a run that a hundred new ones do not stop
the others. Later gaps (Prometheus was away) are found by hours, of which each says how much it knows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.slo import sums
from app.slo.bucket import BUCKET, HOUR, floor, spans
from app.slo.models import SloStatus
from app.slo.objective import Objective

LOOK_BACK = timedelta(hours=2)
LEAST_HISTORY = timedelta(days=30)
MOST_HISTORY = timedelta(days=100)
DEEP_EVERY = timedelta(minutes=15)  # how often the whole history is searched for gaps
DEEP_FOR = timedelta(seconds=30)  # the gathering's interval: one run of each quarter hour is the deep one
CHUNK = timedelta(days=30)
MOST_ROWS = 40_000  # of new history in one run; the next goes on

Span = tuple[datetime, datetime]  # first and last bucket start


@dataclass
class Wanted:
    """Spans to ask for; objectives that miss the same span share one query."""

    spans: defaultdict[Span, list[Objective]] = field(default_factory=lambda: defaultdict(list))
    filled: dict[int, datetime] = field(default_factory=dict)  # since when history is known afterwards

    def add(self, slo: Objective, starts: Sequence[datetime]) -> None:
        for span in spans(starts):
            self.spans[span].append(slo)


def find(
    session: Session,
    slos: Sequence[Objective],
    known: Mapping[int, SloStatus],
    now: datetime,
    last: datetime,
) -> Wanted:
    """`known`: the statuses of the objectives' present revisions; `last`: the newest finished row."""
    wanted = Wanted()
    horizons = {slo.id: horizon(slo, now) for slo in slos}
    recent = {slo.id: _recent_from(known.get(slo.id), horizons[slo.id], now) for slo in slos}
    for slo_id, starts in sums.unsettled(session, [(slo, recent[slo.id]) for slo in slos], last).items():
        wanted.add(_by_id(slos)[slo_id], starts)
    _add_history(wanted, slos, known, horizons, recent)
    if now - floor(now, DEEP_EVERY) < DEEP_FOR:
        _add_gaps(session, wanted, slos, known, horizons, recent)
    return wanted


def horizon(slo: Objective, now: datetime) -> datetime:
    """How far back rows are wanted: the window, and at least thirty days."""
    window, _ = slo.span.bounds(now)
    return max(min(window, floor(now) + BUCKET - LEAST_HISTORY), floor(now) - MOST_HISTORY)


def _recent_from(status: SloStatus | None, horizon: datetime, now: datetime) -> datetime:
    since = min(now - LOOK_BACK, status.gathered_at) if status else now - LOOK_BACK
    return max(floor(since), horizon)


def _add_history(
    wanted: Wanted,
    slos: Sequence[Objective],
    known: Mapping[int, SloStatus],
    horizons: Mapping[int, datetime],
    recent: Mapping[int, datetime],
) -> None:
    rows = 0
    for slo in slos:
        status = known.get(slo.id)
        filled = status.filled_from if status and status.filled_from else recent[slo.id]
        if filled <= horizons[slo.id] or rows >= MOST_ROWS:
            continue
        first = max(horizons[slo.id], filled - CHUNK)
        rows += int((filled - first) / BUCKET)
        wanted.spans[first, filled - BUCKET].append(slo)
        wanted.filled[slo.id] = first


def _add_gaps(
    session: Session,
    wanted: Wanted,
    slos: Sequence[Objective],
    known: Mapping[int, SloStatus],
    horizons: Mapping[int, datetime],
    recent: Mapping[int, datetime],
) -> None:
    firsts = [
        (slo, max(status.filled_from, horizons[slo.id]))
        for slo in slos
        if (status := known.get(slo.id)) and status.filled_from
    ]
    last = min(recent.values(), default=None)
    if not firsts or last is None:
        return
    by_id = _by_id(slos)
    hours = sums.thin_hours(session, [(slo, floor(first, HOUR)) for slo, first in firsts], floor(last, HOUR))
    since = {slo.id: first for slo, first in firsts}
    for slo_id, thin in hours.items():
        starts = [hour + number * BUCKET for hour in thin for number in range(12)]
        wanted.add(by_id[slo_id], [at for at in starts if since[slo_id] <= at < recent[slo_id]])


def _by_id(slos: Sequence[Objective]) -> dict[int, Objective]:
    return {slo.id: slo for slo in slos}

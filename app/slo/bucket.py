"""Five minutes of one objective: what was counted, and what is known when nothing was. Pure.

An event is a request, a journey, anything that is good or bad. Counts are floats because Prometheus'
`increase()` extrapolates to the edges of its range.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

BUCKET = timedelta(minutes=5)
BUCKET_SECONDS = 300
HOUR = timedelta(hours=1)
# Below this a difference of two extrapolated counts is noise of floating point, not a failed request.
NOISE = 1e-6

BucketState = Literal["ok", "no_traffic", "no_data", "excluded"]


@dataclass(frozen=True)
class Counts:
    """Events of a span. `total` is 0 when nobody came or nothing is known: no ratio follows from it."""

    bad: float = 0.0
    total: float = 0.0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.bad + other.bad, self.total + other.total)

    @property
    def good(self) -> float:
        return self.total - self.bad

    @property
    def error_ratio(self) -> float | None:
        return self.bad / self.total if self.total > 0 else None


@dataclass(frozen=True)
class Bucket:
    starts_at: datetime
    good: float
    bad: float
    total: float
    state: BucketState
    is_complete: bool  # False: the span is still running, the row is replaced by the next gathering


@dataclass(frozen=True)
class Coverage:
    """How many five-minute rows of a window say what; `missing` have not been gathered yet."""

    ok: int = 0
    no_traffic: int = 0
    no_data: int = 0
    excluded: int = 0
    missing: int = 0

    @property
    def expected(self) -> int:
        return self.ok + self.no_traffic + self.no_data + self.excluded + self.missing


def floor(at: datetime, step: timedelta = BUCKET) -> datetime:
    """The start of the bucket (or hour) that holds a moment."""
    seconds = step.total_seconds()
    return datetime.fromtimestamp(at.timestamp() // seconds * seconds, UTC)


def measured(
    starts_at: datetime,
    good: float | None,
    total: float | None,
    is_complete: bool = True,
    *,
    bad: float | None = None,
    counts_bad: bool = False,
) -> Bucket:
    """What a bucket says, from what Prometheus answered for the good events, or (`counts_bad`) for the bad.

    No total: `no_data`. A total of nothing: `no_traffic`. A total without a good count means that no good
    event has ever been counted, so all were bad; without a bad count none has ever been bad. More good than
    all is extrapolation: nothing was bad.
    """
    if total is None:
        return Bucket(starts_at, 0.0, 0.0, 0.0, "no_data", is_complete)
    if total <= NOISE:
        return Bucket(starts_at, 0.0, 0.0, 0.0, "no_traffic", is_complete)
    counted = total - (bad or 0.0) if counts_bad else good or 0.0
    good = min(total, max(0.0, counted))
    bad = total - good
    if bad <= NOISE * max(1.0, total):
        good, bad = total, 0.0
    good, bad, total = (round(float(count), 6) for count in (good, bad, total))
    return Bucket(starts_at, good, bad, total, "ok", is_complete)


def starts(first: datetime, until: datetime) -> Iterator[datetime]:
    """Starts of all buckets from the one that holds `first` to the last that begins before `until`."""
    at = floor(first)
    while at < until:
        yield at
        at += BUCKET


def spans(wanted: Iterable[datetime]) -> list[tuple[datetime, datetime]]:
    """Bucket starts joined to unbroken spans (first start, last start), oldest first."""
    joined: list[tuple[datetime, datetime]] = []
    for at in sorted(wanted):
        if joined and at - joined[-1][1] == BUCKET:
            joined[-1] = (joined[-1][0], at)
        else:
            joined.append((at, at))
    return joined

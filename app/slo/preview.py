"""What an objective would have meant in the past: weeks missed, alerts that would have fired. Pure.

By the same rows, windows, factors and minimum as the real thing, so that a promise can be judged before it
is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from app.slo.bucket import BUCKET, BUCKET_SECONDS, Counts, floor
from app.slo.budget import Step, burn
from app.slo.burn import BurnWindow, Severity

WEEK = timedelta(days=7)
LEAST_KNOWN = 0.5  # of a week's rows: a week known by less says nothing
CALM = timedelta(minutes=30)  # an alert that fires again within this was never over


@dataclass(frozen=True)
class Past:
    """One week (or other span) as it was."""

    starts_at: datetime
    ends_at: datetime
    counts: Counts
    known_share: float  # of its rows that say anything

    @property
    def reached(self) -> float | None:
        """The share of good events; None where too little is known."""
        ratio = self.counts.error_ratio
        return None if ratio is None or self.known_share < LEAST_KNOWN else 1 - ratio

    def is_met(self, objective: float) -> bool | None:
        return None if self.reached is None else self.reached >= objective


@dataclass(frozen=True)
class Alarm:
    """One alert that would have fired."""

    severity: Severity
    began: datetime
    ended: datetime | None  # None: fires still


@dataclass(frozen=True)
class Preview:
    objective: float
    weeks: tuple[Past, ...]  # oldest first; the newest ends now
    alarms: tuple[Alarm, ...]  # oldest first
    course: tuple[Step, ...]  # what was counted, by the step of the rows
    days_known: float

    @property
    def judged(self) -> int:
        return sum(week.is_met(self.objective) is not None for week in self.weeks)

    @property
    def missed(self) -> int:
        return sum(week.is_met(self.objective) is False for week in self.weeks)

    def fired(self, severity: Severity) -> int:
        return sum(alarm.severity == severity for alarm in self.alarms)


def preview(
    rows: Sequence[Step],
    objective: float,
    windows: Sequence[BurnWindow],
    min_bad_events: int,
    until: datetime,
    most_weeks: int = 12,
) -> Preview:
    """`rows`: five minutes each, oldest first, gaps allowed; `until`: where the history ends."""
    whole = _filled(rows)
    known = sum(step.counts is not None for step in whole)
    return Preview(
        objective,
        tuple(past_spans(whole, until, WEEK, most_weeks)),
        tuple(alarms(whole, objective, windows, min_bad_events)),
        tuple(whole),
        known * BUCKET / timedelta(days=1),
    )


def _filled(rows: Sequence[Step]) -> list[Step]:
    """One step each five minutes from the first that is known on."""
    by_start = {row.starts_at: row for row in rows if row.counts is not None}
    if not by_start:
        return []
    first, last = min(by_start), max(by_start)
    starts = (first + BUCKET * number for number in range(int((last - first) / BUCKET) + 1))
    return [by_start.get(at, Step(at, None)) for at in starts]


def past_spans(steps: Sequence[Step], until: datetime, length: timedelta, most: int) -> list[Past]:
    """Consecutive spans that end at `until`, oldest first; those before all history are left out."""
    if not steps:
        return []
    end = floor(until)
    count = min(most, -int((steps[0].starts_at - end) // length))
    found = []
    for number in range(count, 0, -1):
        start = end - length * number
        found.append(_past(steps, start, start + length))
    return [past for past in found if past.known_share > 0]


def _past(steps: Sequence[Step], start: datetime, end: datetime) -> Past:
    low, high = (max(0, int((at - steps[0].starts_at) / BUCKET)) for at in (start, end))
    known = [step.counts for step in steps[low:high] if step.counts is not None]
    counts = Counts(sum(one.bad for one in known), sum(one.total for one in known))
    return Past(start, end, counts, len(known) / ((end - start) / BUCKET))


def alarms(
    steps: Sequence[Step], objective: float, windows: Iterable[BurnWindow], min_bad_events: int
) -> list[Alarm]:
    """When the page and the ticket alert would have fired: judged at the end of every five minutes."""
    bad = [0.0, *accumulate(step.counts.bad if step.counts else 0.0 for step in steps)]
    total = [0.0, *accumulate(step.counts.total if step.counts else 0.0 for step in steps)]
    firing: dict[Severity, set[int]] = {}
    for window in windows:
        firing.setdefault(window.severity, set()).update(
            index
            for index in range(1, len(steps) + 1)
            if _fires(bad, total, index, window, objective, min_bad_events)
        )
    found = [_alarm(severity, run, steps) for severity, when in firing.items() for run in _runs(sorted(when))]
    return sorted(found, key=lambda alarm: (alarm.began, alarm.severity))


def _fires(
    bad: Sequence[float],
    total: Sequence[float],
    index: int,
    window: BurnWindow,
    objective: float,
    min_bad_events: int,
) -> bool:
    limit = float(window.factor)
    since = max(0, index - window.long_seconds // BUCKET_SECONDS)
    bad_long = bad[index] - bad[since]
    if bad_long < min_bad_events:
        return False
    since_short = max(0, index - max(1, window.short_seconds // BUCKET_SECONDS))
    long = burn(Counts(bad_long, total[index] - total[since]), objective)
    short = burn(Counts(bad[index] - bad[since_short], total[index] - total[since_short]), objective)
    return long is not None and short is not None and long > limit and short > limit


def _runs(indexes: Sequence[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for index in indexes:
        if runs and (index - runs[-1][1]) * BUCKET <= CALM:
            runs[-1] = (runs[-1][0], index)
        else:
            runs.append((index, index))
    return runs


def _alarm(severity: Severity, run: tuple[int, int], steps: Sequence[Step]) -> Alarm:
    first, last = run
    begin, end = steps[first - 1].starts_at + BUCKET, steps[last - 1].starts_at + BUCKET
    return Alarm(severity, begin, None if last == len(steps) else end + BUCKET)


def within_reach(weeks: Sequence[Past], choices: Sequence[float]) -> list[tuple[float, int, int]]:
    """For each objective on offer: (objective, weeks missed, weeks judged)."""
    judged = [week.reached for week in weeks if week.reached is not None]
    return [(choice, sum(reached < choice for reached in judged), len(judged)) for choice in choices]


def nearby(objective: float) -> list[float]:
    """Promises that people make, around the one that is tried."""
    usual = (0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9995, 0.9999)
    others = [choice for choice in usual if choice != objective]
    below = [choice for choice in others if choice < objective][-2:]
    return [*below, objective, *[choice for choice in others if choice > objective][:2]]

"""Error budgets: what an objective allows, what is spent, and when it will be gone. Pure.

With an objective o the budget is B = 1 − o: the share of events that may be bad. Over a window W

    error ratio  E = bad / total          (sums over sums: a quiet night weighs as little as it was)
    burn         b = E / B                (1 spends exactly the budget; the largest possible is 1 / B)
    budget left  R = 1 − E(W) / B         (negative when overspent, and kept so)

None stands for "no data": no ratio follows from no events.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.slo.bucket import HOUR, Counts
from app.slo.window import Window

HOURS_PER_DAY = 24
BAND_HOURS = 24


@dataclass(frozen=True)
class Budget:
    """The budget of one window. Minutes are the share of the window's length: time that may be all bad."""

    objective: float
    window: timedelta
    counts: Counts

    @property
    def allowed_ratio(self) -> float:
        return 1 - self.objective

    @property
    def left(self) -> float | None:
        spent = burn(self.counts, self.objective)
        return None if spent is None else 1 - spent

    @property
    def allowed_events(self) -> float:
        return self.allowed_ratio * self.counts.total

    @property
    def left_events(self) -> float:
        return self.allowed_events - self.counts.bad

    @property
    def allowed_minutes(self) -> float:
        return self.allowed_ratio * self.window.total_seconds() / 60

    @property
    def left_minutes(self) -> float | None:
        return None if self.left is None else self.left * self.allowed_minutes


def burn(counts: Counts, objective: float) -> float | None:
    ratio = counts.error_ratio
    return None if ratio is None else ratio / (1 - objective)


@dataclass(frozen=True)
class Hour:
    starts_at: datetime
    counts: Counts


@dataclass(frozen=True)
class Forecast:
    """What becomes of the budget if an error ratio goes on."""

    error_ratio: float  # the one that is assumed to go on
    exhausts_at: datetime | None  # None: not within one more window, or not before the calendar's ends
    recovers_at: datetime | None  # of a spent budget: when enough old badness has rolled out
    lowest_left: float


@dataclass(frozen=True)
class Outlook:
    """The forecast with its band: as recent hours differed, so may those to come."""

    likely: Forecast
    worse: Forecast
    better: Forecast


def band(hours: Sequence[Hour], now: datetime, likely: float) -> tuple[float, float]:
    """The error ratios between which four of five of the last day's hours lay; always around `likely`.

    Hours count by their traffic: one failure of two at night says little about noon.
    """
    recent = [hour for hour in hours if hour.starts_at > now - timedelta(hours=BAND_HOURS)]
    ratios = sorted(
        (hour.counts.error_ratio or 0.0, hour.counts.total) for hour in recent if hour.counts.total > 0
    )
    return min(likely, _quantile(ratios, 0.1, likely)), max(likely, _quantile(ratios, 0.9, likely))


def _quantile(weighted: Sequence[tuple[float, float]], share: float, otherwise: float) -> float:
    """Of (value, weight) in ascending order the value at which this share of the weight is reached."""
    goal, passed = share * sum(weight for _, weight in weighted), 0.0
    for value, weight in weighted:
        passed += weight
        if passed >= goal:
            return value
    return otherwise


def typical_traffic(hours: Sequence[Hour], now: datetime, days: int = 7) -> list[float]:
    """Events to expect in each hour of the day (UTC): the mean of the last `days`; 0 where none is known."""
    recent = [hour for hour in hours if hour.starts_at > now - timedelta(days=days) - HOUR]
    sums = [0.0] * HOURS_PER_DAY
    seen = [0] * HOURS_PER_DAY
    for hour in recent:
        sums[hour.starts_at.hour] += hour.counts.total
        seen[hour.starts_at.hour] += 1
    return [total / max(1, count) for total, count in zip(sums, seen, strict=True)]


def outlook(
    hours: Sequence[Hour], now: datetime, objective: float, window: Window, error_ratio: float
) -> Outlook | None:
    """The forecast at the present error ratio, and at the ends of its band."""
    low, high = band(hours, now, error_ratio)
    found = []
    for ratio in (error_ratio, high, low):
        if window.kind == "rolling":
            ahead = forecast(hours, now, objective, window.usual, ratio)
        else:
            ahead = forecast_calendar(hours, now, objective, *window.bounds(now), ratio)
        if ahead is None:
            return None
        found.append(ahead)
    return Outlook(*found)


def forecast_calendar(
    hours: Sequence[Hour], now: datetime, objective: float, start: datetime, end: datetime, error_ratio: float
) -> Forecast | None:
    """Nothing rolls out of a calendar window: it is spent when what was bad and what comes at `error_ratio`
    exceeds the share that its whole traffic allows, of which the rest is foretold from past days.
    """
    held = [hour.counts for hour in hours if hour.starts_at + HOUR > start]
    bad, total = sum(c.bad for c in held), sum(c.total for c in held)
    expected = typical_traffic(hours, now)
    steps = [now + number * HOUR for number in range(int((end - now) / HOUR) + 1)]
    coming = [expected[(at + HOUR / 2).hour] * min(1.0, (end - at) / HOUR) for at in steps]
    whole = total + sum(coming)
    if whole <= 0:
        return None
    allowed = (1 - objective) * whole
    lowest = 1 - (bad + error_ratio * sum(coming)) / allowed
    if bad >= allowed:
        return Forecast(error_ratio, None, None, lowest)
    for at, events in zip(steps, coming, strict=True):
        more = events * error_ratio
        if more > 0 and bad + more >= allowed:
            return Forecast(error_ratio, at + HOUR * ((allowed - bad) / more), None, lowest)
        bad += more
    return Forecast(error_ratio, None, None, lowest)


def forecast(
    hours: Sequence[Hour], now: datetime, objective: float, window: timedelta, error_ratio: float
) -> Forecast | None:
    """Roll a window forward hour by hour with typical traffic at `error_ratio` until it has passed once.

    What rolls out at the far end is what really happened then, so a burn that is slower than what rolls
    out never exhausts; the naive R·W/b ignores that. `hours` are those of the window, oldest first.
    """
    held = deque(hour for hour in hours if hour.starts_at + HOUR > now - window)
    bad, total = sum(h.counts.bad for h in held), sum(h.counts.total for h in held)
    if total <= 0:
        return None
    expected = typical_traffic(hours, now)
    left = Budget(objective, window, Counts(bad, total)).left or 0.0
    was_spent = left <= 0
    lowest = left
    for step in range(1, int(window / HOUR) + 1):
        at = now + step * HOUR
        while held and held[0].starts_at + HOUR <= at - window:
            gone = held.popleft().counts
            bad, total = bad - gone.bad, total - gone.total
        coming = expected[(at - HOUR / 2).hour]
        bad, total = bad + coming * error_ratio, total + coming
        before, left = left, 1 - bad / total / (1 - objective) if total > 0 else left
        lowest = min(lowest, left)
        if (left <= 0) != was_spent:
            crossing = at - HOUR + HOUR * _share(before, left)
            return Forecast(
                error_ratio, None if was_spent else crossing, crossing if was_spent else None, lowest
            )
    return Forecast(error_ratio, None, None, lowest)


def _share(before: float, after: float) -> float:
    """How far into a step a straight line from `before` to `after` meets zero, from 0 to 1."""
    return before / (before - after) if before != after else 1.0


@dataclass(frozen=True)
class Step:
    """Events of a stretch of time. None: nothing is known of it, which a chart shows as a gap."""

    starts_at: datetime
    counts: Counts | None


def burn_down(
    steps: Sequence[Step], length: timedelta, allowed_events: float, spent_before: float = 0.0
) -> list[tuple[datetime, float | None]]:
    """How the budget of a window was spent: (end of step, share left), from 1 down to what is left now.

    Each step's bad events as a share of what the whole window allows, so the last value is the tile's figure.
    `spent_before`: bad events of the window before the first step.
    """
    if allowed_events <= 0:
        return []
    bad, line = spent_before, list[tuple[datetime, float | None]]()
    for step in steps:
        bad += step.counts.bad if step.counts else 0.0
        line.append((step.starts_at + length, 1 - bad / allowed_events if step.counts else None))
    return line


def onset(steps: Sequence[Step], objective: float, quiet_steps: int = 6) -> datetime | None:
    """When the newest burn began: the start of the last run of steps that burn faster than the budget allows.

    A run goes on over up to `quiet_steps` calm steps; None where the newest run ended longer ago than that.
    """
    began, calm = None, quiet_steps
    for step in reversed(steps):
        rate = burn(step.counts, objective) if step.counts else None
        if rate is not None and rate > 1:
            began, calm = step.starts_at, 0
            continue
        calm += 1
        if calm > quiet_steps and began is not None:
            return began
        if calm > 2 * quiet_steps:
            return None
    return began

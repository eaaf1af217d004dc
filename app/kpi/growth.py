"""The phases that a shop grows through, and when the next one comes. Pure: no I/O, no clock.

Phases are those of the plan, by users active in 30 days. The next one is foretold from the growth of every
28 days as it was over the last twelve weeks: the middle one of those growths for the day itself, the fifth
of slow and the fifth of fast ones for the band. Growth that is none has no day, and neither has one beyond
ten years.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, log

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

STEP_DAYS = 28
WEEKS = 12
LEAST_GROWTHS = 4
MOST_DAYS = 3_650


@dataclass(frozen=True)
class Phase:
    number: int
    name: LazyString
    from_users: int
    to_users: int | None  # None: the last one has no end


PHASES = (
    Phase(1, _l("Up to 1 K users"), 0, 1_000),
    Phase(2, _l("1 K to 10 K users"), 1_000, 10_000),
    Phase(3, _l("10 K to 100 K users"), 10_000, 100_000),
    Phase(4, _l("100 K to 1 M users"), 100_000, 1_000_000),
    Phase(5, _l("More than 1 M users"), 1_000_000, None),
)


def phase_of(users: float) -> Phase:
    return next(phase for phase in reversed(PHASES) if users >= phase.from_users)


@dataclass(frozen=True)
class Crossing:
    """The day on which a number of users is reached, at this growth. None: not within ten years."""

    users: int
    growth: float  # of 28 days, relative; 0.1 is ten per cent
    day: date | None
    earliest: date | None
    latest: date | None


def crossing(users_by_day: Mapping[date, float], threshold: int) -> Crossing | None:
    """None where fewer than four growths are known: a shop of a few weeks has no course yet."""
    if not users_by_day:
        return None
    today = max(users_by_day)
    growths = sorted(_growths(users_by_day, today))
    if len(growths) < LEAST_GROWTHS or users_by_day[today] <= 0:
        return None
    middle, slow, fast = (_quantile(growths, share) for share in (0.5, 0.2, 0.8))
    days = [_day(today, users_by_day[today], threshold, growth) for growth in (middle, fast, slow)]
    return Crossing(threshold, middle - 1, *days)


def _growths(users_by_day: Mapping[date, float], today: date) -> list[float]:
    found = []
    for week in range(WEEKS):
        day = today - timedelta(weeks=week)
        now, before = users_by_day.get(day), users_by_day.get(day - timedelta(days=STEP_DAYS))
        if now and before:
            found.append(now / before)
    return found


def _quantile(ordered: list[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _day(today: date, users: float, threshold: int, growth: float) -> date | None:
    if users >= threshold:
        return today
    if growth <= 1:
        return None
    days = ceil(STEP_DAYS * log(threshold / users) / log(growth))
    return today + timedelta(days=days) if days <= MOST_DAYS else None

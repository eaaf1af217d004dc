"""One KPI over a period beside another, and whether the change is more than noise. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from app.kpi.definitions import TRAILING, Kpi
from app.kpi.measures import Period, Value, ratio
from app.kpi.selection import Selection
from app.series import noise
from app.series.glossary import Term
from app.series.noise import Change, Unknown

HISTORY_DAYS = 56
SHARED_WINDOWS = "stickiness"  # both of its counts look back thirty days
Verdict = Literal["more", "within", "unknown"]
Why = Literal["history", "days", "few", "same", "weekdays", "windows", "filter", "no data"]


@dataclass(frozen=True)
class Day:
    """A KPI's figure of one day; of a ratio what it is made of, too."""

    value: float
    above: float = 0.0
    below: float = 0.0


Days = Mapping[date, Day]  # a day without a figure is absent


@dataclass(frozen=True)
class Tile:
    kpi: Kpi
    term: Term
    value: Value
    before: Value
    change: float | None  # relative; of a ratio the difference
    target: float | None  # of the whole period
    trend: list[float | None]  # its days and those before, oldest first
    noise: Change | Unknown
    currency: str = "EUR"
    is_splittable: bool = True  # False: there are no figures by what is filtered
    verdict: Verdict = "unknown"
    why: Why = "no data"  # of an unknown verdict

    @property
    def is_reached(self) -> bool | None:
        """None: there is no target, or not enough days to tell."""
        if self.target is None or self.value.value is None or not self.value.is_whole:
            return None
        if self.term.better == "down":
            return self.value.value <= self.target
        return self.value.value >= self.target

    @property
    def is_mean_day(self) -> bool:
        """People of a day cannot be added up; those of a trailing window, and page loads, are no day's."""
        return self.kpi.fold == "mean" and not self.kpi.device and not TRAILING & set(self.kpi.measures)

    @property
    def is_worse(self) -> bool:
        """It moved by more than chance, and the wrong way."""
        if self.verdict != "more" or not isinstance(self.noise, Change) or self.term.better == "none":
            return False
        return (self.noise.difference < 0) == (self.term.better == "up")

    @property
    def badness(self) -> int:
        """What is wrong comes first: a change for the worse, a missed target, all else, nothing known."""
        if self.is_worse:
            return 3
        if self.is_reached is False:
            return 2
        return 0 if self.value.value is None else 1


def over(kpi: Kpi, days: Days, wanted: Period) -> Value:
    """Sums add up; a ratio is that of its sums; of people it is the mean day."""
    known = [days[day] for day in wanted.dates() if day in days]
    value: float | None = None
    if known and kpi.fold == "ratio" and kpi.key == SHARED_WINDOWS:
        value = sum(day.value for day in known) / len(known)
    elif known and kpi.fold == "ratio":
        value = ratio(sum(day.above for day in known), sum(day.below for day in known))
    elif known:
        total = sum(day.value for day in known)
        value = total / len(known) if kpi.fold == "mean" else total
    return Value(value, len(known), wanted.days)


def tile(
    kpi: Kpi,
    term: Term,
    days: Days,
    chosen: Selection,
    target: float | None,
    currency: str = "EUR",
    is_splittable: bool = True,
) -> Tile:
    """By itself: what many tiles make of its change is said by `judged`."""
    now, before = over(kpi, days, chosen.now), over(kpi, days, chosen.before)
    first = min(chosen.before.first, chosen.now.first)
    if (chosen.now.first - first).days > chosen.now.days + 7:  # a year ago: its own days alone
        first = chosen.now.first
    span = Period(first, (chosen.now.last - first).days + 1)
    return Tile(
        kpi=kpi,
        term=term,
        value=now,
        before=before,
        change=change(now, before, term.unit),
        target=target,
        trend=[days[day].value if day in days else None for day in span.dates()],
        noise=_noise(kpi, term, days, chosen),
        currency=currency,
        is_splittable=is_splittable,
    )


def of_loads(one: Tile, now: float | None, before: float | None) -> Tile:
    """With the percentile of all page loads of either period in place of what its days come to."""
    value, then = replace(one.value, value=now), replace(one.before, value=before)
    return replace(one, value=value, before=then, change=change(value, then, one.term.unit))


def change(now: Value, before: Value, unit: str) -> float | None:
    """Relative change; of a ratio the difference. None where a side is not whole or cannot be divided by."""
    if now.value is None or before.value is None or not (now.is_whole and before.is_whole):
        return None
    if unit == "ratio":
        return now.value - before.value
    return now.value / before.value - 1 if before.value else None


def _noise(kpi: Kpi, term: Term, days: Days, chosen: Selection) -> Change | Unknown:
    start = chosen.now.first - timedelta(days=HISTORY_DAYS)
    sides = [chosen.now.dates(), chosen.before.dates(), Period(start, HISTORY_DAYS).dates()]
    if kpi.fold == "ratio":
        pairs = [
            [(days[day].above, days[day].below) if day in days else None for day in side] for side in sides
        ]
        return noise.of_ratios(pairs[0], pairs[1], pairs[2], proportion=term.unit == "ratio")
    values = [[days[day].value if day in days else None for day in side] for side in sides]
    if TRAILING & set(kpi.measures):
        lag = (chosen.now.last - chosen.before.last).days
        return noise.of_people(
            over(kpi, days, chosen.now).value, over(kpi, days, chosen.before).value, values[2], lag
        )
    return noise.of_sums(values[0], values[1], values[2], counts=term.unit == "count")


def judged(tiles: Sequence[Tile], chosen: Selection) -> list[Tile]:
    """All tiles of a dashboard together, what is wrong first."""
    p_values = {
        one.kpi.key: one.noise.p
        for one in tiles
        if isinstance(one.noise, Change)
        and one.change is not None
        and chosen.is_weekday_matched
        and one.kpi.key != SHARED_WINDOWS
    }
    called = noise.more_than_chance(p_values)
    return [_judged(one, p_values, called, chosen) for one in tiles]


def _judged(one: Tile, p_values: Mapping[str, float], called: frozenset[str], chosen: Selection) -> Tile:
    if one.kpi.key in p_values:
        return replace(one, verdict="more" if one.kpi.key in called else "within")
    if not one.is_splittable:
        return replace(one, why="filter")
    if one.kpi.key == SHARED_WINDOWS:
        return replace(one, why="windows")
    if not chosen.is_weekday_matched:
        return replace(one, why="weekdays")
    return replace(one, why=one.noise.reason if isinstance(one.noise, Unknown) else "no data")


def worst_first(tiles: Iterable[Tile]) -> list[Tile]:
    return sorted(tiles, key=lambda one: -one.badness)

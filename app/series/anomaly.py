"""Which days are unlike their weekday, and what made them so. Pure: numbers in, numbers out.

    judge(values)                          for each step whether it is unusual, and what would have been usual
    contributors(now, usual)               which members of a dimension explain the difference of a total
    ratio_contributors(now, usual)         the same for a ratio of two totals

**Usual** is the median of the same weekday in the eight weeks before (at least four of them known). **How
far** from it a day is, is a robust z: the distance over a standard deviation that is estimated by 1.4826 ·
MAD (the median of the distances from the median). Eight values tell a spread poorly, so the weekday's own
is averaged (by squares) with those of all weekdays; it is never taken to be below 5 % of the usual value,
nor, for `counts`, below √usual, which is the least by which chance moves a count. That also answers a MAD
of 0: a weekday that was always the same is not unusual for moving a little, and a shop that never sold on
Saturdays has an unusual Saturday only once it sells more than chance would.

A day is unusual from |z| ≥ 4 on: of quiet days (independent, normal) about one in 190 is, measured.

Sources: Iglewicz and Hoaglin (1993) for the robust z; Rousseeuw and Croux (1993) for 1.4826.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median

Values = Sequence[float | None]

SEASON_STEPS = 7
SEASONS = 8
LEAST_SEASONS = 4
UNUSUAL_FROM = 4.0
NORMAL = 1.4826  # standard deviations of a normal distribution to one MAD
LEAST_SHARE = 0.05  # of the usual value, as a standard deviation
TINY = 1e-12  # of a series that was always 0: any other value is unusual, and nothing is divided by 0


@dataclass(frozen=True)
class Judgement:
    """One step beside what is usual for its place in the season."""

    value: float
    usual: float
    spread: float  # one standard deviation of usual steps, in the unit of the values; above 0

    @property
    def z(self) -> float:
        return (self.value - self.usual) / self.spread

    @property
    def is_unusual(self) -> bool:
        return abs(self.z) >= UNUSUAL_FROM

    @property
    def low(self) -> float:
        return self.usual - UNUSUAL_FROM * self.spread

    @property
    def high(self) -> float:
        return self.usual + UNUSUAL_FROM * self.spread


def judge(values: Values, *, counts: bool = False, season: int = SEASON_STEPS) -> list[Judgement | None]:
    """One judgement a step; None for a gap and where too little is known of the place in the season."""
    usual = [_usual(values, at, season) for at in range(len(values))]
    return [_judged(values, at, usual, counts, season) for at in range(len(values))]


def _same_place(values: Values, at: int, season: int) -> list[float]:
    """The known values of the same place in the seasons before, the newest first."""
    places = range(at - season, max(-1, at - SEASONS * season - 1), -season)
    return [value for place in places if place >= 0 and (value := values[place]) is not None]


def _usual(values: Values, at: int, season: int) -> tuple[float, float] | None:
    """Median and 1.4826 · MAD; None while fewer than four seasons are known."""
    before = _same_place(values, at, season)
    if len(before) < LEAST_SEASONS:
        return None
    middle = median(before)
    return middle, NORMAL * median(abs(value - middle) for value in before)


def _judged(
    values: Values, at: int, usual: Sequence[tuple[float, float] | None], counts: bool, season: int
) -> Judgement | None:
    value, mine = values[at], usual[at]
    if value is None or mine is None:
        return None
    middle, spread = mine
    around = [one[1] for one in usual[max(0, at - season + 1) : at + 1] if one is not None]
    shared = sqrt((spread**2 + sum(one**2 for one in around) / len(around)) / 2)
    by_chance = sqrt(max(middle, 1.0)) if counts else TINY
    return Judgement(value, middle, max(shared, LEAST_SHARE * abs(middle), by_chance))


@dataclass(frozen=True)
class Contribution:
    """One member's part in a difference. The parts of all members add up to it."""

    member: str
    now: float | None
    usual: float | None
    difference: float  # in the unit of the total
    share: float  # of the total's difference; negative where it went the other way


def contributors(now: Mapping[str, float], usual: Mapping[str, float]) -> list[Contribution]:
    """Of a total that is the sum of its members; the largest part first."""
    parts = {name: now.get(name, 0.0) - usual.get(name, 0.0) for name in now.keys() | usual.keys()}
    return _ranked(parts, now, usual)


Parts = Mapping[str, tuple[float, float]]  # member → what is above and below the line


def ratio_contributors(now: Parts, usual: Parts) -> list[Contribution]:
    """Of a ratio A / B of totals: (aᵢ − r·bᵢ) / B now, less the same then, with r the usual ratio.

    Exact: the parts add up to the change of the ratio, because Σ (aᵢ − r·bᵢ) is 0 then. A member counts for
    being better than the usual ratio and for being larger. Empty where either ratio does not exist.
    """
    whole_now, whole_usual = (sum(below for _, below in side.values()) for side in (now, usual))
    if not whole_now or not whole_usual:
        return []
    usual_ratio = sum(above for above, _ in usual.values()) / whole_usual

    def part(side: Parts, whole: float, name: str) -> float:
        above, below = side.get(name, (0.0, 0.0))
        return (above - usual_ratio * below) / whole

    parts = {
        name: part(now, whole_now, name) - part(usual, whole_usual, name)
        for name in now.keys() | usual.keys()
    }
    return _ranked(parts, _ratios(now), _ratios(usual))


def _ratios(side: Parts) -> dict[str, float]:
    return {name: above / below for name, (above, below) in side.items() if below}


def _ranked(
    parts: Mapping[str, float], now: Mapping[str, float], usual: Mapping[str, float]
) -> list[Contribution]:
    total = sum(parts.values())
    rows = [
        Contribution(name, now.get(name), usual.get(name), part, part / total if total else 0.0)
        for name, part in parts.items()
    ]
    return sorted(rows, key=lambda row: (-abs(row.difference), row.member))

"""What each side did between two looks, from the raw samples of the shop's counters. Pure.

A counter only grows, or begins again at 0 when its process does; what it grew by is summed sample by sample,
each sample once: a look goes on from the newest sample that the look before had seen, per scraped instance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, float("inf"))
CONTROL = "off"
ALL = "all"
NO_BUCKETS = (0.0,) * len(BOUNDS)


class Series(Protocol):
    """One counter as it was scraped; points ascend."""

    @property
    def labels(self) -> Mapping[str, str]: ...
    @property
    def points(self) -> Sequence[tuple[datetime, float]]: ...


@dataclass(frozen=True)
class Count:
    """Journeys of one side."""

    good: float = 0.0
    bad: float = 0.0
    troubles: float = 0.0  # bad ones, one of a visit at most: what is compared
    within: tuple[float, ...] = NO_BUCKETS  # done within each of BOUNDS

    def __add__(self, other: Count) -> Count:
        within = tuple(a + b for a, b in zip(self.within, other.within, strict=True))
        return Count(self.good + other.good, self.bad + other.bad, self.troubles + other.troubles, within)

    @property
    def journeys(self) -> float:
        return self.good + self.bad

    @property
    def error_share(self) -> float | None:
        return self.bad / self.journeys if self.journeys else None

    def slower_than(self, seconds: float) -> float:
        """Journeys that took longer than one of BOUNDS."""
        return max(0.0, self.within[-1] - self.within[BOUNDS.index(seconds)])


Journeys = Mapping[str, Count]  # by journey


@dataclass(frozen=True)
class Sides:
    """Both sides of the same seconds."""

    treated: Journeys
    control: Journeys

    def of(self, journey: str) -> tuple[Count, Count]:
        """Treated and control of one kind of journey, or of all together."""
        return _of(self.treated, journey), _of(self.control, journey)

    def __add__(self, other: Sides) -> Sides:
        return Sides(_sum(self.treated, other.treated), _sum(self.control, other.control))


NOTHING = Sides({}, {})


def _of(side: Journeys, journey: str) -> Count:
    if journey != ALL:
        return side.get(journey, Count())
    return sum(side.values(), Count())


def _sum(one: Journeys, other: Journeys) -> Journeys:
    return {name: one.get(name, Count()) + other.get(name, Count()) for name in sorted({*one, *other})}


def grown(series: Series, seen: Mapping[str, float]) -> float:
    """What a counter grew by since the newest sample that was seen of its instance.

    Of an instance that was never seen the first sample is where it begins. A counter that is younger than
    that began at 0.
    """
    since = seen.get(series.labels.get("instance", ""))
    known = [value for at, value in series.points if since is not None and at.timestamp() <= since]
    new = [value for at, value in series.points if since is None or at.timestamp() > since]
    if not new:
        return 0.0
    last = known[-1] if known else new[0] if since is None else 0.0
    total = 0.0
    for value in new:
        total += value - last if value >= last else value
        last = value
    return total


def newest(all_series: Iterable[Series]) -> dict[str, float]:
    """Unix seconds of the newest sample of each instance."""
    found: dict[str, float] = {}
    for series in all_series:
        if series.points:
            name, at = series.labels.get("instance", ""), series.points[-1][0].timestamp()
            found[name] = max(at, found.get(name, 0.0))
    return found


def sides(
    journeys: Iterable[tuple[Mapping[str, str], float]],
    troubles: Iterable[tuple[Mapping[str, str], float]],
    buckets: Iterable[tuple[Mapping[str, str], float]],
) -> Sides:
    """From what each counter grew by. Every variant but "off" is treated."""
    made: defaultdict[tuple[bool, str], Count] = defaultdict(Count)
    for labels, value in journeys:
        is_good = labels.get("outcome") == "good"
        made[_place(labels)] += Count(good=value) if is_good else Count(bad=value)
    for labels, value in troubles:
        made[_place(labels)] += Count(troubles=value)
    for labels, value in buckets:
        within = tuple(value if bound == float(labels["le"]) else 0.0 for bound in BOUNDS)
        made[_place(labels)] += Count(within=within)
    return Sides(
        {journey: count for (is_control, journey), count in made.items() if not is_control},
        {journey: count for (is_control, journey), count in made.items() if is_control},
    )


def _place(labels: Mapping[str, str]) -> tuple[bool, str]:
    return labels.get("variant") == CONTROL, labels.get("journey", "")


def as_json(found: Sides) -> dict[str, dict[str, list[float]]]:
    """Compact, for the database: good, bad, troubles, then the buckets."""
    return {
        name: {
            journey: [count.good, count.bad, count.troubles, *count.within]
            for journey, count in side.items()
            if count != Count()
        }
        for name, side in (("treated", found.treated), ("control", found.control))
    }


def stored(raw: Mapping[str, Mapping[str, Sequence[float]]]) -> Sides:
    return Sides(*(_stored(raw.get(name, {})) for name in ("treated", "control")))


def _stored(side: Mapping[str, Sequence[float]]) -> Journeys:
    return {name: Count(row[0], row[1], row[2], tuple(row[3:])) for name, row in side.items()}

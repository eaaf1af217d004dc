"""What a review holds: sections of figures and of what happened. Pure: no I/O, no clock.

It is kept as JSON, in numbers and keys: words are chosen when somebody reads it, in her language. A figure
whose value is None says in `reason` why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Reason = Literal["", "no data", "part", "no prices", "before"]
SECTIONS = ("performance", "kpis", "cost", "operations", "growth")
LONGEST_TEXT = 4_000
LONGEST_OWNER = 120
NEAR = 1e-9  # relative; what is closer was only added up in another order


@dataclass(frozen=True)
class Figure:
    key: str  # what is measured, a key of words.NAMES; of KPIs "kpi"
    member: str  # of which objective, KPI, month …; "" where there is one
    unit: str  # as in the glossary
    better: str  # up, down or none
    value: float | None
    before: float | None = None  # the same of the period before
    target: float | None = None
    verdict: str = ""  # more (than noise), within (what chance does), "" not judged
    reason: Reason = ""
    currency: str = ""  # of money that is not in the shop's own

    @property
    def name(self) -> tuple[str, str]:
        return self.key, self.member

    @property
    def change(self) -> float | None:
        """Relative; of a ratio the difference. None where a side is missing or cannot be divided by."""
        if self.value is None or self.before is None:
            return None
        if self.unit == "ratio":
            return self.value - self.before
        return self.value / self.before - 1 if self.before else None

    @property
    def is_reached(self) -> bool | None:
        if self.target is None or self.value is None:
            return None
        return self.value <= self.target if self.better == "down" else self.value >= self.target

    @property
    def is_worse(self) -> bool:
        """It moved the wrong way by more than chance does."""
        if self.verdict != "more" or self.value is None or self.before is None or self.better == "none":
            return False
        return (self.value < self.before) == (self.better == "up")

    @property
    def state(self) -> str:
        """One of ui.states."""
        if self.value is None:
            return "nodata"
        if self.is_reached is False or self.is_worse:
            return "risk"
        return "ok" if self.is_reached else "info"


@dataclass(frozen=True)
class Event:
    at: str  # ISO 8601
    kind: str  # as on the timeline
    title: str
    url: str = ""


@dataclass(frozen=True)
class Section:
    key: str  # one of SECTIONS
    figures: tuple[Figure, ...]
    events: tuple[Event, ...] = ()

    @property
    def wrong(self) -> list[Figure]:
        return [figure for figure in self.figures if figure.state == "risk"]


def worst_first(figures: Iterable[Figure]) -> tuple[Figure, ...]:
    ranks = {"risk": 0, "ok": 1, "info": 1, "nodata": 2}
    return tuple(sorted(figures, key=lambda figure: ranks[figure.state]))


def to_json(sections: Sequence[Section]) -> list[dict[str, Any]]:
    return [asdict(section) for section in sections]


def from_json(kept: Sequence[Mapping[str, Any]]) -> list[Section]:
    return [
        Section(
            section["key"],
            tuple(Figure(**figure) for figure in section["figures"]),
            tuple(Event(**event) for event in section["events"]),
        )
        for section in kept
    ]


@dataclass(frozen=True)
class Moved:
    """A figure that is another one when it is computed again: late events, refunds, corrected costs."""

    kept: Figure
    now: float | None


def moved(kept: Sequence[Section], again: Sequence[Section]) -> dict[tuple[str, str], Moved]:
    """By the figures' names. What is gone altogether counts as no data now."""
    now = {figure.name: figure.value for section in again for figure in section.figures}
    return {
        figure.name: Moved(figure, now.get(figure.name))
        for section in kept
        for figure in section.figures
        if _differs(figure.value, now.get(figure.name))
    }


def _differs(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is not other
    return abs(one - other) > NEAR * max(abs(one), abs(other), 1.0)

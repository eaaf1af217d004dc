"""How days become a period. Pure: no I/O, no clock, no Flask.

Sums add up over days; a ratio of a period is the ratio of its sums, never the mean of
daily ratios; a count of people cannot be added up and is shown as the mean day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from app.kpi.definitions import KPIS as KPIS
from app.kpi.definitions import Kpi as Kpi

Days = Mapping[date, float]  # a series by day; a day without a figure is absent
WEEK = 7


def ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


@dataclass(frozen=True)
class Period:
    """Whole days, from `first` on."""

    first: date
    days: int

    @property
    def last(self) -> date:
        return self.first + timedelta(days=self.days - 1)

    def dates(self) -> list[date]:
        return [self.first + timedelta(days=index) for index in range(self.days)]

    def before(self) -> Period:
        """The same weekdays just before: one day is compared with that day a week ago."""
        weeks = -(-self.days // WEEK)
        return Period(self.first - timedelta(days=weeks * WEEK), self.days)


PERIODS: dict[str, tuple[LazyString, int]] = {
    "1d": (_l("Yesterday"), 1),
    "7d": (_l("7 days"), 7),
    "28d": (_l("28 days"), 28),
    "91d": (_l("91 days"), 91),
}


def period(key: str, today: date) -> Period:
    """The last whole days before today."""
    days = PERIODS[key][1]
    return Period(today - timedelta(days=days), days)


@dataclass(frozen=True)
class Value:
    """A KPI over a period. `known`: days that have a figure; fewer than asked for is not the whole truth."""

    value: float | None
    known: int
    days: int

    @property
    def is_whole(self) -> bool:
        return self.known == self.days


def over(kpi: Kpi, series: Mapping[str, Days], wanted: Period) -> Value:
    """The KPI's figure for a period, of the points by series."""
    base = series.get(kpi.whole or kpi.series, {})
    days = [day for day in wanted.dates() if day in base]
    value: float | None = None
    if days and kpi.fold == "ratio" and kpi.part:
        part = series.get(kpi.part, {})
        value = ratio(sum(part.get(day, 0.0) for day in days), sum(base[day] for day in days))
    elif days and kpi.fold != "ratio":
        total = sum(base[day] for day in days)
        value = total / len(days) if kpi.fold == "mean" else total
    return Value(value, len(days), wanted.days)


def change(now: Value, before: Value, unit: str) -> float | None:
    """Relative change; of a ratio the difference. None where a side is not whole or cannot be divided by."""
    if now.value is None or before.value is None or not (now.is_whole and before.is_whole):
        return None
    if unit == "ratio":
        return now.value - before.value
    return now.value / before.value - 1 if before.value else None


def target_over(kpi: Kpi, daily: Mapping[date, float | None], wanted: Period) -> float | None:
    """What the targets of the days come to; None where a day has none."""
    targets = [daily.get(day) for day in wanted.dates()]
    known = [target for target in targets if target is not None]
    if len(known) < len(targets):
        return None
    return sum(known) if kpi.fold == "sum" else sum(known) / len(known)

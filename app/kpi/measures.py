"""What each KPI is, and how days become a period. Pure: no I/O, no clock, no Flask.

A day is a UTC day. Sums add up over days; a ratio of a period is the ratio of its sums, never the mean of
daily ratios; a count of people cannot be added up and is shown as the mean day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

Fold = Literal["sum", "mean", "ratio"]
Days = Mapping[date, float]  # a series by day; a day without a figure is absent
WEEK = 7


@dataclass(frozen=True)
class Facts:
    """All that is counted of one day."""

    orders: int = 0
    revenue_cents: int = 0
    goods_cents: int = 0  # gross less discounts, without shipping and tax
    sessions: int = 0
    sessions_with_order: int = 0
    active_users: int = 0

    def figures(self) -> dict[str, float | None]:
        """The points of the day by series; None where nothing can be divided."""
        return {
            "kpi.orders": self.orders,
            "kpi.revenue_cents": self.revenue_cents,
            "kpi.goods_cents": self.goods_cents,
            "kpi.sessions": self.sessions,
            "kpi.sessions_with_order": self.sessions_with_order,
            "kpi.active_users": self.active_users,
            "kpi.conversion": ratio(self.sessions_with_order, self.sessions),
            "kpi.aov_cents": ratio(self.goods_cents, self.orders),
        }


def ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


@dataclass(frozen=True)
class Kpi:
    """One KPI; its name, unit and formula stand in the glossary under `series`."""

    key: str  # in addresses
    series: str
    fold: Fold
    inputs: LazyString  # where the figures come from
    caveat: LazyString
    query: str  # what is asked of the reporting views, a key of queries.SQL
    part: str = ""  # of a ratio: the series above and below the line
    whole: str = ""


_ORDERS = _l("Orders and payments of the shop’s reporting views")
_USAGE = _l("Usage events and orders of the shop’s reporting views")

KPIS: dict[str, Kpi] = {
    kpi.key: kpi
    for kpi in (
        Kpi(
            "revenue",
            "kpi.revenue_cents",
            "sum",
            _ORDERS,
            _l("A refund counts on the day it is made, not on the day of its order."),
            "orders",
        ),
        Kpi(
            "orders",
            "kpi.orders",
            "sum",
            _ORDERS,
            _l("An order that is cancelled later stays on the day it was paid."),
            "orders",
        ),
        Kpi(
            "conversion",
            "kpi.conversion",
            "ratio",
            _USAGE,
            _l(
                "A visit over midnight belongs to the day it began."
                " Visits whose events were lost are not counted."
            ),
            "sessions",
            part="kpi.sessions_with_order",
            whole="kpi.sessions",
        ),
        Kpi(
            "aov",
            "kpi.aov_cents",
            "ratio",
            _ORDERS,
            _l("Tax and shipping are left out, so a change of either does not move it."),
            "orders",
            part="kpi.goods_cents",
            whole="kpi.orders",
        ),
        Kpi(
            "sessions",
            "kpi.sessions",
            "sum",
            _USAGE,
            _l("A browser that takes no cookies makes a visit of every page."),
            "sessions",
        ),
        Kpi(
            "active-users",
            "kpi.active_users",
            "mean",
            _USAGE,
            _l("Counted exactly. Somebody with two browsers counts once only when signed in on both."),
            "active_users",
        ),
    )
}


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
    if days and kpi.fold == "ratio":
        part = series.get(kpi.part, {})
        value = ratio(sum(part.get(day, 0.0) for day in days), sum(base[day] for day in days))
    elif days:
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


def stretches(days: list[date], longest: int) -> list[tuple[date, date]]:
    """Days as (first, last) of runs without a gap, none longer than `longest`: one question each."""
    found: list[tuple[date, date]] = []
    for day in sorted(days):
        if found and day - found[-1][1] == timedelta(days=1) and (day - found[-1][0]).days < longest:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def due(first: date, today: date, computed: Mapping[date, date], again: int) -> list[date]:
    """Days to compute: those that never were, those computed before they were over, and the last `again`.

    `computed`: day → the UTC day on which it was last computed. Late events change the last few days.
    """
    span = [first + timedelta(days=index) for index in range((today - first).days + 1)]
    recent = today - timedelta(days=again)
    return [day for day in span if day > recent or computed.get(day, date.min) <= day]

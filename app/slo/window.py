"""The span that an objective is kept over: so many days back, or a calendar's week, month or quarter. Pure.

A calendar window begins at midnight in a time zone of people, so that its length follows their clocks: the
week in which clocks are put forward has 167 hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask_babel import lazy_gettext as _l

from app.slo.bucket import BUCKET, floor

WindowKind = Literal["rolling", "week", "month", "quarter"]
WINDOW_NAMES = {
    "rolling": _l("Rolling days"),
    "week": _l("Calendar week"),
    "month": _l("Calendar month"),
    "quarter": _l("Calendar quarter"),
}
# What alerts reckon with: their factors must not change with the length of a month.
USUAL_DAYS = {"week": 7, "month": 30, "quarter": 91}
LONGEST_DAYS = 400
MONTHS = {"month": 1, "quarter": 3}


@dataclass(frozen=True)
class Window:
    kind: WindowKind
    days: int  # of a rolling one; of a calendar's its usual length
    zone: str = "UTC"

    @property
    def usual(self) -> timedelta:
        return timedelta(days=self.days)

    def bounds(self, at: datetime) -> tuple[datetime, datetime]:
        """Start and end of the window that holds a moment; a rolling one ends with its five minutes."""
        if self.kind == "rolling":
            end = floor(at) + BUCKET
            return end - self.usual, end
        zone = ZoneInfo(self.zone)
        first = _first_day(self.kind, at.astimezone(zone).date())
        return _midnight(first, zone), _midnight(_next(self.kind, first), zone)

    def past(self, at: datetime, count: int) -> list[tuple[datetime, datetime]]:
        """The windows before the one that holds `at`, newest first, each ending where the next begins."""
        found = []
        start, _ = self.bounds(at)
        for _ in range(count):
            end = start
            start = end - self.usual if self.kind == "rolling" else self.bounds(end - BUCKET)[0]
            found.append((start, end))
        return found


def is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _first_day(kind: WindowKind, day: date) -> date:
    if kind == "week":
        return day - timedelta(days=day.weekday())
    month = day.month if kind == "month" else (day.month - 1) // 3 * 3 + 1
    return date(day.year, month, 1)


def _next(kind: WindowKind, first: date) -> date:
    if kind == "week":
        return first + timedelta(days=7)
    months = first.month - 1 + MONTHS[kind]
    return date(first.year + months // 12, months % 12 + 1, 1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)

"""Weeks, months, quarters and years, and when one may be reviewed. Pure: no I/O, no clock.

A period is whole days of UTC. Weeks are those of ISO 8601, from Monday. It is reviewed a day after its end,
once late events and payments of its last day are in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, get_args

from flask_babel import lazy_gettext as _l

from app.errors import NotFound

Kind = Literal["week", "month", "quarter", "year"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SETTLES_AFTER = timedelta(hours=6)
MONTHS = {"month": 1, "quarter": 3, "year": 12}
EARLIEST = 2000


@dataclass(frozen=True)
class Period:
    kind: Kind
    first: date
    last: date

    @property
    def name(self) -> str:
        """As the address says it: 2026-W48, 2026-11, 2026-Q4, 2026."""
        match self.kind:
            case "week":
                year, week, _ = self.first.isocalendar()
                return f"{year}-W{week:02d}"
            case "month":
                return f"{self.first:%Y-%m}"
            case "quarter":
                return f"{self.first.year}-Q{self.first.month // 3 + 1}"
            case "year":
                return f"{self.first.year}"

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first, time(), UTC)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last + timedelta(days=1), time(), UTC)

    @property
    def months(self) -> list[str]:
        """The months that it touches, as 2026-11."""
        found = [self.first.replace(day=1)]
        while (after := (found[-1] + timedelta(days=32)).replace(day=1)) <= self.last:
            found.append(after)
        return [f"{month:%Y-%m}" for month in found]

    def before(self) -> Period:
        return around(self.kind, self.first - timedelta(days=1))

    def after(self) -> Period:
        return around(self.kind, self.last + timedelta(days=1))

    def is_settled(self, now: datetime) -> bool:
        return now >= self.end + SETTLES_AFTER


def around(kind: Kind, day: date) -> Period:
    """The period of that kind that holds a day."""
    if kind == "week":
        monday = day - timedelta(days=day.weekday())
        return Period(kind, monday, monday + timedelta(days=6))
    length = MONTHS[kind]
    first = date(day.year, (day.month - 1) // length * length + 1, 1)
    index = first.year * 12 + first.month - 1 + length
    return Period(kind, first, date(index // 12, index % 12 + 1, 1) - timedelta(days=1))


def last_settled(kind: Kind, now: datetime) -> Period:
    found = around(kind, now.astimezone(UTC).date()).before()
    return found if found.is_settled(now) else found.before()


def read_period(text: str) -> Period:
    """2026-W48, 2026-11, 2026-Q4 or 2026. Raises `NotFound` for anything else."""
    try:
        found = _parsed(text)
    except (ValueError, OverflowError):
        found = None
    if found is None or found.name != text or not EARLIEST <= found.first.year <= 9000:
        sample = _l(
            "There is no review %(name)s. Ask for one such as 2026-W05, 2026-01, 2026-Q1 or 2026.", name=text
        )
        raise NotFound(sample)
    return found


def _parsed(text: str) -> Period:
    if "-W" in text:
        year, week = text.split("-W")
        return around("week", date.fromisocalendar(int(year), int(week), 1))
    if "-Q" in text:
        year, quarter = text.split("-Q")
        return around("quarter", date(int(year), int(quarter) * 3 - 2, 1))
    if "-" in text:
        return around("month", date.fromisoformat(f"{text}-01"))
    return around("year", date(int(text), 1, 1))

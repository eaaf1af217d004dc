"""The week or the month of every objective: kept or missed, what it spent, and how that compares. Pure.

A period is judged by itself: its events against the objective. What is left of the running budget at its
end stands beside it. Weeks are those of ISO 8601, from Monday; periods begin and end at midnight UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from flask_babel import lazy_gettext as _l

from app.errors import NotFound
from app.slo.bucket import BUCKET, HOUR, Counts
from app.slo.budget import burn

Kind = Literal["week", "month"]
KINDS: tuple[Kind, ...] = ("week", "month")
WORST_HOURS = 3
NONE = Counts()


@dataclass(frozen=True)
class Period:
    kind: Kind
    start: datetime
    end: datetime

    @property
    def name(self) -> str:
        """As the address says it: 2026-W48, 2026-11."""
        if self.kind == "month":
            return f"{self.start:%Y-%m}"
        year, week, _ = self.start.isocalendar()
        return f"{year}-W{week:02d}"

    @property
    def last_day(self) -> date:
        return (self.end - timedelta(days=1)).date()

    def before(self) -> Period:
        return around(self.kind, self.start - timedelta(days=1))

    def after(self) -> Period:
        return around(self.kind, self.end)

    def is_over(self, now: datetime) -> bool:
        return self.end <= now


def around(kind: Kind, at: datetime) -> Period:
    """The week or month that holds a moment."""
    midnight = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if kind == "week":
        monday = midnight - timedelta(days=midnight.weekday())
        return Period(kind, monday, monday + timedelta(days=7))
    first = midnight.replace(day=1)
    return Period(kind, first, (first + timedelta(days=32)).replace(day=1))


def last_whole(kind: Kind, now: datetime) -> Period:
    return around(kind, now).before()


def read_period(text: str, now: datetime) -> Period:
    """2026-W48 or 2026-11; `week` and `month`: the last whole one. Raises `NotFound` for anything else."""
    if text in KINDS:
        return last_whole(text, now)
    try:
        if "-W" in text:
            year, week = text.split("-W")
            found = around("week", _midnight(date.fromisocalendar(int(year), int(week), 1)))
        else:
            found = around("month", _midnight(date.fromisoformat(f"{text}-01")))
    except ValueError:
        found = None
    if found is None or found.name != text or found.start > now:
        raise NotFound(_l("There is no report %(name)s. Ask for one such as 2026-W05 or 2026-01.", name=text))
    return found


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


@dataclass(frozen=True)
class Hour:
    """One of the worst hours."""

    starts_at: datetime
    counts: Counts

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + HOUR


@dataclass(frozen=True)
class Figures:
    """What was counted for one objective in a period."""

    counts: Counts = NONE
    known_rows: int = 0  # five minutes that say anything, traffic or none
    worst: tuple[Hour, ...] = ()


@dataclass(frozen=True)
class Subject:
    """An objective as a report speaks of it."""

    key: str
    name: str
    owner: str
    objective: float
    left_at_end: float | None = None  # of the running budget, at the end of the period
    exhausts_at: datetime | None = None  # as of now; only in a report that ends now


@dataclass(frozen=True)
class Line:
    subject: Subject
    now: Figures
    before: Figures

    @property
    def reached(self) -> float | None:
        ratio = self.now.counts.error_ratio
        return None if ratio is None else 1 - ratio

    @property
    def reached_before(self) -> float | None:
        ratio = self.before.counts.error_ratio
        return None if ratio is None else 1 - ratio

    @property
    def change(self) -> float | None:
        """In the share of good events, against the period before."""
        if self.reached is None or self.reached_before is None:
            return None
        return self.reached - self.reached_before

    @property
    def is_met(self) -> bool | None:
        return None if self.reached is None else self.reached >= self.subject.objective

    @property
    def spent(self) -> float | None:
        """Of the bad events that the objective allows in this period: 1 is all of them."""
        return burn(self.now.counts, self.subject.objective)

    @property
    def spent_before(self) -> float | None:
        return burn(self.before.counts, self.subject.objective)


@dataclass(frozen=True)
class Event:
    """An incident, an alert or a change in the period."""

    at: datetime
    kind: str
    title: str
    detail: str = ""
    url: str = ""
    ends_at: datetime | None = None
    is_demo: bool = False


@dataclass(frozen=True)
class Report:
    period: Period
    made_at: datetime
    lines: tuple[Line, ...]  # missed first, then by what they spent; those without data last
    events: tuple[Event, ...] = field(default=())

    @property
    def met(self) -> int:
        return sum(line.is_met is True for line in self.lines)

    @property
    def missed(self) -> int:
        return sum(line.is_met is False for line in self.lines)

    @property
    def unknown(self) -> int:
        return sum(line.is_met is None for line in self.lines)

    @property
    def is_whole(self) -> bool:
        return self.period.is_over(self.made_at)

    def known_share(self, line: Line) -> float:
        """Of the period so far: five minutes that say anything, traffic or none."""
        expected = (min(self.period.end, self.made_at) - self.period.start) / BUCKET
        return min(1.0, line.now.known_rows / max(1.0, expected))

    def of_kind(self, *kinds: str) -> list[Event]:
        return [event for event in self.events if event.kind in kinds]


def report(
    period: Period,
    made_at: datetime,
    subjects: Iterable[Subject],
    now: Mapping[str, Figures],
    before: Mapping[str, Figures],
    events: Sequence[Event] = (),
) -> Report:
    """`now`, `before`: by the objectives' keys; one that is missing has no data."""
    none = Figures()
    lines = [Line(one, now.get(one.key, none), before.get(one.key, none)) for one in subjects]
    return Report(period, made_at, tuple(sorted(lines, key=_badness)), tuple(events))


def _badness(line: Line) -> tuple[int, float, str]:
    rank = {False: 0, True: 1, None: 2}[line.is_met]
    return rank, -(line.spent or 0.0), line.subject.key

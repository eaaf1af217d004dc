"""Maintenance and other spans whose events do not count, once or again and again. Pure.

A repeating one is said in the clock of people: every Sunday at 02:00 stays 02:00 when clocks are put forward.
Rows are five minutes, and one that a span touches is left out whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from app.errors import Refused
from app.slo.bucket import BUCKET, floor
from app.slo.window import is_zone

Repeats = Literal["once", "daily", "weekly", "monthly"]
REPEATS = {
    "once": _l("once"),
    "daily": _l("every day"),
    "weekly": _l("every week"),
    "monthly": _l("every month"),
}
REACHES_BACK = timedelta(days=30)
LONGEST = timedelta(days=31)
LONGEST_REPEATING = timedelta(hours=24)
LONGEST_REASON = 1_000

Span = tuple[datetime, datetime]


@dataclass(frozen=True, kw_only=True)
class Correction:
    id: int = 0
    slo_id: int | None  # None: every objective with these labels
    labels: Mapping[str, str]  # {}: every objective
    starts_at: datetime
    ends_at: datetime  # of the first span
    repeats: Repeats = "once"
    weekdays: tuple[int, ...] = ()  # of a weekly one: 0 is Monday; (): the day that it starts on
    until: datetime | None = None  # no span begins after it
    time_zone: str = "UTC"
    reason: str
    who: str = ""

    def is_for(self, slo_ids: Iterable[int], labels: Mapping[str, str]) -> bool:
        """`slo_ids`: the objective itself and the group that it belongs to."""
        if self.slo_id is not None:
            return self.slo_id in slo_ids
        return all(labels.get(name) == value for name, value in self.labels.items())

    def spans(self, start: datetime, end: datetime) -> list[Span]:
        """Every span that overlaps from `start` to before `end`, oldest first."""
        length = self.ends_at - self.starts_at
        begins = self._begins(start - length, end)
        return [(at, at + length) for at in begins if at < end and at + length > start]

    def _begins(self, after: datetime, before: datetime) -> Iterator[datetime]:
        if self.repeats == "once":
            yield self.starts_at
            return
        zone = ZoneInfo(self.time_zone)
        first = self.starts_at.astimezone(zone)
        day = max(first.date(), after.astimezone(zone).date() - timedelta(days=1))
        last = before.astimezone(zone).date()
        while day <= last:
            at = datetime.combine(day, first.time(), tzinfo=zone).astimezone(UTC)
            if self._is_due(day, first.date()) and at >= self.starts_at and not self._is_over(at):
                yield at
            day += timedelta(days=1)

    def _is_due(self, day: date, first: date) -> bool:
        if self.repeats == "weekly":
            return day.weekday() in (self.weekdays or (first.weekday(),))
        return self.repeats == "daily" or day.day == first.day

    def _is_over(self, at: datetime) -> bool:
        return self.until is not None and at > self.until


def check(made: Correction, now: datetime) -> None:
    """Raises `Refused` beside the fields."""
    wrong: dict[str, object] = {}
    length = made.ends_at - made.starts_at
    longest = LONGEST if made.repeats == "once" else LONGEST_REPEATING
    if length <= timedelta(0):
        wrong["ends_at"] = _l("The end lies before the start.")
    elif length > longest:
        wrong["ends_at"] = _l(
            "A span is at most %(hours)s hours long.", hours=int(longest.total_seconds() // 3600)
        )
    if made.starts_at < now - REACHES_BACK:
        wrong["starts_at"] = _l("A correction reaches at most %(days)s days back.", days=REACHES_BACK.days)
    elif made.starts_at > now + timedelta(days=400):
        wrong["starts_at"] = _l("Choose a start within the next %(days)s days.", days=400)
    if made.until is not None and made.until < made.starts_at:
        wrong["until"] = _l("The end lies before the start.")
    if made.repeats not in REPEATS:
        wrong["repeats"] = _l("Choose one of: %(choices)s.", choices=", ".join(REPEATS))
    if not all(0 <= day <= 6 for day in made.weekdays):
        wrong["weekdays"] = _l("Give weekdays from 0, Monday, to 6, Sunday.")
    if not is_zone(made.time_zone):
        wrong["time_zone"] = _l("Give a time zone such as Europe/Berlin.")
    if not made.reason.strip():
        wrong["reason"] = _l("Say why these events do not count.")
    elif len(made.reason) > LONGEST_REASON:
        wrong["reason"] = _l("Give at most %(most)s characters.", most=LONGEST_REASON)
    if wrong:
        raise Refused(_l("The correction was not saved."), wrong)


def rows_of(spans: Iterable[Span]) -> list[Span]:
    """The spans widened to whole rows: first start, and the start after the last."""
    return [(floor(start), floor(end - timedelta.resolution) + BUCKET) for start, end in spans]


def excludes(rows: Sequence[Span], at: datetime) -> bool:
    return any(start <= at < end for start, end in rows)

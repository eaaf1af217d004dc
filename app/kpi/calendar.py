"""Days, weeks and months of a time zone. Pure: no I/O, no clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from app.kpi.definitions import GRAINS as GRAINS
from app.kpi.definitions import Grain

Against = Literal["previous", "year", "weekdays"]
DAY = timedelta(days=1)


def start(day: date, grain: Grain) -> date:
    """The first day of the day's week (a Monday) or month."""
    match grain:
        case "week":
            return day - day.weekday() * DAY
        case "month":
            return day.replace(day=1)
    return day


def following(bucket: date, grain: Grain) -> date:
    """The first day of the next bucket."""
    match grain:
        case "week":
            return bucket + 7 * DAY
        case "month":
            return (bucket.replace(day=1) + 32 * DAY).replace(day=1)
    return bucket + DAY


def end(bucket: date, grain: Grain) -> date:
    """The last day of the bucket."""
    return following(bucket, grain) - DAY


def span(first: date, last: date, grain: Grain) -> list[date]:
    """The beginnings of the buckets that hold these days."""
    found = [start(first, grain)]
    while (following_one := following(found[-1], grain)) <= last:
        found.append(following_one)
    return found


@lru_cache(20_000)
def midnight(day: date, zone: str) -> datetime:
    """When the day begins in the zone; where the clocks skip midnight, the first moment after it."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def day_of(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


def days(first: date, last: date) -> list[date]:
    return [first + index * DAY for index in range((last - first).days + 1)]


def months_between(first: date, last: date) -> int:
    """Calendar months from one to the other."""
    return (last.year - first.year) * 12 + last.month - first.month


def add_months(month: date, count: int) -> date:
    year, index = divmod(month.year * 12 + month.month - 1 + count, 12)
    return date(year, index + 1, 1)


def stretches(days: list[date], longest: int) -> list[tuple[date, date]]:
    """Days as (first, last) of runs without a gap, none longer than `longest`: one question each."""
    found: list[tuple[date, date]] = []
    for day in sorted(days):
        if found and day - found[-1][1] == DAY and (day - found[-1][0]).days < longest:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def runs(buckets: list[date], grain: Grain, longest_days: int) -> list[tuple[date, date]]:
    """Buckets as (first day, last day) of runs without a gap, none longer than so many days."""
    found: list[tuple[date, date]] = []
    for bucket in buckets:
        last = end(bucket, grain)
        if found and bucket - found[-1][1] == DAY and (last - found[-1][0]).days < longest_days:
            found[-1] = (found[-1][0], last)
        else:
            found.append((bucket, last))
    return found


def before(first: date, last: date, against: Against) -> tuple[date, date]:
    """The days that these are compared with; the 29th of February with the 28th of a shorter year."""
    length = (last - first).days + 1
    if against == "year":
        return _year_before(first), _year_before(last)
    back = length if against == "previous" else -(-length // 7) * 7
    return first - back * DAY, last - back * DAY


def _year_before(day: date) -> date:
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)

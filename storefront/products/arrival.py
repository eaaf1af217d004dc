"""When an order arrives: working days from today. Pure."""

from __future__ import annotations

from datetime import date, timedelta

FASTEST_DAYS, SLOWEST_DAYS = 2, 4
SUNDAY, SATURDAY = 6, 5


def window(today: date) -> tuple[date, date]:
    """The first and the last day on which a parcel that is ordered today may arrive."""
    return working_days_after(today, FASTEST_DAYS), working_days_after(today, SLOWEST_DAYS)


def working_days_after(day: date, count: int) -> date:
    while count:
        day += timedelta(days=1)
        count -= day.weekday() not in (SATURDAY, SUNDAY)
    return day

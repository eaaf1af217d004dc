"""Scheduled work: count what each month is divided by, then write its points."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from app.cost import ledger, measuring, metering, queries, units
from app.cost import month as months
from app.cost.commands import record_months
from app.cost.models import CostMonth
from app.cost.month import shifted
from app.db import transaction
from app.errors import Unavailable

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.sources import Sources

# Late events and payments still change a month that has just ended; after that its counts are kept.
SETTLES_AFTER = timedelta(days=3)

# Exact, because money is divided by it. Shown on the page. :start and :end are midnights, UTC.
SQL = """
SELECT (SELECT count(DISTINCT user_id) + count(*) FILTER (WHERE user_id IS NULL)
        FROM (
            SELECT visitor_id, max(user_id) AS user_id
            FROM reporting.usage_events
            WHERE at >= :start AND at < :end
            GROUP BY visitor_id
        ) AS seen) AS active_users,
       (SELECT count(*)
        FROM reporting.orders
        WHERE paid_at >= :start AND paid_at < :end) AS orders"""


_FIRST = text(
    "SELECT least((SELECT min(paid_at) FROM reporting.orders), (SELECT min(at) FROM reporting.usage_events))"
)


def monthly(session: Session, now: datetime, sources: Sources) -> str:
    """Every month with a cost: its total, its users and orders, and the cost for each of them."""
    begun = ledger.first_month(session)
    if begun is None:
        return "no cost line is entered yet"
    current = months.first_of(now.astimezone(UTC).date())
    span = months.months(begun, current)
    known = queries.counted(session)
    with transaction(sources.reporting, "PostgreSQL (reporting)") as reporting:
        first = _first_day(reporting)
        due = [month for month in span if first and shifted(month, 1) > first]
        due = [month for month in due if not _is_settled(known.get(month))]
        for month in due:
            _count(session, reporting, month, now, from_day=max(month, first or month))
    return f"{record_months(session, now)} months, {len(due)} of them counted"


def drivers(session: Session, now: datetime, sources: Sources) -> str:
    """What costs grow with: measured for the days that are not settled; metered lines follow."""
    silent = measuring.measure(session, now, sources)
    try:
        count = metering.meter(session, now, sources)
    except Unavailable as unavailable:
        return f"kept what was measured last: {unavailable.dependency} does not answer"
    told = f"; no answer from {', '.join(silent)}" if silent else ""
    current = months.first_of(now.astimezone(UTC).date())
    for month in (months.shifted(current, -1), current):
        units.record(session, month)
    return f"{len(queries.freshness(session))} drivers, {count} metered lines{told}"


def _first_day(reporting: Session) -> date | None:
    """The day of the first fact. Of what was before it nothing is known: no users is not zero users."""
    first = reporting.scalar(_FIRST)
    return first.astimezone(UTC).date() if first else None


def _is_settled(row: CostMonth | None) -> bool:
    return row is not None and row.counted_at >= _midnight(shifted(row.month, 1)) + SETTLES_AFTER


def _count(session: Session, reporting: Session, month: date, now: datetime, from_day: date) -> None:
    span = {"start": _midnight(month), "end": _midnight(shifted(month, 1))}
    found = reporting.execute(text(SQL), span).one()
    values = {"active_users": found.active_users, "orders": found.orders}
    values |= {"from_day": from_day, "counted_at": now}
    row = insert(CostMonth).values(month=month, **values)
    session.execute(row.on_conflict_do_update(index_elements=["month"], set_=values))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)

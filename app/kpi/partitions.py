"""Months of imported usage events: made ahead, dropped when they are old. What was computed of them stays."""

from __future__ import annotations

from datetime import date

from psycopg.sql import Identifier
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kpi import calendar
from app.sql import statement

MONTHS_AHEAD = 2
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(7340011)"
_NAMES = """
SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
WHERE inhparent = 'kpi_events'::regclass ORDER BY relname"""
_PARTITION = """
CREATE TABLE IF NOT EXISTS {name} PARTITION OF kpi_events
FOR VALUES FROM ('{first} 00:00:00+00') TO ('{next} 00:00:00+00')"""
_UNREAD = """
SELECT EXISTS (SELECT FROM {name} WHERE recorded_at >= coalesce(
    (SELECT read_until FROM kpi_loads WHERE source = 'import' AND fact = 'events'), '-infinity'))"""


def make(session: Session, month: date) -> None:
    """Twice, or from two processes at once, does no harm."""
    first = month.replace(day=1)
    if _name(first) in names(session):
        return
    session.execute(text(_ONE_AT_A_TIME))
    parts = {"first": str(first), "next": str(calendar.add_months(first, 1))}
    session.execute(statement(_PARTITION, name=Identifier(_name(first)), **parts))


def names(session: Session) -> list[str]:
    return list(session.scalars(text(_NAMES)))


def keep(session: Session, today: date, keep_months: int) -> tuple[int, int]:
    """Make the months ahead, drop those that ended more than `keep_months` months ago; how many of each.

    A month with events that kpi.daily has not read yet stays until it has."""
    before = set(names(session))
    for ahead in range(MONTHS_AHEAD + 1):
        make(session, calendar.add_months(today, ahead))
    oldest = _name(calendar.add_months(today, -keep_months))
    gone = [name for name in names(session) if name < oldest and _is_read(session, name)]
    for name in gone:
        session.execute(statement("DROP TABLE {name}", name=Identifier(name)))
    return len(set(names(session)) - before), len(gone)


def _is_read(session: Session, name: str) -> bool:
    return not session.scalar(statement(_UNREAD, name=Identifier(name)))


def _name(month: date) -> str:
    return f"kpi_events_y{month:%Y}m{month:%m}"

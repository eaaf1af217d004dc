"""Facts come in: what the sources recorded since they were last read, into orders, refunds and sessions.

Nothing is read twice that has not changed, and reading it twice changes nothing. Whatever changes marks the
days of every zone that it touches as due.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kpi import calendar, copying, facts, merging
from app.kpi.copying import copy_between
from app.kpi.models import KpiLoad
from app.sql import statement

# A transaction that was open during the last reading may have written earlier moments than that.
OVERLAP = timedelta(minutes=10)
LONGEST_STRETCH_DAYS = 31
EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Source:
    """Where facts are read: the shop's views on its own connection, or our own tables of imported events."""

    name: str
    session: Session
    events: str  # relation
    purchases: str  # what ends a session as completed, as rows of the stream


def gather(session: Session, reporting: Session, now: datetime) -> None:
    """Read both sources up to `now`."""
    copying.make_room(session)
    copying.make_room(reporting)
    session.execute(text(merging.STAGES))
    shop = Source("shop", reporting, "reporting.usage_events", facts.SHOP_PURCHASES)
    imported = Source("import", session, "kpi_events", facts.IMPORTED_PURCHASES)
    bought = _orders(session, shop, now)
    _events(session, shop, now, bought)
    _events(session, imported, now, set())


def _orders(session: Session, shop: Source, now: datetime) -> set[date]:
    """Answers the UTC days on which orders were placed that have changed."""
    load = _load(session, "shop", "orders")
    since = {"since": load.read_until or EVER}
    for query, stage in (
        (facts.ORDERS, "stage_orders"),
        (facts.ORDER_PARTS, "stage_parts"),
        (facts.REFUNDS, "stage_refunds"),
    ):
        copy_between(shop.session, query, since, session, stage)
    placed = set(
        session.scalars(text("SELECT DISTINCT (placed_at AT TIME ZONE 'UTC')::date FROM stage_orders"))
    )
    merging.orders(session, "shop")
    ends = "SELECT min(ordered_at), max(ordered_at) FROM kpi_orders WHERE source = 'shop'"
    load.first_at, load.last_at = session.execute(text(ends)).one()
    load.read_until = _read_until(shop, now)
    return placed


def _events(session: Session, source: Source, now: datetime, bought: set[date]) -> None:
    load = _load(session, source.name, "events")
    since = {"since": load.read_until or EVER}
    changed = set(source.session.scalars(statement(facts.CHANGED_DAYS, events=source.events), since))
    parts = {"events": source.events, "purchases": source.purchases}
    days = sorted(changed | {day for at in bought for day in (at - calendar.DAY, at)})
    for first, last in calendar.stretches(days, LONGEST_STRETCH_DAYS):
        span = {"start": _midnight(first), "end": _midnight(last + calendar.DAY)}
        if source.session is session:
            session.execute(statement("INSERT INTO stage_sessions " + facts.SESSIONS, **parts), span)
        else:
            copy_between(source.session, facts.SESSIONS.format(**parts), span, session, "stage_sessions")
        _reaches(load, merging.sessions(session, source.name, span))
    load.read_until = _read_until(source, now)


def _read_until(source: Source, now: datetime) -> datetime:
    """Rows are stamped by the clock of their database: far behind ours, its last full hour counts."""
    theirs: datetime = source.session.execute(text("SELECT now()")).scalar_one()
    if theirs > now - OVERLAP / 2:
        return now - OVERLAP
    return theirs.replace(minute=0, second=0, microsecond=0) - OVERLAP


def _load(session: Session, source: str, fact: str) -> KpiLoad:
    session.execute(insert(KpiLoad).values(source=source, fact=fact).on_conflict_do_nothing())
    wanted = select(KpiLoad).where(KpiLoad.source == source, KpiLoad.fact == fact).with_for_update()
    return session.scalars(wanted).one()


def _reaches(load: KpiLoad, ends: tuple[datetime, datetime] | None) -> None:
    """Note the first and the last moment that the source tells of, without looking at all that it told."""
    if ends is not None:
        load.first_at = min(load.first_at or ends[0], ends[0])
        load.last_at = max(load.last_at or ends[1], ends[1])


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)

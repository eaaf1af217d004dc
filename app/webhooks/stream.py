"""Happenings become events, once each, and an event becomes a delivery to each endpoint that wants it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.timeline.commands import take_happenings
from app.timeline.models import Happening
from app.webhooks.event import Event, Wish, derive, merged
from app.webhooks.models import Delivery, Endpoint, EventRow

MOST_AT_ONCE = 1_000
# Two that take happenings at once would give events numbers in another order than that of their commits.
LOCK = 7_340_131


def flow(session: Session, now: datetime) -> int:
    """Take what happened and make of it events and deliveries, all in one transaction. How many events."""
    session.execute(select(func.pg_advisory_xact_lock(LOCK)))
    taken = take_happenings(session, MOST_AT_ONCE)
    events = merged(found for one in taken if (found := _derived(one)) is not None)
    if not events:
        return 0
    endpoints = session.scalars(
        select(Endpoint).where(Endpoint.is_active, Endpoint.person_id.is_(None)).order_by(Endpoint.id)
    ).all()
    for event in events:
        add(session, event, endpoints, now)
    return len(events)


def _derived(one: Happening) -> Event | None:
    return derive(one.source, one.before, one.after, one.at)


def add(session: Session, event: Event, endpoints: Sequence[Endpoint], now: datetime) -> EventRow:
    row = EventRow(
        type=event.type,
        at=event.at,
        created_at=now,
        who=event.who,
        subject=event.subject,
        environment=event.environment,
        locale=event.locale,
        title=event.title,
        url=event.url,
        data=dict(event.data),
    )
    session.add(row)
    session.flush()
    for endpoint in endpoints:
        if wish_of(endpoint).takes(event):
            deliver(session, endpoint.id, row.id, now)
    return row


def deliver(session: Session, endpoint_id: int, event_id: int, now: datetime) -> None:
    """Queue an event for an endpoint; queued already, it stays as it is."""
    session.execute(
        insert(Delivery)
        .values(
            endpoint_id=endpoint_id, event_id=event_id, state="waiting", tries=0, due_at=now, created_at=now
        )
        .on_conflict_do_nothing()
    )


def event_of(row: EventRow) -> Event:
    return Event(
        row.type, row.at, row.who, row.subject, row.title, row.url, row.environment, row.locale, row.data
    )


def wish_of(endpoint: Endpoint) -> Wish:
    return Wish(
        tuple(endpoint.types),
        tuple(endpoint.environments),
        tuple(endpoint.locales),
        tuple(endpoint.subjects),
    )

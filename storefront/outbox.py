"""Events written in the transaction of the business they report; tried at least once, each to effect once.

    add          in the business transaction
    relay        hands what is due to the queue, again whenever it was not handled in time
    claim        by the consumer: one at a time, duplicates get nothing
    handled      in the transaction of the effect: an event handled before rolls that effect back
    failed       waits longer after each try; after MOST_TRIES the event is a dead letter: retry() or drop()

The table is the truth, the queue only carries ids: losing the queue loses nothing, flooding it with
duplicates changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from storefront import logs, tracing
from storefront.db import Base

MOST_TRIES = 5
WAIT_SECONDS = (2, 10, 60, 300)  # after the first, second … failed try
LEASE_SECONDS = 60  # how long a consumer, or the queue, may keep an event before it is handed out again
KEEP_DAYS = 7  # how long handled events stay to be looked at
MOMENT = sa.DateTime(timezone=True)


class OutboxEvent(Base):
    __tablename__ = "outbox"
    __table_args__ = (
        sa.Index(
            "ix_outbox_waiting",
            "next_try_at",
            postgresql_where=sa.text("handled_at IS NULL AND dead_at IS NULL"),
        ),
        sa.Index("ix_outbox_dead", "dead_at", postgresql_where=sa.text("dead_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    event_id: Mapped[UUID] = mapped_column(sa.Uuid, unique=True)
    kind: Mapped[str] = mapped_column(sa.Text)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(MOMENT, server_default=sa.func.now())
    next_try_at: Mapped[datetime] = mapped_column(MOMENT, server_default=sa.func.now())
    claimed_until: Mapped[datetime | None] = mapped_column(MOMENT)
    tries: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    handled_at: Mapped[datetime | None] = mapped_column(MOMENT, index=True)
    dead_at: Mapped[datetime | None] = mapped_column(MOMENT)
    error: Mapped[str] = mapped_column(sa.Text, server_default="")
    # Who asked for it: request_id, and traceparent where traces are on.
    origin: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")


@dataclass(frozen=True)
class Event:
    id: UUID
    kind: str
    payload: dict[str, Any]
    tries: int  # this one included
    origin: dict[str, str] = field(default_factory=dict)  # request_id and traceparent of who added it


@dataclass(frozen=True)
class Waiting:
    pending: int
    oldest_at: datetime | None  # None: nothing waits
    dead: int


class HandledBefore(Exception):
    """Another consumer was faster; raised inside the effect's transaction so that it is rolled back."""


ALIVE = sa.and_(OutboxEvent.handled_at.is_(None), OutboxEvent.dead_at.is_(None))


def add(session: Session, kind: str, payload: dict[str, Any], now: datetime) -> UUID:
    event_id = uuid4()
    session.execute(
        sa.insert(OutboxEvent).values(
            event_id=event_id,
            kind=kind,
            payload=payload,
            created_at=now,
            next_try_at=now,
            origin=_origin(),
        )
    )
    return event_id


def _origin() -> dict[str, str]:
    told = {"request_id": logs.request_id(), "traceparent": tracing.traceparent()}
    return {name: value for name, value in told.items() if value}


def relay(session: Session, send: Callable[[str, UUID], None], now: datetime, most: int = 100) -> int:
    """Hand out what is due, oldest first. Several relays may run: each takes rows that no other has.

    When `send` raises, nothing counts as handed out; what the queue already took is a duplicate later on.
    """
    bury_the_silent(session, now)
    due = (
        sa.select(OutboxEvent.id, OutboxEvent.kind, OutboxEvent.event_id)
        .where(ALIVE, OutboxEvent.next_try_at <= now)
        .order_by(OutboxEvent.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    rows = session.execute(due).all()
    for row in rows:
        send(row.kind, row.event_id)
    if rows:
        again_at = now + timedelta(seconds=LEASE_SECONDS)
        ids = [row.id for row in rows]
        session.execute(sa.update(OutboxEvent).where(OutboxEvent.id.in_(ids)).values(next_try_at=again_at))
    return len(rows)


def claim(session: Session, event_id: UUID, now: datetime) -> Event | None:
    """This consumer's for LEASE_SECONDS; None when it is handled, dead or in other hands."""
    free = sa.or_(OutboxEvent.claimed_until.is_(None), OutboxEvent.claimed_until < now)
    row = session.execute(
        sa.update(OutboxEvent)
        .where(OutboxEvent.event_id == event_id, ALIVE, free, OutboxEvent.tries < MOST_TRIES)
        .values(claimed_until=now + timedelta(seconds=LEASE_SECONDS), tries=OutboxEvent.tries + 1)
        .returning(OutboxEvent.kind, OutboxEvent.payload, OutboxEvent.tries, OutboxEvent.origin)
    ).one_or_none()
    return None if row is None else Event(event_id, row.kind, row.payload, row.tries, row.origin)


def handled(session: Session, event_id: UUID, now: datetime) -> None:
    done = sa.update(OutboxEvent).where(OutboxEvent.event_id == event_id, ALIVE)
    if changed(session, done.values(handled_at=now, claimed_until=None, error="")) == 0:
        raise HandledBefore


def failed(session: Session, event: Event, error: str, now: datetime) -> bool:
    """Try again later, or give up: True when it is a dead letter from now on."""
    dead = event.tries >= MOST_TRIES
    wait = WAIT_SECONDS[min(event.tries, len(WAIT_SECONDS)) - 1]
    session.execute(
        sa.update(OutboxEvent)
        .where(OutboxEvent.event_id == event.id, ALIVE)
        .values(
            claimed_until=None,
            next_try_at=now + timedelta(seconds=wait),
            dead_at=now if dead else None,
            error=error[:500],
        )
    )
    return dead


def bury_the_silent(session: Session, now: datetime) -> None:
    """Events whose consumer died in each of its tries, so that none of them could say what went wrong."""
    silent = sa.and_(ALIVE, OutboxEvent.tries >= MOST_TRIES, OutboxEvent.claimed_until < now)
    session.execute(
        sa.update(OutboxEvent)
        .where(silent, OutboxEvent.next_try_at <= now)
        .values(dead_at=now, error="each try ended without an answer")
    )


def dead_letters(session: Session, most: int = 200) -> list[OutboxEvent]:
    dead = sa.select(OutboxEvent).where(OutboxEvent.dead_at.is_not(None)).order_by(OutboxEvent.dead_at.desc())
    return list(session.scalars(dead.limit(most)))


def retry(session: Session, event_id: UUID, now: datetime) -> bool:
    """Back to the queue with five new tries. False when it is not a dead letter."""
    revived = sa.update(OutboxEvent).where(OutboxEvent.event_id == event_id, OutboxEvent.dead_at.is_not(None))
    return changed(session, revived.values(dead_at=None, tries=0, next_try_at=now, claimed_until=None)) == 1


def drop(session: Session, event_id: UUID) -> bool:
    """Forget a dead letter for good. False when it is not one."""
    gone = sa.delete(OutboxEvent).where(OutboxEvent.event_id == event_id, OutboxEvent.dead_at.is_not(None))
    return changed(session, gone) == 1


def waiting(session: Session) -> Waiting:
    row = session.execute(
        sa.select(
            sa.func.count().filter(ALIVE).label("pending"),
            sa.func.min(OutboxEvent.created_at).filter(ALIVE).label("oldest_at"),
            sa.func.count().filter(OutboxEvent.dead_at.is_not(None)).label("dead"),
        ).where(OutboxEvent.handled_at.is_(None))
    ).one()
    return Waiting(row.pending, row.oldest_at, row.dead)


def forget_old(session: Session, now: datetime) -> int:
    old = OutboxEvent.handled_at < now - timedelta(days=KEEP_DAYS)
    return changed(session, sa.delete(OutboxEvent).where(old))


def changed(session: Session, statement: sa.Update | sa.Delete) -> int:
    """How many rows a write has changed: what settles races."""
    result = session.execute(statement)
    return int(result.rowcount)  # type: ignore[attr-defined]

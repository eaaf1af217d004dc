"""Scheduled work: events out of what happened, deliveries sent, what is old forgotten."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from app.events import publish_on_commit
from app.webhooks import commands, receiving, sending, stream

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.sources import Sources


def flow(session: Session, now: datetime, sources: Sources) -> str:
    made = stream.flow(session, now)
    if made:
        publish_on_commit(session, sources.redis, "webhooks")
    return f"{made} events"


def send(session: Session, now: datetime, sources: Sources) -> str:
    """In transactions of its own, one a try: what was sent is written down at once."""
    return f"{sending.send_due(sources)} tries"


def prune(session: Session, now: datetime, sources: Sources) -> str:
    deliveries, events = commands.prune(session, now)
    receipts = receiving.prune(session, now)
    return f"{deliveries} deliveries, {events} events, {receipts} receipts forgotten"

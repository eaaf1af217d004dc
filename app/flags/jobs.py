"""Scheduled work of flags."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from app.db import transaction
from app.flags import sightings
from app.series import store

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.sources import Sources

AUDIENCE_KEY = "live.shoppers_hour"
AUDIENCE = timedelta(hours=1)
_SHOPPERS = text(
    "SELECT count(DISTINCT visitor_id) FROM reporting.usage_events WHERE at >= :start AND at < :end"
)


def audience(session: Session, now: datetime, sources: Sources) -> str:
    """How many shoppers a percentage is of: pages say "about 12 of 48" without counting in a request."""
    with transaction(sources.reporting, "PostgreSQL (reporting)") as reporting:
        shoppers = reporting.scalar(_SHOPPERS, {"start": now - AUDIENCE, "end": now}) or 0
    store.record(session, AUDIENCE_KEY, [(now, shoppers)])
    return f"{shoppers} shoppers in the last hour"


def prune(session: Session, now: datetime, sources: Sources) -> str:
    return f"{sightings.prune(session, now)} old counts and SDK instances forgotten"

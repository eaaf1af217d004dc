"""What happened in a span of time."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.timeline.entry import CHANGES, Entry
from app.timeline.models import TimelineEntry

MOST = 500


def between(session: Session, start: datetime, end: datetime, most: int = MOST) -> list[Entry]:
    """The newest `most` entries that touch start <= t < end, oldest first.

    Something that began before the span and ended within it belongs to it.
    """
    touches = (TimelineEntry.at < end) & (func.coalesce(TimelineEntry.ends_at, TimelineEntry.at) >= start)
    rows = session.scalars(
        select(TimelineEntry)
        .where(touches)
        .order_by(TimelineEntry.at.desc(), TimelineEntry.id.desc())
        .limit(most)
    )
    return [_entry(row) for row in reversed(list(rows))]


def changes_before(session: Session, at: datetime, within: timedelta, most: int = 10) -> list[Entry]:
    """What people changed (flags, deploys, releases, maintenance) before a moment, the nearest first."""
    rows = session.scalars(
        select(TimelineEntry)
        .where(TimelineEntry.kind.in_(CHANGES), TimelineEntry.at <= at, TimelineEntry.at > at - within)
        .order_by(TimelineEntry.at.desc(), TimelineEntry.id.desc())
        .limit(most)
    )
    return [_entry(row) for row in rows]


def open_of(session: Session, subject: str) -> list[Entry]:
    """What has begun about a subject, can have an end, and has none yet."""
    rows = session.scalars(
        select(TimelineEntry)
        .where(TimelineEntry.subject == subject, TimelineEntry.ends_at.is_(None))
        .order_by(TimelineEntry.at)
    )
    return [_entry(row) for row in rows]


def _entry(row: TimelineEntry) -> Entry:
    return Entry(row.at, row.kind, row.title, row.subject, row.detail, row.url, row.ends_at, row.is_demo)

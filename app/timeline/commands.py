"""Put on the timeline what happened."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.timeline.entry import Entry, check
from app.timeline.models import TimelineEntry


def record(
    session: Session,
    at: datetime,
    kind: str,
    title: str,
    subject: str,
    detail: str = "",
    url: str = "",
    ends_at: datetime | None = None,
    key: str | None = None,
    is_demo: bool = False,
) -> None:
    """Save an entry. With a `key` that is known already the entry is corrected, such as given its end."""
    check(Entry(at, kind, title, subject, detail, url, ends_at, is_demo))
    statement = insert(TimelineEntry).values(
        at=at,
        kind=kind,
        title=title,
        subject=subject,
        detail=detail,
        url=url,
        ends_at=ends_at,
        key=key,
        is_demo=is_demo,
    )
    new = statement.excluded
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["key"],
            set_={
                "title": new.title,
                "detail": new.detail,
                "url": new.url,
                "ends_at": func.coalesce(new.ends_at, TimelineEntry.ends_at),
            },
        )
    )

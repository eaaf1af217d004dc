"""Put on the timeline what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.timeline.entry import Entry, check
from app.timeline.models import Happening, TimelineEntry


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
    event: str = "",
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Save an entry. With a `key` that is known already the entry is corrected, such as given its end.

    `event` and `facts` are for machines: the type of event that this is, where its kind does not say it.
    """
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
        event=event,
        facts=dict(facts or {}),
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


def tell(
    session: Session,
    at: datetime,
    event: str,
    title: str,
    subject: str,
    url: str = "",
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Hand an event on to whoever listens, without a mark on charts that show it by themselves."""
    after = {"at": at.isoformat(), "event": event, "title": title, "subject": subject, "url": url}
    session.add(Happening(source="told", after={**after, "facts": dict(facts or {})}))


def take_happenings(session: Session, most: int) -> Sequence[Happening]:
    """The oldest that nobody took yet, taken away: they are gone when the transaction stands."""
    taken = session.scalars(
        select(Happening).order_by(Happening.id).limit(most).with_for_update(skip_locked=True)
    ).all()
    session.execute(delete(Happening).where(Happening.id.in_([one.id for one in taken])))
    return taken

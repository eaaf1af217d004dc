"""Reads of notifications and of how people want them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from app.notifications.kind import Choices, Setting
from app.notifications.models import Choice, Notification, NotificationSetting
from app.webhooks.models import Endpoint, EventRow

SHOWN = 100


@dataclass(frozen=True)
class Line:
    row: Notification
    event: EventRow


def unread(session: Session, person_id: int) -> int:
    count = select(func.count()).where(*_unread(person_id))
    return session.scalar(count) or 0


def _unread(person_id: int) -> tuple[Any, ...]:
    return (
        Notification.person_id == person_id,
        Notification.is_shown,
        Notification.read_at.is_(None),
    )


def lines_of(person_id: int, only_unread: bool = False) -> Select[Notification, EventRow]:
    wanted = (
        select(Notification, EventRow)
        .join(EventRow, EventRow.id == Notification.event_id)
        .where(Notification.person_id == person_id, Notification.is_shown)
    )
    return wanted.where(Notification.read_at.is_(None)) if only_unread else wanted


def newest(session: Session, person_id: int, only_unread: bool) -> list[Line]:
    """What was not read yet first, each newest first."""
    rows = session.execute(
        lines_of(person_id, only_unread)
        .order_by(Notification.read_at.is_not(None), Notification.id.desc())
        .limit(SHOWN)
    )
    return [line(row) for row in rows]


def line(row: Row[Notification, EventRow]) -> Line:
    return Line(row[0], row[1])


def choices(session: Session, person_id: int) -> Choices:
    rows = session.scalars(select(Choice).where(Choice.person_id == person_id))
    return {row.kind: tuple(row.channels) for row in rows}


def all_choices(session: Session) -> Mapping[int, Choices]:
    found: dict[int, dict[str, Sequence[str]]] = {}
    for row in session.scalars(select(Choice)):
        found.setdefault(row.person_id, {})[row.kind] = tuple(row.channels)
    return found


def setting(session: Session, person_id: int, zone: str) -> Setting:
    """`zone`: of the house, until somebody chose their own."""
    row = session.get(NotificationSetting, person_id)
    return as_setting(row) if row is not None else Setting(time_zone=zone)


def as_setting(row: NotificationSetting) -> Setting:
    return Setting(row.time_zone, row.quiet_from, row.quiet_to, row.digest, row.digest_hour, row.digested_on)


def settings(session: Session) -> Mapping[int, Setting]:
    return {row.person_id: as_setting(row) for row in session.scalars(select(NotificationSetting))}


def own_webhook(session: Session, person_id: int) -> Endpoint | None:
    return session.scalar(select(Endpoint).where(Endpoint.person_id == person_id))


def own_webhooks(session: Session) -> Mapping[int, int]:
    """Person → webhook, of those that are on."""
    rows = session.execute(
        select(Endpoint.person_id, Endpoint.id).where(Endpoint.person_id.is_not(None), Endpoint.is_active)
    )
    return {person: endpoint for person, endpoint in rows if person is not None}


def waiting(session: Session, person_id: int, mail: str) -> list[Line]:
    """What is to be mailed, and locked so that nobody else mails it."""
    rows = session.execute(
        select(Notification, EventRow)
        .join(EventRow, EventRow.id == Notification.event_id)
        .where(Notification.person_id == person_id, Notification.mail == mail)
        .order_by(Notification.id)
        .with_for_update(of=Notification, skip_locked=True)
    )
    return [line(row) for row in rows]


def who_waits(session: Session, mail: str) -> Sequence[int]:
    return session.scalars(select(Notification.person_id).where(Notification.mail == mail).distinct()).all()

"""Reads of what happened to one flag, as the audit trail keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit.models import AuditEntry
from app.errors import NotFound
from app.flags.changes import Change, changes
from app.flags.wording import Names
from app.flags.writing import subject

ROWS = 30


@dataclass(frozen=True)
class Event:
    """One change in words."""

    entry: AuditEntry
    lines: tuple[Change, ...]

    @property
    def environment(self) -> str | None:
        return self.entry.after.get("environment") or self.entry.before.get("environment")


def page(session: Session, name: str, names: Names, number: int) -> tuple[list[Event], int]:
    """One page (from 1), the newest first, and how many there are."""
    of_flag = select(AuditEntry).where(AuditEntry.subject == subject(name))
    count = session.scalar(select(func.count()).select_from(of_flag.subquery())) or 0
    newest = of_flag.order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    found = session.scalars(newest.limit(ROWS).offset((number - 1) * ROWS)).all()
    return _events(found, names), max(1, -(-count // ROWS))


def one(session: Session, name: str, entry_id: int, names: Names) -> Event:
    entry = session.get(AuditEntry, entry_id)
    if entry is None or entry.subject != subject(name):
        raise NotFound(_l("There is no such change to undo."))
    return _events([entry], names)[0]


def latest(session: Session, name: str) -> int:
    """The number of the newest change; forms carry it, so that a later one can be shown."""
    return session.scalar(select(func.max(AuditEntry.id)).where(AuditEntry.subject == subject(name))) or 0


def since(session: Session, name: str, environment: str | None, entry_id: int, names: Names) -> list[Event]:
    """What was done after a change in one environment (None: to the flag itself), the oldest first."""
    query = (
        select(AuditEntry)
        .where(AuditEntry.subject == subject(name), AuditEntry.id > entry_id)
        .where(AuditEntry.after["environment"].astext.is_not_distinct_from(environment))
        .order_by(AuditEntry.id)
        .limit(ROWS)
    )
    return _events(session.scalars(query).all(), names)


def _events(entries: Sequence[AuditEntry], names: Names) -> list[Event]:
    return [Event(entry, changes(entry.before, entry.after, names)) for entry in entries]

"""Everybody who may be told: active people with all that they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import PersonRow
from app.accounts.role_queries import grant_rows, grants_of, own_permissions
from app.guards import Person


def active(session: Session, now: datetime) -> Sequence[Person]:
    rows = session.execute(
        select(PersonRow, own_permissions(PersonRow.role), grant_rows(now))
        .where(PersonRow.is_active)
        .order_by(PersonRow.id)
    )
    return [
        Person(
            row.id,
            row.email,
            row.name,
            row.role,
            row.locale,
            row.theme,
            grants=grants_of(row.role, own, held),
        )
        for row, own, held in rows
    ]


def since(session: Session) -> Mapping[int, datetime]:
    """Since when each is here."""
    rows = session.execute(select(PersonRow.id, PersonRow.created_at))
    return {row.id: row.created_at for row in rows}

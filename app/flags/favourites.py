"""Writes and reads of the flags that somebody wants to find again at once. Nothing commits here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.flags.models import Flag, FlagFavourite
from app.flags.writing import locked_flag


def set_favourite(session: Session, person: str, name: str, is_favourite: bool, now: datetime) -> None:
    """Everybody has their own; nobody else sees them, so the audit trail does not either."""
    locked_flag(session, name)
    if is_favourite:
        row = insert(FlagFavourite).values(person=person, flag=name, since=now)
        session.execute(row.on_conflict_do_nothing())
    else:
        session.execute(
            delete(FlagFavourite).where(FlagFavourite.person == person, FlagFavourite.flag == name)
        )


def favourites(session: Session, person: str) -> frozenset[str]:
    query = select(FlagFavourite.flag).join(Flag, Flag.name == FlagFavourite.flag)
    return frozenset(session.scalars(query.where(FlagFavourite.person == person, Flag.deleted_at.is_(None))))

"""Reads of people, sessions and tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.credentials import clean_email, fingerprint
from app.accounts.models import PersonRow, SessionRow, TokenRow
from app.guards import Person, Token

IDLE = timedelta(hours=12)  # a session ends after so long without a page
LONGEST = timedelta(days=14)  # and after so long in any case


@dataclass(frozen=True)
class PersonLine:
    """One row of the people page."""

    id: int
    email: str
    name: str
    role: str
    is_active: bool
    signed_in_at: datetime | None
    sessions: int


@dataclass(frozen=True)
class SignedIn:
    """Whose cookie it is; `seen_at` says when that was last written down."""

    person: Person
    session_id: int
    seen_at: datetime


def by_email(session: Session, email: str) -> PersonRow | None:
    return session.scalar(select(PersonRow).where(func.lower(PersonRow.email) == clean_email(email)))


def signed_in(session: Session, cookie: str, now: datetime) -> SignedIn | None:
    """The active person behind a cookie, while the session lasts."""
    row = session.execute(
        select(PersonRow, SessionRow.id, SessionRow.seen_at)
        .join(SessionRow, SessionRow.person_id == PersonRow.id)
        .where(
            SessionRow.cookie_hash == fingerprint(cookie),
            SessionRow.seen_at > now - IDLE,
            SessionRow.created_at > now - LONGEST,
            PersonRow.is_active,
        )
    ).first()
    if row is None:
        return None
    found, session_id, seen_at = row
    person = Person(found.id, found.email, found.name, found.role, found.locale, found.theme)
    return SignedIn(person, session_id, seen_at)


def token_of(session: Session, raw: str) -> tuple[Token, datetime | None] | None:
    """The token that is not revoked, and when it was last used."""
    row = session.scalar(
        select(TokenRow).where(TokenRow.token_hash == fingerprint(raw), TokenRow.revoked_at.is_(None))
    )
    if row is None:
        return None
    kind = cast(Literal["client", "frontend", "api"], row.kind)
    return Token(row.id, kind, row.name, row.environment, row.role), row.used_at


def people(session: Session, now: datetime) -> list[PersonLine]:
    """Active people first, then by address."""
    open_sessions = (
        select(func.count())
        .where(SessionRow.person_id == PersonRow.id, SessionRow.seen_at > now - IDLE)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            PersonRow.id,
            PersonRow.email,
            PersonRow.name,
            PersonRow.role,
            PersonRow.is_active,
            PersonRow.signed_in_at,
            open_sessions,
        ).order_by(PersonRow.is_active.desc(), PersonRow.email)
    )
    return [PersonLine(*row) for row in rows]


def is_empty(session: Session) -> bool:
    """Whether nobody was ever added: the sign-in page then says how."""
    return session.scalar(select(PersonRow.id).limit(1)) is None


def active_admins(session: Session) -> int:
    """How many could still let others in. Locks them, so that two people cannot remove each other at once."""
    rows = session.scalars(
        select(PersonRow.id).where(PersonRow.is_active, PersonRow.role == "admin").with_for_update()
    )
    return len(rows.all())


def tokens(session: Session) -> Sequence[TokenRow]:
    """Those in use first, the newest first."""
    order = (TokenRow.revoked_at.is_not(None), TokenRow.created_at.desc())
    return session.scalars(select(TokenRow).order_by(*order)).all()


def sessions_of(session: Session, person_id: int, now: datetime) -> Sequence[SessionRow]:
    return session.scalars(
        select(SessionRow)
        .where(SessionRow.person_id == person_id, SessionRow.seen_at > now - IDLE)
        .order_by(SessionRow.seen_at.desc())
    ).all()

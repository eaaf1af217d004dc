"""Links for a new password: asked for by anybody, mailed to the owner of the address alone, used once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts import commands, credentials, queries
from app.accounts.credentials import fingerprint
from app.accounts.models import PersonRow
from app.accounts.sign_in_models import KnownBrowserRow, PasswordLinkRow
from app.audit import commands as audit

LASTS = timedelta(minutes=30)


def new_link(session: Session, email: str, now: datetime) -> tuple[PersonRow, str] | None:
    """For the mail that is about to go out; None: nobody with this address may sign in. Older ones stop."""
    person = queries.by_email(session, email)
    if person is None or not person.is_active:
        return None
    session.execute(delete(PasswordLinkRow).where(PasswordLinkRow.person_id == person.id))
    link = credentials.new_link()
    session.add(
        PasswordLinkRow(
            person_id=person.id, link_hash=fingerprint(link), created_at=now, expires_at=now + LASTS
        )
    )
    audit.record(session, "nobody", "person.password-link", f"person:{person.email}", {}, {}, now)
    return person, link


def by_link(session: Session, link: str, now: datetime) -> tuple[PasswordLinkRow, PersonRow] | None:
    """While it may be used. Locked, so that of two who use it at once one is first."""
    row = session.scalar(
        select(PasswordLinkRow)
        .where(
            PasswordLinkRow.link_hash == fingerprint(link),
            PasswordLinkRow.used_at.is_(None),
            PasswordLinkRow.expires_at > now,
        )
        .with_for_update()
    )
    person = session.get(PersonRow, row.person_id) if row else None
    return (row, person) if row and person and person.is_active else None


def use(
    session: Session,
    row: PasswordLinkRow,
    person: PersonRow,
    password: str,
    words: Collection[str],
    now: datetime,
) -> None:
    """Every session ends, and browsers that were known are known no more: somebody else may hold them."""
    commands.set_password(session, person, "new_password", password, words, now)
    row.used_at = now
    commands.end_sessions(session, person.id)
    session.execute(delete(KnownBrowserRow).where(KnownBrowserRow.person_id == person.id))
    audit.record(session, person.email, "person.password", f"person:{person.email}", {}, {"by": "link"}, now)


def prune(session: Session, now: datetime) -> None:
    session.execute(delete(PasswordLinkRow).where(PasswordLinkRow.expires_at <= now - timedelta(days=1)))

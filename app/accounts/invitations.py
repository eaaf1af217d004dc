"""Invitations: made by an admin, mailed with a link that works once, sent again, withdrawn, accepted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.accounts import commands, credentials, mail_queue, queries, role_queries, second_admin
from app.accounts.credentials import clean_email, clean_name, fingerprint
from app.accounts.invitation_models import InvitationRow
from app.accounts.models import PersonRow
from app.audit import commands as audit
from app.errors import Conflict, NotFound
from app.i18n import LOCALES

LASTS = timedelta(days=7)

State = Literal["to be sent", "sent", "ended", "accepted", "withdrawn"]


@dataclass(frozen=True)
class Invited:
    """One row of the invitations."""

    id: int
    email: str
    name: str
    role: str
    locale: str
    created_at: datetime
    created_by: str
    sent_at: datetime | None
    expires_at: datetime
    state: State


def invite(
    session: Session, email: str, name: str, role: str, locale: str, now: datetime, who: str
) -> InvitationRow:
    """Nobody can sign in with it yet: the person is made when the link is used."""
    email, name = clean_email(email), clean_name(name)
    commands.refuse(
        {
            "email": credentials.wrong_email(email),
            "name": credentials.wrong_name(name),
            "role": second_admin.wrong_first_role(session, role, who)
            if role_queries.exists(session, role)
            else _l("Choose one of the roles."),
            "locale": None if locale in LOCALES else _l("Choose one of the languages."),
        }
    )
    _must_be_free(session, email)
    row = InvitationRow(
        email=email,
        name=name,
        role=role,
        locale=locale,
        created_at=now,
        created_by=who,
        expires_at=now + LASTS,
    )
    session.add(row)
    session.flush()
    _queue(session, row, now)
    after = {"role": role, "name": name, "locale": locale}
    audit.record(session, who, "invitation.create", f"person:{email}", {}, after, now)
    return row


def _must_be_free(session: Session, email: str) -> None:
    if queries.by_email(session, email) is not None:
        text = _l("There is somebody with this address already.")
        raise Conflict(text, {"email": text})
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"invitation {email}"))))
    if session.scalar(select(InvitationRow.id).where(InvitationRow.email == email, _is_open())) is not None:
        text = _l("This address is invited already. Send that invitation again, or withdraw it first.")
        raise Conflict(text, {"email": text})


def _queue(session: Session, row: InvitationRow, now: datetime) -> None:
    mail_queue.queue(session, "invitation", row.email, row.locale, now, invitation=row.id)


def _is_open() -> ColumnElement[bool]:
    return InvitationRow.accepted_at.is_(None) & InvitationRow.withdrawn_at.is_(None)


def send_again(session: Session, number: int, now: datetime, who: str) -> None:
    """Another link for another week; the one before stops working when the new one is mailed."""
    row = _open_row(session, number)
    row.sent_at, row.expires_at = None, now + LASTS
    _queue(session, row, now)
    audit.record(session, who, "invitation.send-again", f"person:{row.email}", {}, {}, now)


def withdraw(session: Session, number: int, now: datetime, who: str) -> None:
    row = _open_row(session, number)
    row.withdrawn_at = now
    audit.record(session, who, "invitation.withdraw", f"person:{row.email}", {"role": row.role}, {}, now)


def _open_row(session: Session, number: int) -> InvitationRow:
    row = session.get(InvitationRow, number, with_for_update=True)
    if row is None:
        raise NotFound(_l("There is no such invitation."))
    if row.accepted_at is not None or row.withdrawn_at is not None:
        raise Conflict(_l("This invitation is accepted or withdrawn already."))
    return row


def new_link(session: Session, number: int, now: datetime) -> tuple[InvitationRow, str] | None:
    """For the mail that is about to go out; None: it is not wanted any more."""
    row = session.get(InvitationRow, number, with_for_update=True)
    if row is None or row.accepted_at is not None or row.withdrawn_at is not None or row.expires_at <= now:
        return None
    link = credentials.new_link()
    row.link_hash, row.sent_at = fingerprint(link), now
    return row, link


def by_link(session: Session, link: str, now: datetime) -> InvitationRow | None:
    """While it may be used. Locked, so that of two who use it at once one is first."""
    return session.scalar(
        select(InvitationRow)
        .where(InvitationRow.link_hash == fingerprint(link), InvitationRow.expires_at > now, _is_open())
        .with_for_update()
    )


def accept(
    session: Session, row: InvitationRow, name: str, password: str, words: Collection[str], now: datetime
) -> PersonRow:
    """The person, with the role of the invitation: what the form says of it counts for nothing."""
    person = commands.add_person(session, row.email, row.role, password, now, row.created_by, name, words)
    person.locale = row.locale
    row.accepted_at = now
    audit.record(session, row.email, "invitation.accept", f"person:{row.email}", {}, {}, now)
    return person


def pending(session: Session, now: datetime) -> list[Invited]:
    """Those that nobody used yet, the oldest first."""
    rows = session.scalars(
        select(InvitationRow).where(_is_open()).order_by(InvitationRow.created_at, InvitationRow.id)
    )
    return [line(row, now) for row in rows]


def one(session: Session, number: int, now: datetime) -> Invited:
    row = session.get(InvitationRow, number)
    if row is None:
        raise NotFound(_l("There is no such invitation."))
    return line(row, now)


def line(row: InvitationRow, now: datetime) -> Invited:
    return Invited(
        row.id,
        row.email,
        row.name,
        row.role,
        row.locale,
        row.created_at,
        row.created_by,
        row.sent_at,
        row.expires_at,
        _state(row, now),
    )


def _state(row: InvitationRow, now: datetime) -> State:
    if row.accepted_at is not None:
        return "accepted"
    if row.withdrawn_at is not None:
        return "withdrawn"
    if row.expires_at <= now:
        return "ended"
    return "sent" if row.sent_at is not None else "to be sent"

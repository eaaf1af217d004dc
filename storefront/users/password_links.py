"""Links for a new password: asked for by anybody, mailed to the account's owner alone, used once.

Asking does the same for every address, and only the worker finds out whether there is an account. A link is
made from its event, so that a mail that is sent again holds the same one.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storefront import outbox
from storefront.outbox import changed
from storefront.users import trail
from storefront.users.devices import Device
from storefront.users.models import PasswordLink, User

KIND = "account.password_link"
LASTS = timedelta(hours=1)
SPACING = timedelta(minutes=10)  # nobody's mailbox is filled by strangers, and a good link is at hand
LONGEST = 100
HELD = {"key_share": True}  # nobody else changes the account or its links; what refers to it may come


def ask(session: Session, user_id: int | None, where: Device, now: datetime) -> None:
    outbox.add(session, KIND, {"user_id": user_id}, now)
    trail.note(session, user_id, trail.ASKED_ANEW, where, now)


def make(
    session: Session, user_id: int, event_id: UUID, secret: str, now: datetime
) -> tuple[User, str] | None:
    """For the mail that goes out now; earlier links stop. None: no such account, or one went just now."""
    user = session.get(User, user_id, with_for_update=HELD)
    link = _link(secret, event_id)
    if user is None or _went_just_now(session, user_id, link, now):
        return None
    _end(session, sa.and_(PasswordLink.user_id == user_id, PasswordLink.link_hash != fingerprint(link)), now)
    made = {"link_hash": fingerprint(link), "user_id": user_id, "created_at": now, "expires_at": now + LASTS}
    session.execute(insert(PasswordLink).values(made).on_conflict_do_nothing())
    return user, link


def by_link(session: Session, link: str, now: datetime) -> tuple[PasswordLink, User] | None:
    """While it may be used. Its account is locked first, so that of two who use it at once one is first."""
    is_this = PasswordLink.link_hash == fingerprint(link)
    user_id = session.scalar(sa.select(PasswordLink.user_id).where(is_this))
    user = session.get(User, user_id, with_for_update=HELD) if user_id is not None else None
    is_good = sa.and_(is_this, PasswordLink.used_at.is_(None), PasswordLink.expires_at > now)
    row = session.scalar(sa.select(PasswordLink).where(is_good))
    return (row, user) if row is not None and user is not None else None


def end_all(session: Session, user_id: int, now: datetime) -> None:
    _end(session, PasswordLink.user_id == user_id, now)


def forget_old(session: Session, now: datetime) -> int:
    return changed(session, sa.delete(PasswordLink).where(PasswordLink.expires_at < now - timedelta(days=1)))


def fingerprint(link: str) -> str:
    return hashlib.sha256(link[:LONGEST].encode("utf-8", "replace")).hexdigest()


def _link(secret: str, event_id: UUID) -> str:
    mark = hmac.new(secret.encode(), f"password-link {event_id}".encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(mark).decode().rstrip("=")


def _went_just_now(session: Session, user_id: int, link: str, now: datetime) -> bool:
    other = sa.and_(
        PasswordLink.user_id == user_id,
        PasswordLink.link_hash != fingerprint(link),
        PasswordLink.used_at.is_(None),
        PasswordLink.expires_at > now,
        PasswordLink.created_at > now - SPACING,
    )
    return session.scalar(sa.select(sa.exists().where(other))) or False


def _end(session: Session, which: sa.ColumnElement[bool], now: datetime) -> None:
    session.execute(
        sa.update(PasswordLink).where(which, PasswordLink.expires_at > now).values(expires_at=now)
    )

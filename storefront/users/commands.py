"""Writes to accounts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storefront.errors import Refused
from storefront.shopper import Shopper
from storefront.users import mails, password_links, passwords, sessions, trail
from storefront.users.devices import Device
from storefront.users.models import PasswordLink, User
from storefront.users.rules import SignUp, normal_email

# Called inside the transaction of a sign-in: f(session, visitor_id, user_id), such as merging carts.
AtSignIn = Callable[[Session, str, int], object]


def sign_up(session: Session, wish: SignUp, shopper: Shopper, currency: str | None, now: datetime) -> User:
    """A new account. Raises `Refused` where the address has one already."""
    user = session.scalars(
        insert(User)
        .values(
            email=wish.email,
            name=wish.name,
            password_hash=passwords.hashed(wish.password),
            locale=shopper.locale,
            country=shopper.country,
            currency=currency if currency and re.fullmatch(r"[A-Z]{3}", currency) else None,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["email"])
        .returning(User)
    ).one_or_none()
    if user is None:
        taken = _l("This address has an account. Sign in, or use another address.")
        raise Refused(_l("Please check the fields marked below."), {"email": taken})
    return user


def try_password(session: Session, email: str, password: str, where: Device, now: datetime) -> User | None:
    """The account; None where the address or the password is wrong, which the trail tells either way.

    The row is held until the session is written, so that no sign-in slips past a change of the password.
    """
    known = sa.select(User).where(User.email == normal_email(email)).with_for_update(key_share=True)
    user = session.scalars(known).one_or_none()
    if passwords.matches(user.password_hash if user else None, password) and user is not None:
        return user
    trail.note(session, user.id if user else None, trail.REFUSED, where, now)
    return None


def change_password(session: Session, user: User, new: str, where: Device, now: datetime) -> str:
    """Every session ends. The token of a new one, for the browser that asks."""
    _set_password(session, user, new, now)
    trail.note(session, user.id, trail.CHANGED, where, now)
    return sessions.open_session(session, user, where, now)


def use_link(session: Session, row: PasswordLink, user: User, new: str, where: Device, now: datetime) -> None:
    """Every session ends; nobody is signed in by a link alone."""
    _set_password(session, user, new, now)
    row.used_at = now
    trail.note(session, user.id, trail.CHOSEN_ANEW, where, now)


def _set_password(session: Session, user: User, new: str, now: datetime) -> None:
    """All that the old one opened is closed, and the owner is told."""
    user.password_hash = passwords.hashed(new)
    sessions.close_all_sessions(session, user.id)
    password_links.end_all(session, user.id, now)
    mails.tell_of_change(session, user.id, now)


def bring_along(session: Session, hooks: Iterable[AtSignIn], visitor_id: str, user_id: int) -> None:
    for hook in hooks:
        hook(session, visitor_id, user_id)

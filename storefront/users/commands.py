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
from storefront.users import passwords
from storefront.users.models import User
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


def check_password(session: Session, email: str, password: str) -> User:
    """The account. Raises `Refused` with the same words whether the address or the password is wrong."""
    user = session.scalars(sa.select(User).where(User.email == normal_email(email))).one_or_none()
    if not passwords.matches(user.password_hash if user else None, password) or user is None:
        raise Refused(_l("Email address or password is wrong."))
    return user


def bring_along(session: Session, hooks: Iterable[AtSignIn], visitor_id: str, user_id: int) -> None:
    for hook in hooks:
        hook(session, visitor_id, user_id)

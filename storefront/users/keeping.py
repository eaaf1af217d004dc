"""What an account keeps of its shopper's choices, and what is not kept any longer."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storefront import db
from storefront.users import password_links, sessions, trail
from storefront.users.models import User
from storefront.users.sessions import SignedIn


def keep(person: SignedIn, locale: str, country: str | None = None, currency: str | None = None) -> None:
    """The language, and what else was chosen with it."""
    chosen = {"locale": locale, "country": country, "currency": currency}
    values = {name: value for name, value in chosen.items() if value is not None}
    with db.begin() as session:
        session.execute(sa.update(User).where(User.id == person.user_id).values(**values))
    sessions.look_again()


def forget_old(session: Session, now: datetime) -> None:
    """Sessions and links that have ended, and old notes of sign-ins."""
    sessions.forget_ended(session, now)
    password_links.forget_old(session, now)
    trail.forget_old(session, now)

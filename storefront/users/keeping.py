"""What an account keeps of its shopper's choices."""

from __future__ import annotations

import sqlalchemy as sa

from storefront import db
from storefront.users import sessions
from storefront.users.models import User
from storefront.users.sessions import SignedIn


def keep(person: SignedIn, locale: str, country: str | None = None, currency: str | None = None) -> None:
    """The language, and what else was chosen with it."""
    chosen = {"locale": locale, "country": country, "currency": currency}
    values = {name: value for name, value in chosen.items() if value is not None}
    with db.begin() as session:
        session.execute(sa.update(User).where(User.id == person.user_id).values(**values))
    sessions.look_again()

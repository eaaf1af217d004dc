"""What a request knows: whose account it is about, and what this installation is called."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.accounts import passwords
from app.accounts.models import PersonRow
from app.errors import Forbidden, Unauthenticated
from app.guards import Person, person, token
from app.sources import sources


def myself() -> Person:
    """A token of a machine has no account of its own."""
    someone = person()
    if someone is None and token() is not None:
        raise Forbidden(_l("A machine's token has no account of its own. Sign in as a person."))
    if someone is None:
        raise Unauthenticated(_l("Sign in to see this page."))
    return someone


def my_row(session: Session) -> PersonRow:
    """Locked, for what is about to change."""
    row = session.get(PersonRow, myself().id, with_for_update=True)
    if row is None:
        raise Unauthenticated(_l("Sign in to see this page."))
    return row


def house_words() -> list[str]:
    """What no password is to be made of."""
    config = sources().config
    return passwords.house_words(config.shop_url, config.control_mail_from)

"""A person's own webhook: one each, told what its person chose."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.guards import Person
from app.notifications import queries
from app.outbound import Network
from app.webhooks import commands
from app.webhooks.endpoint import Draft
from app.webhooks.models import Endpoint


def put(
    session: Session, person: Person, url: str, format_: str, allowed: Sequence[Network], now: datetime
) -> Endpoint:
    """In place of the one before, with a secret of its own."""
    if (before := queries.own_webhook(session, person.id)) is not None:
        commands.remove(session, before.id, person.email, now)
    draft = Draft(person.name or person.email, url, format_)
    return commands.create(session, draft, allowed, person.email, now, person_id=person.id)


def test(session: Session, person: Person, now: datetime) -> int:
    return commands.test(session, mine(session, person).id, person.email, now).id


def remove(session: Session, person: Person, now: datetime) -> None:
    commands.remove(session, mine(session, person).id, person.email, now)


def mine(session: Session, person: Person) -> Endpoint:
    row = queries.own_webhook(session, person.id)
    if row is None:
        raise NotFound(_l("You have no webhook of your own."))
    return row

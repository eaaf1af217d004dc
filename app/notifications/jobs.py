"""Scheduled work: people told of new events, mails and digests sent, what is old forgotten."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from app.db import transaction
from app.events import publish_on_commit
from app.guards import Person
from app.mail import deliver, send_each
from app.notifications import commands, mails, people, queries
from app.notifications.kind import Setting, digest_due, is_quiet
from app.notifications.models import NotificationSetting
from app.notifications.queries import Line

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.sources import Sources

log = logging.getLogger(__name__)
KEEP = timedelta(days=90)


def tell(session: Session, now: datetime, sources: Sources) -> str:
    made = commands.fan_out(session, now)
    if made:
        publish_on_commit(session, sources.redis, "notifications")
    return f"{made} notifications"


def mail(session: Session, now: datetime, sources: Sources) -> str:
    """One mail for all that waits of a person; in quiet hours it waits on."""
    settings = queries.settings(session)
    house = Setting(sources.config.kpi_time_zone)
    due = {
        person.id: person
        for person in _waiting(session, "now", now)
        if not is_quiet(settings.get(person.id, house), now)
    }
    return send_each(list(due), lambda number: _send(due[number], "now", now, sources, lambda _: None))


def digest(session: Session, now: datetime, sources: Sources) -> str:
    """Each person's own, at their hour; only where something happened that they did not read."""
    settings = queries.settings(session)
    everybody = people.active(session, now)
    due = {
        person.id: (person, day)
        for person in everybody
        if person.id in settings and (day := digest_due(settings[person.id], now)) is not None
    }

    def send(number: int) -> None:
        person, day = due[number]

        def remember(inner: Session) -> None:
            row = inner.get_one(NotificationSetting, number)
            row.digested_on = day

        _send(person, "digest", now, sources, remember)

    return send_each(list(due), send)


def _waiting(session: Session, what: str, now: datetime) -> Sequence[Person]:
    waiting = set(queries.who_waits(session, what))
    return [person for person in people.active(session, now) if person.id in waiting] if waiting else []


def _send(
    person: Person, what: str, now: datetime, sources: Sources, remember: Callable[[Session], None]
) -> None:
    """In a transaction of its own: a mail that is refused takes back nothing of the others."""
    with transaction(sources.control, "PostgreSQL") as session:
        lines = queries.waiting(session, person.id, what)
        for line in lines:
            line.row.mail = "sent"
        remember(session)
        if wanted := _worth_a_mail(lines, what):
            made = mails.compose(wanted, person, sources.config.control_url, is_digest=what == "digest")
            deliver(sources.config, made, now)


def _worth_a_mail(lines: Sequence[Line], what: str) -> list[Line]:
    """What was read on the page meanwhile is no news of a digest."""
    return [line for line in lines if what == "now" or line.row.read_at is None]


def prune(session: Session, now: datetime, sources: Sources) -> str:
    return f"{commands.prune(session, now - KEEP)} notifications forgotten"

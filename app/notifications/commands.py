"""Writes of notifications: fanned out, read, and how somebody wants to be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.errors import NotFound, Refused
from app.guards import Person
from app.notifications import kind, people, queries
from app.notifications.kind import CHANNELS, Choices, Setting
from app.notifications.models import Choice, Notification, NotificationSetting
from app.webhooks.models import EventRow
from app.webhooks.stream import deliver, event_of

MOST_AT_ONCE = 500


def fan_out(session: Session, now: datetime) -> int:
    """Tell everybody of each new event, once. How many notifications were made."""
    events = session.scalars(
        select(EventRow)
        .where(EventRow.notified_at.is_(None))
        .order_by(EventRow.id)
        .limit(MOST_AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    if not events:
        return 0
    told = _Told(session, now)
    made = sum(told.tell(event) for event in events)
    for event in events:
        event.notified_at = now
    return made


class _Told:
    """Who is told of what, with all that is known of people read once."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now
        self.people = people.active(session, now)
        self.since = people.since(session)
        self.choices = queries.all_choices(session)
        self.digests = {
            person for person, setting in queries.settings(session).items() if setting.digest != "off"
        }
        self.webhooks = queries.own_webhooks(session)

    def tell(self, row: EventRow) -> int:
        event = event_of(row)
        made = 0
        for person in self.people:
            if not kind.is_news(event, self.since[person.id]):
                continue
            channels = kind.channels(event, person, person.email, self.choices.get(person.id, {}))
            if channels:
                made += self._tell_one(row, person, channels)
        return made

    def _tell_one(self, row: EventRow, person: Person, channels: Sequence[str]) -> int:
        mail = "now" if "mail" in channels else "digest" if person.id in self.digests else ""
        made = self.session.scalar(
            insert(Notification)
            .values(
                person_id=person.id,
                event_id=row.id,
                kind=kind.KIND_OF[row.type],
                at=self.now,
                is_shown="page" in channels,
                mail=mail,
            )
            .on_conflict_do_nothing()
            .returning(Notification.id)
        )
        if made is not None and "webhook" in channels and person.id in self.webhooks:
            deliver(self.session, self.webhooks[person.id], row.id, self.now)
        return int(made is not None)


def read(session: Session, person_id: int, notification_id: int, now: datetime) -> str:
    """Where its subject is. Read twice changes nothing."""
    row = session.get(Notification, notification_id)
    if row is None or row.person_id != person_id:
        raise NotFound(_l("There is no such notification."))
    row.read_at = row.read_at or now
    return session.get_one(EventRow, row.event_id).url


def read_all(session: Session, person_id: int, now: datetime) -> int:
    return len(
        session.scalars(
            update(Notification)
            .where(Notification.person_id == person_id, Notification.read_at.is_(None))
            .values(read_at=now)
            .returning(Notification.id)
        ).all()
    )


def choose(
    session: Session, person: Person, chosen: Mapping[str, Sequence[str]], setting: Setting, now: datetime
) -> None:
    """What and where, and when. `chosen`: kind → channels, of all that are to change."""
    kind.check(setting)
    _check(chosen, person)
    before = {**asdict(queries.setting(session, person.id, "UTC")), "digested_on": None}
    for name, channels in chosen.items():
        values = {"channels": [one for one in CHANNELS if one in channels]}
        session.execute(
            insert(Choice)
            .values(person_id=person.id, kind=name, **values)
            .on_conflict_do_update(index_elements=["person_id", "kind"], set_=values)
        )
    kept = {name: value for name, value in asdict(setting).items() if name != "digested_on"}
    session.execute(
        insert(NotificationSetting)
        .values(person_id=person.id, digested_on=None, **kept)
        .on_conflict_do_update(index_elements=["person_id"], set_=kept)
    )
    after = {**kept, "digested_on": None, "kinds": {name: list(one) for name, one in chosen.items()}}
    record(session, person.email, "person.notifications", f"person:{person.email}", before, after, now)


def _check(chosen: Choices, person: Person) -> None:
    offered = kind.offered(person)
    for name, channels in chosen.items():
        if name not in offered or not set(channels) <= set(CHANNELS):
            wrong = _l("There is no such kind or place: %(name)s.", name=name[:80])
            raise Refused(_l("Your settings were not saved."), {"kinds": wrong})


def prune(session: Session, before: datetime) -> int:
    old = delete(Notification).where(Notification.at < before).returning(Notification.id)
    return len(session.scalars(old).all())

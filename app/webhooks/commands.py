"""Writes of endpoints: made, changed, given a new secret, switched on and off, tested, replayed."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.errors import Conflict, NotFound, Refused
from app.outbound import Network, check_typed
from app.timeline import commands as timeline
from app.vault import is_readable
from app.webhooks import endpoint as rules
from app.webhooks import stream
from app.webhooks.endpoint import Draft
from app.webhooks.event import Event, page_of
from app.webhooks.models import Delivery, Endpoint, EventRow
from app.webhooks.signing import SECRET_BYTES, make_secret

MOST_ENDPOINTS = 200
# How long the secret before still signs beside the new one.
OVERLAP = timedelta(hours=24)
KEEP_DELIVERIES, KEEP_EVENTS = timedelta(days=30), timedelta(days=90)


def new_secret() -> str:
    return make_secret(secrets.token_bytes(SECRET_BYTES))


def create(
    session: Session,
    draft: Draft,
    allowed: Sequence[Network],
    who: str,
    now: datetime,
    person_id: int | None = None,
) -> Endpoint:
    """Its secret is made here, and shown by whoever asked for it, once."""
    rules.check(draft)
    url = check_typed(draft.url, allowed, "url")
    if len(session.scalars(select(Endpoint.id).limit(MOST_ENDPOINTS)).all()) >= MOST_ENDPOINTS:
        raise Refused(_l("There are %(most)s webhooks already, which is the most.", most=MOST_ENDPOINTS))
    row = Endpoint(
        secret=new_secret(),
        disabled_why="",
        person_id=person_id,
        revision=1,
        created_at=now,
        created_by=who,
        **_values(draft, url),
    )
    session.add(row)
    session.flush()
    record(session, who, "webhook.create", subject(row), None, facts(row), now)
    return row


def change(
    session: Session,
    endpoint_id: int,
    draft: Draft,
    revision: int,
    allowed: Sequence[Network],
    who: str,
    now: datetime,
) -> Endpoint:
    """With an address of "" the one before stays: pages do not show it whole."""
    rules.check(draft)
    row = locked(session, endpoint_id)
    url = check_typed(draft.url, allowed, "url") if draft.url else row.url
    if row.revision != revision:
        raise Conflict(_l("Somebody changed this webhook meanwhile. Reload the page and look at it again."))
    before = facts(row)
    if draft.is_active and not row.is_active:
        row.failing_since, row.disabled_why = None, ""
    for name, value in _values(draft, url).items():
        setattr(row, name, value)
    row.revision += 1
    record(session, who, "webhook.change", subject(row), before, facts(row), now)
    return row


def switch(session: Session, endpoint_id: int, is_on: bool, who: str, now: datetime) -> Endpoint:
    """Switched on again it starts afresh: what waits is sent, and it has its days to answer."""
    row = locked(session, endpoint_id)
    before = facts(row)
    row.is_active, row.failing_since, row.disabled_why = is_on, None, ""
    row.revision += 1
    record(session, who, "webhook.switch", subject(row), before, facts(row), now)
    return row


def rotate(session: Session, endpoint_id: int, who: str, now: datetime) -> Endpoint:
    """A new secret; for a day both sign, so that no receiver is left outside."""
    row = locked(session, endpoint_id)
    row.previous_secret = row.secret if is_readable(row.secret) else None
    row.previous_until = now + OVERLAP if row.previous_secret else None
    row.secret = new_secret()
    row.revision += 1
    record(session, who, "webhook.rotate", subject(row), None, {"both_sign_until": row.previous_until}, now)
    return row


def remove(session: Session, endpoint_id: int, who: str, now: datetime) -> None:
    row = locked(session, endpoint_id)
    record(session, who, "webhook.delete", subject(row), facts(row), None, now)
    session.execute(delete(Endpoint).where(Endpoint.id == endpoint_id))


def test(session: Session, endpoint_id: int, who: str, now: datetime) -> Delivery:
    """One event for this endpoint alone, through all that a real one goes through."""
    row = locked(session, endpoint_id)
    if not row.is_active:
        raise Conflict(_l("This webhook is off. Switch it on first."))
    event = Event("webhook.test", now, who, subject(row), row.name, page_of(subject(row)))
    made = stream.add(session, event, (), now)
    made.notified_at = now  # nobody else is to know
    stream.deliver(session, row.id, made.id, now)
    record(session, who, "webhook.test", subject(row), None, {"name": row.name}, now)
    return session.scalars(
        select(Delivery).where(Delivery.endpoint_id == row.id, Delivery.event_id == made.id)
    ).one()


def replay(session: Session, endpoint_id: int, delivery_id: int, who: str, now: datetime) -> Delivery:
    """Send it once more, under the same id: who had it can tell."""
    row = locked(session, endpoint_id)
    found: Delivery | None = session.scalar(
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.endpoint_id == row.id, Delivery.state != "waiting")
        .values(state="waiting", tries=0, due_at=now, done_at=None, leased_until=None)
        .returning(Delivery)
    )
    if found is None:
        if session.get(Delivery, delivery_id) is None:
            raise NotFound(_l("There is no such delivery."))
        raise Conflict(_l("This delivery waits for its next try already."))
    record(session, who, "webhook.replay", subject(row), None, {"delivery": delivery_id}, now)
    return found


def replay_failed(session: Session, endpoint_id: int, since: datetime, who: str, now: datetime) -> int:
    """All that were given up since then, such as after a receiver was down. How many."""
    row = locked(session, endpoint_id)
    found = session.scalars(
        update(Delivery)
        .where(Delivery.endpoint_id == row.id, Delivery.state == "failed", Delivery.created_at >= since)
        .values(state="waiting", tries=0, due_at=now, done_at=None, leased_until=None)
        .returning(Delivery.id)
    ).all()
    after = {"deliveries": len(found), "since": since}
    record(session, who, "webhook.replay", subject(row), None, after, now)
    return len(found)


def disable(session: Session, row: Endpoint, why: str, who: str, now: datetime) -> None:
    """Nobody is there. What waits stays, for the day that somebody switches it on again."""
    before = facts(row)
    row.is_active, row.disabled_why = False, why
    row.revision += 1
    record(session, who, "webhook.disable", subject(row), before, {**facts(row), "why": why}, now)
    timeline.record(
        session,
        now,
        "note",
        f"Webhook switched off: {row.name}"[:200],
        subject(row),
        detail=why,
        url=page_of(subject(row)),
    )


def prune(session: Session, now: datetime) -> tuple[int, int]:
    """Deliveries and events that are old. Deliveries and receipts of an event go with it."""
    old = delete(Delivery).where(Delivery.created_at < now - KEEP_DELIVERIES, Delivery.state != "waiting")
    deliveries = len(session.scalars(old.returning(Delivery.id)).all())
    events = session.scalars(
        delete(EventRow).where(EventRow.created_at < now - KEEP_EVENTS).returning(EventRow.id)
    )
    return deliveries, len(events.all())


def locked(session: Session, endpoint_id: int) -> Endpoint:
    row = session.scalar(select(Endpoint).where(Endpoint.id == endpoint_id).with_for_update())
    if row is None:
        raise NotFound(_l("There is no such webhook."))
    return row


def subject(row: Endpoint) -> str:
    """One of a person's own is looked after on their page."""
    return f"webhook:{row.id}" if row.person_id is None else f"own-webhook:{row.id}"


def facts(row: Endpoint) -> dict[str, Any]:
    """As the audit trail keeps it. An address may hold a key of its own: only where it leads is kept."""
    names = ("name", "format", "types", "environments", "locales", "subjects", "is_active")
    return {**{name: getattr(row, name) for name in names}, "host": host_of(row.url)}


def host_of(url: str) -> str:
    """Empty where the address cannot be read."""
    if not is_readable(url):
        return ""
    return url.split("/", 3)[2] if url.count("/") >= 2 else url


def _values(draft: Draft, url: str) -> dict[str, Any]:
    wish = draft.wish
    return {
        "name": draft.name.strip(),
        "url": url,
        "format": draft.format,
        "types": list(wish.types),
        "environments": list(wish.environments),
        "locales": list(wish.locales),
        "subjects": list(wish.subjects),
        "is_active": draft.is_active,
    }

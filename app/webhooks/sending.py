"""Deliveries on their way: taken under a lease, sent beside each other, written down.

Each endpoint is a queue of its own and has one delivery on its way at a time, so that one that hangs holds
one thread and nobody else. What was taken and never written down (a killed process) is sent again under the
same id once its lease is over: at least once, never lost.
"""

from __future__ import annotations

import logging
import random
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import exists, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from app import clock, outbound
from app.db import transaction
from app.events import publish_on_commit
from app.vault import Unsealable
from app.webhooks import commands, retrying
from app.webhooks.excerpt import excerpt
from app.webhooks.message import CONTENT_TYPE, Told, body_of
from app.webhooks.models import Attempt, Delivery, Endpoint, EventRow
from app.webhooks.signing import headers
from app.webhooks.stream import event_of
from app.webhooks.words import label, tone

if TYPE_CHECKING:
    from app.sources import Sources

log = logging.getLogger(__name__)
WHO = "job:webhooks.send"
LEASE = timedelta(seconds=60)  # longer than any one try takes
AT_ONCE = 16
# So long a run takes new deliveries; then the next run does.
RUN_SECONDS = 45.0
LOOK_AGAIN_SECONDS = 0.5
USER_AGENT = "Backroom-Webhooks/1"


@dataclass(frozen=True)
class Parcel:
    """A delivery that this process has the lease of, with all that is needed to send it."""

    delivery_id: int
    endpoint_id: int
    leased_until: datetime
    tries: int  # with this one
    url: str
    message: str
    body: bytes
    secrets: tuple[str, ...]


def send_due(sources: Sources, most_seconds: float = RUN_SECONDS) -> int:
    """Send all that is due, and what becomes due meanwhile. How many tries were made."""
    ends_at, sent = time.monotonic() + most_seconds, 0
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhooks") as threads:
        under_way: set[Future[None]] = set()
        while True:
            if time.monotonic() < ends_at and len(under_way) < AT_ONCE:
                parcels = _take(sources, AT_ONCE - len(under_way))
                sent += len(parcels)
                under_way |= {threads.submit(_carry, sources, parcel) for parcel in parcels}
            if not under_way:
                return sent
            done, under_way = wait(under_way, LOOK_AGAIN_SECONDS, FIRST_COMPLETED)
            for one in done:
                one.result()


def _take(sources: Sources, most: int) -> list[Parcel]:
    with transaction(sources.control, "PostgreSQL") as session:
        return take(session, clock.now(), most, sources.config.control_url)


def take(session: Session, now: datetime, most: int, home: str) -> list[Parcel]:
    """The oldest due delivery of each endpoint that has none on its way. Races end at the row's lease."""
    other = aliased(Delivery)
    is_busy = exists().where(other.endpoint_id == Delivery.endpoint_id, other.leased_until >= now)
    is_free = or_(Delivery.leased_until.is_(None), Delivery.leased_until < now)
    is_due = (Delivery.state == "waiting", Delivery.due_at <= now, is_free)
    oldest = (
        select(Delivery.id)
        .join(Endpoint, Endpoint.id == Delivery.endpoint_id)
        .where(Endpoint.is_active, *is_due, ~is_busy)
        .ext(distinct_on(Delivery.endpoint_id))
        .order_by(Delivery.endpoint_id, Delivery.due_at, Delivery.id)
        .limit(most)
    )
    taken = session.scalars(
        update(Delivery)
        .where(Delivery.id.in_(oldest.scalar_subquery()), *is_due)
        .values(leased_until=now + LEASE, tries=Delivery.tries + 1)
        .returning(Delivery)
        .execution_options(synchronize_session=False)
    ).all()
    return [parcel for one in taken if (parcel := _ready(session, one, now, home)) is not None]


def _ready(session: Session, delivery: Delivery, now: datetime, home: str) -> Parcel | None:
    """None: its address or secret does not open. The webhook is off then, and what waits for it waits."""
    try:
        return _parcel(session, delivery, now, home)
    except Unsealable as error:
        delivery.leased_until, delivery.tries = None, delivery.tries - 1
        commands.disable(session, session.get_one(Endpoint, delivery.endpoint_id), str(error), WHO, now)
        log.error("webhook %s is switched off: %s", delivery.endpoint_id, error)
        return None


def _parcel(session: Session, delivery: Delivery, now: datetime, home: str) -> Parcel:
    endpoint = session.get_one(Endpoint, delivery.endpoint_id)
    row = session.get_one(EventRow, delivery.event_id)
    told = Told(str(row.uid), event_of(row), label(row.type), tone(row.type), home)
    secrets = [str(endpoint.secret)]
    if endpoint.previous_secret and endpoint.previous_until and endpoint.previous_until > now:
        secrets.append(endpoint.previous_secret)
    return Parcel(
        delivery.id,
        endpoint.id,
        now + LEASE,
        delivery.tries,
        str(endpoint.url),
        told.id,
        body_of(told, endpoint.format),
        tuple(secrets),
    )


def _carry(sources: Sources, parcel: Parcel) -> None:
    """One try, outside of any transaction; what came of it is written down in one of its own."""
    attempt, retry_after = try_once(parcel, sources)
    with transaction(sources.control, "PostgreSQL") as session:
        settle(session, parcel, attempt, retry_after, clock.now(), random.random())  # noqa: S311 # nosec B311 # a wait
        publish_on_commit(session, sources.redis, "webhooks")


def try_once(parcel: Parcel, sources: Sources) -> tuple[Attempt, str]:
    now = clock.now()
    started = time.monotonic()
    sent = {
        "Content-Type": CONTENT_TYPE,
        "User-Agent": USER_AGENT,
        **headers(parcel.secrets, parcel.message, int(now.timestamp()), parcel.body),
    }
    attempt = Attempt(
        delivery_id=parcel.delivery_id, at=now, error="", response="", request=excerpt(parcel.body)
    )
    retry_after = ""
    try:
        answer = outbound.post(parcel.url, parcel.body, sent, sources.config.webhook_allowed_networks)
        attempt.status, attempt.response = answer.status, excerpt(answer.body)
        retry_after = answer.headers.get("retry-after", "")
    except outbound.NotReached as error:
        attempt.error = str(error)
    attempt.seconds = time.monotonic() - started
    return attempt, retry_after


def settle(
    session: Session, parcel: Parcel, attempt: Attempt, retry_after: str, now: datetime, chance: float
) -> None:
    """Only whoever still holds the lease decides; the try itself is written down in any case."""
    endpoint = session.scalar(select(Endpoint).where(Endpoint.id == parcel.endpoint_id).with_for_update())
    if endpoint is None:
        return  # removed meanwhile, with its deliveries
    session.add(attempt)
    outcome = retrying.after_try(attempt.status, parcel.tries, now, chance, retry_after)
    state = {"delivered": "delivered", "again": "waiting", "failed": "failed", "gone": "failed"}
    session.execute(
        update(Delivery)
        .where(Delivery.id == parcel.delivery_id, Delivery.leased_until == parcel.leased_until)
        .values(
            state=state[outcome.result],
            due_at=outcome.due_at or Delivery.due_at,
            done_at=None if outcome.result == "again" else now,
            leased_until=None,
        )
    )
    _judge(session, endpoint, outcome.result, attempt, now)


def _judge(
    session: Session, endpoint: Endpoint, result: retrying.Result, attempt: Attempt, now: datetime
) -> None:
    if result == "delivered":
        endpoint.failing_since = None
        return
    endpoint.failing_since = endpoint.failing_since or now
    if not endpoint.is_active:
        return
    said = attempt.error or f"HTTP {attempt.status}"
    if result == "gone":
        commands.disable(session, endpoint, "It answered 410: it is gone.", WHO, now)
    elif retrying.is_given_up(endpoint.failing_since, now):
        since = endpoint.failing_since.isoformat(timespec="minutes")
        commands.disable(session, endpoint, f"Nothing but failures since {since}; the last: {said}", WHO, now)

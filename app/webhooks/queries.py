"""Reads of endpoints, deliveries and sources, shaped for their pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.vault import is_readable
from app.webhooks.models import Attempt, Delivery, Endpoint, EventRow, Receipt, SourceRow

SHOWN = 50
LATELY = timedelta(days=1)
STATES = ("waiting", "delivered", "failed")

State = Literal["ok", "risk", "failed", "off"]


@dataclass(frozen=True)
class EndpointLine:
    row: Endpoint
    state: State
    delivered: int  # of the last day
    failed: int
    waiting: int


@dataclass(frozen=True)
class DeliveryLine:
    row: Delivery
    event: EventRow
    last: Attempt | None


def state_of(row: Endpoint) -> State:
    if not row.is_active:
        return "failed" if row.disabled_why else "off"
    return "risk" if row.failing_since else "ok"


def endpoints(session: Session, now: datetime) -> list[EndpointLine]:
    """Everybody's, what is wrong first."""
    rows = session.scalars(
        select(Endpoint).where(Endpoint.person_id.is_(None)).order_by(Endpoint.name, Endpoint.id)
    ).all()
    counts = _counts(session, now)
    lines = [_line(row, counts.get(row.id, {})) for row in rows]
    order = ("failed", "risk", "ok", "off")
    return sorted(lines, key=lambda line: order.index(line.state))


def _line(row: Endpoint, counts: Mapping[str, int]) -> EndpointLine:
    return EndpointLine(
        row, state_of(row), *(counts.get(name, 0) for name in ("delivered", "failed", "waiting"))
    )


def _counts(session: Session, now: datetime) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for endpoint_id, state, count in session.execute(
        select(Delivery.endpoint_id, Delivery.state, func.count())
        .where((Delivery.created_at > now - LATELY) | (Delivery.state == "waiting"))
        .group_by(Delivery.endpoint_id, Delivery.state)
    ):
        found.setdefault(endpoint_id, {})[state] = count
    return found


def endpoint(session: Session, endpoint_id: int) -> Endpoint:
    row = session.get(Endpoint, endpoint_id)
    if row is None or row.person_id is not None:
        raise NotFound(_l("There is no such webhook."))
    return row


def deliveries_of(endpoint_id: int, state: str = "", type_: str = "") -> Select[Delivery]:
    wanted = select(Delivery).where(Delivery.endpoint_id == endpoint_id)
    if state in STATES:
        wanted = wanted.where(Delivery.state == state)
    if type_:
        wanted = wanted.join(EventRow, EventRow.id == Delivery.event_id).where(EventRow.type == type_)
    return wanted


def newest(session: Session, endpoint_id: int, state: str, type_: str) -> list[DeliveryLine]:
    rows = session.scalars(
        deliveries_of(endpoint_id, state, type_).order_by(Delivery.id.desc()).limit(SHOWN)
    ).all()
    return with_events(session, rows)


def with_events(session: Session, rows: Sequence[Delivery]) -> list[DeliveryLine]:
    events = {
        row.id: row
        for row in session.scalars(select(EventRow).where(EventRow.id.in_([row.event_id for row in rows])))
    }
    last = {
        row.delivery_id: row
        for row in session.scalars(
            select(Attempt)
            .where(Attempt.delivery_id.in_([row.id for row in rows]))
            .ext(distinct_on(Attempt.delivery_id))
            .order_by(Attempt.delivery_id, Attempt.id.desc())
        )
    }
    return [DeliveryLine(row, events[row.event_id], last.get(row.id)) for row in rows]


def delivery(
    session: Session, endpoint_id: int, delivery_id: int
) -> tuple[Delivery, EventRow, Sequence[Attempt]]:
    row = session.get(Delivery, delivery_id)
    if row is None or row.endpoint_id != endpoint_id:
        raise NotFound(_l("There is no such delivery."))
    attempts = session.scalars(
        select(Attempt).where(Attempt.delivery_id == delivery_id).order_by(Attempt.id.desc())
    ).all()
    return row, session.get_one(EventRow, row.event_id), attempts


def sources(session: Session) -> Sequence[SourceRow]:
    return session.scalars(select(SourceRow).order_by(SourceRow.name, SourceRow.id)).all()


def source(session: Session, source_id: int) -> SourceRow:
    row = session.get(SourceRow, source_id)
    if row is None:
        raise NotFound(_l("There is no such source."))
    return row


def receipts(session: Session, source_id: int) -> Sequence[Receipt]:
    return session.scalars(
        select(Receipt)
        .where(Receipt.source_id == source_id)
        .order_by(Receipt.at.desc(), Receipt.message)
        .limit(SHOWN)
    ).all()


def masked_url(url: str) -> str:
    """Where it leads, without the end, which often is a secret."""
    if not is_readable(url):
        return str(_l("cannot be read: the key that sealed it is missing"))
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    return f"{scheme}://{host}/{'…' + path[-4:] if len(path) > 8 else path}"

"""What the worker does with each kind of event. Each ends with `outbox.handled`, beside its effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from config import StorefrontConfig
from storefront import outbox, telemetry
from storefront.db import Sessions, transaction
from storefront.mail import deliver
from storefront.orders.mails import write_mail
from storefront.orders.queries import order_by_id
from storefront.orders.settling import confirm, given_back
from storefront.payments.charging import Outcome
from storefront.payments.gateway import Gateway, State
from storefront.payments.models import Payment


@dataclass(frozen=True)
class Means:
    config: StorefrontConfig
    sessions: Sessions
    gateway: Gateway
    clock: Callable[[], datetime]


Handler = Callable[[outbox.Event, Means], None]


def fulfil(event: outbox.Event, means: Means) -> None:
    now = means.clock()
    with transaction(means.sessions) as session:
        confirm(session, int(event.payload["order_id"]), now)
        outbox.handled(session, event.id, now)


def send_mail(event: outbox.Event, means: Means) -> None:
    """The mail's name is the order's and the event's, so a second delivery is the same file or Message-ID."""
    with transaction(means.sessions) as session:
        mail = write_mail(order_by_id(session, int(event.payload["order_id"])), event.kind)
    try:
        deliver(means.config, mail, means.clock())
    except OSError:  # SMTP's exceptions are OSErrors too
        telemetry.mail("failed")
        raise
    telemetry.mail("sent")
    _done(event, means)


def refund(event: outbox.Event, means: Means) -> None:
    payment_id = int(event.payload["payment_id"])
    key, amount_cents = _key_of(means, payment_id)
    answer = means.gateway.refund(key, amount_cents)
    if answer.state is not State.REFUNDED:
        raise RuntimeError(f"the gateway says {answer.state} to a refund")
    telemetry.payment(Outcome.REFUNDED)
    with transaction(means.sessions) as session:
        given_back(session, int(event.payload["order_id"]), payment_id, means.clock())
        outbox.handled(session, event.id, means.clock())


def void(event: outbox.Event, means: Means) -> None:
    """Give a sum free that may still be held for an attempt that failed."""
    key, amount_cents = _key_of(means, int(event.payload["payment_id"]))
    answer = means.gateway.void(key)
    if answer.state is State.CAPTURED:  # cannot be, and must not stay so if it is
        means.gateway.refund(key, amount_cents)
    _done(event, means)


HANDLERS: Mapping[str, Handler] = {
    "order.paid": fulfil,
    "order.confirmed": send_mail,
    "order.cancelled": send_mail,
    "order.refunded": send_mail,
    "payment.refund": refund,
    "payment.void": void,
}


def _done(event: outbox.Event, means: Means) -> None:
    with transaction(means.sessions) as session:
        outbox.handled(session, event.id, means.clock())


def _key_of(means: Means, payment_id: int) -> tuple[str, int]:
    with transaction(means.sessions) as session:
        row = session.execute(
            sa.select(Payment.key, Payment.amount_cents).where(Payment.id == payment_id)
        ).one()
    return row.key, row.amount_cents

"""Rows of payments. Whatever the gateway says is written here once: the first final word counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storefront.payments.cards import Card
from storefront.payments.charging import Charge, Outcome
from storefront.payments.models import Payment

OPEN = (Outcome.PENDING, Outcome.TIMEOUT)
FIRST_CHECK_SECONDS = 15  # while the checkout itself may still be talking to the gateway
CHECK_AGAIN_SECONDS = 1
MOST_SECONDS_BETWEEN_CHECKS = 60


@dataclass(frozen=True)
class Attempt:
    payment_id: int
    key: str
    amount_cents: int
    currency: str


@dataclass(frozen=True)
class Hanging:
    payment_id: int
    order_id: int
    key: str
    amount_cents: int
    created_at: datetime


def begin_payment(
    session: Session, order_id: int, key: str, amount_cents: int, currency: str, card: Card, now: datetime
) -> Attempt:
    payment = Payment(
        order_id=order_id,
        key=key,
        amount_cents=amount_cents,
        currency=currency,
        card_brand=card.brand,
        card_last4=card.last4,
        created_at=now,
        next_check_at=now + timedelta(seconds=FIRST_CHECK_SECONDS),
    )
    session.add(payment)
    session.flush()
    return Attempt(payment.id, payment.key, amount_cents, currency)


def write_outcome(session: Session, payment_id: int, charge: Charge, now: datetime) -> Outcome | None:
    """What the payment was before; None when another process has settled it meanwhile."""
    before = session.scalars(
        sa.select(Payment.outcome)
        .where(Payment.id == payment_id, Payment.outcome.in_(OPEN))
        .with_for_update()
    ).one_or_none()
    if before is None:
        return None
    is_open = charge.outcome in OPEN
    session.execute(
        sa.update(Payment)
        .where(Payment.id == payment_id)
        .values(
            outcome=charge.outcome,
            gateway_reference=charge.reference,
            reason=charge.reason,
            settled_at=None if is_open else now,
            next_check_at=now + timedelta(seconds=CHECK_AGAIN_SECONDS),
        )
    )
    return Outcome(before)


def take_hanging(session: Session, now: datetime, most: int = 20) -> list[Hanging]:
    """Payments to ask the gateway about now. Each is one reconciler's; the waits between checks double."""
    rows = session.scalars(
        sa.select(Payment)
        .where(Payment.outcome.in_(OPEN), Payment.next_check_at <= now)
        .order_by(Payment.next_check_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        wait = min(CHECK_AGAIN_SECONDS * 2**row.checks, MOST_SECONDS_BETWEEN_CHECKS)
        row.next_check_at, row.checks = now + timedelta(seconds=wait), min(row.checks + 1, 20)
    return [Hanging(row.id, row.order_id, row.key, row.amount_cents, row.created_at) for row in rows]


def mark_refunded(session: Session, payment_id: int, now: datetime) -> None:
    session.execute(
        sa.update(Payment)
        .where(Payment.id == payment_id, Payment.outcome == Outcome.CAPTURED)
        .values(outcome=Outcome.REFUNDED, settled_at=now)
    )

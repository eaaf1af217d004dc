"""What the gateway said, written into order, stock, cart and outbox in one transaction.

Every step is "update where still open, count the rows": checkout and reconciler may both bring the news, the
first one counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storefront import outbox
from storefront.cart.commands import put_back, take_out
from storefront.orders.models import IdempotencyKey, Order, OrderLine
from storefront.payments.charging import Charge, Outcome
from storefront.payments.commands import mark_refunded, write_outcome
from storefront.products.commands import return_stock


@dataclass(frozen=True)
class Settled:
    """`status` is the order's now. `is_news` is False when somebody else had settled it before."""

    order_id: int
    status: str
    total_cents: int
    locale: str
    is_news: bool
    cart_emptied: bool = False


def settle(
    session: Session,
    order_id: int,
    payment_id: int,
    charge: Charge,
    now: datetime,
    *,
    keeps_cart: bool = False,
) -> Settled:
    before = write_outcome(session, payment_id, charge, now)
    order = session.scalars(sa.select(Order).where(Order.id == order_id).with_for_update()).one()
    emptied = False
    if before is None:
        return Settled(order.id, order.status, order.total_cents, order.locale, False)
    match charge.outcome:
        case Outcome.CAPTURED:
            emptied = _captured(session, order, payment_id, before, now, keeps_cart)
        case Outcome.TIMEOUT:
            emptied = before is Outcome.PENDING and _empty_cart(session, order, now, keeps_cart)
            _remember(session, order.id, {"result": "pending"})
        case Outcome.DECLINED | Outcome.ERROR:
            _no_order(session, order, charge, before, now)
        case _:
            mark_given_back(session, order.id, now)
    if charge.may_be_held:
        outbox.add(session, "payment.void", {"payment_id": payment_id}, now)
    session.flush()
    return Settled(order.id, order.status, order.total_cents, order.locale, True, emptied)


def _captured(
    session: Session, order: Order, payment_id: int, before: Outcome, now: datetime, keeps_cart: bool
) -> bool:
    if order.status != "pending":  # given up meanwhile, stock and all: nobody pays for nothing
        outbox.add(session, "payment.refund", {"payment_id": payment_id, "order_id": order.id}, now)
        return False
    order.status, order.paid_at = "paid", now
    outbox.add(session, "order.paid", {"order_id": order.id}, now)
    if before is Outcome.TIMEOUT:  # the shopper was answered, and the cart emptied, then
        return False
    _remember(session, order.id, {"result": "paid"})
    return _empty_cart(session, order, now, keeps_cart)


def _no_order(session: Session, order: Order, charge: Charge, before: Outcome, now: datetime) -> None:
    """Nothing was taken: the stock goes back to the shelf, and the cart is what it was."""
    if order.status != "pending":
        return
    order.status, order.cancelled_at = "cancelled", now
    quantities = quantities_of(session, order.id)
    if before is Outcome.TIMEOUT:
        if order.cart_id is not None:
            put_back(session, order.cart_id, quantities, now)
        outbox.add(session, "order.cancelled", {"order_id": order.id}, now)
    elif charge.outcome is Outcome.DECLINED:
        _remember(session, order.id, {"result": "declined", "reason": charge.reason})
    else:  # our failure is not an answer to keep: the same key may try again
        session.execute(sa.delete(IdempotencyKey).where(IdempotencyKey.order_id == order.id))
    return_stock(session, quantities)


def _empty_cart(session: Session, order: Order, now: datetime, keeps_cart: bool) -> bool:
    if keeps_cart or order.cart_id is None:
        return False
    take_out(session, order.cart_id, quantities_of(session, order.id), now)
    return True


def _remember(session: Session, order_id: int, answer: Mapping[str, str]) -> None:
    session.execute(
        sa.update(IdempotencyKey)
        .where(IdempotencyKey.order_id == order_id, IdempotencyKey.answer.is_(None))
        .values(answer=dict(answer))
    )


def quantities_of(session: Session, order_id: int) -> dict[int, int]:
    lines = sa.select(OrderLine.variant_id, OrderLine.quantity).where(OrderLine.order_id == order_id)
    return {row.variant_id: row.quantity for row in session.execute(lines)}


def confirm(session: Session, order_id: int, now: datetime) -> bool:
    """Fulfilment has taken the order over. False when there is nothing to take over."""
    paid = sa.update(Order).where(Order.id == order_id, Order.status == "paid")
    if outbox.changed(session, paid.values(status="confirmed", confirmed_at=now)) == 0:
        return False
    outbox.add(session, "order.confirmed", {"order_id": order_id}, now)
    return True


def given_back(session: Session, order_id: int, payment_id: int, now: datetime) -> None:
    """The gateway has returned the money."""
    mark_refunded(session, payment_id, now)
    mark_given_back(session, order_id, now)


def mark_given_back(session: Session, order_id: int, now: datetime) -> None:
    given = sa.update(Order).where(Order.id == order_id, Order.status != "refunded")
    values = {"status": "refunded", "refunded_cents": Order.total_cents}
    if outbox.changed(session, given.values(values)) == 1:
        outbox.add(session, "order.refunded", {"order_id": order_id}, now)

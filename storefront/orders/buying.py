"""One press on "Place order": place (a transaction) → charge (no transaction) → settle (a transaction).

No row is locked while the gateway is waited for. Whatever happens after the order was placed, the shopper is
never told "failed" of a payment that may have gone through: the order stays pending and the reconciler asks.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from storefront import telemetry
from storefront.db import Sessions, transaction
from storefront.errors import Unavailable
from storefront.orders.models import Order
from storefront.orders.placing import Before, Placed, Wish, place, placed_before
from storefront.orders.settling import Settled, settle
from storefront.payments.charging import Charge, Outcome, charge
from storefront.payments.gateway import Till

log = logging.getLogger(__name__)


class Result(StrEnum):
    PAID = "paid"
    PENDING = "pending"  # the payment is being confirmed
    DECLINED = "declined"
    UNAVAILABLE = "unavailable"  # payments do not work; nothing was charged


@dataclass(frozen=True)
class Bought:
    result: Result
    number: str
    key: str
    total_cents: int
    reason: str = ""  # the gateway's word for why the card was declined
    is_replay: bool = False
    settled: Settled | None = None


@dataclass(frozen=True)
class Shop:
    """What an order needs besides the wish."""

    sessions: Sessions
    gateway: Till
    clock: Callable[[], datetime]
    keeps_cart: bool = False  # an operator's failure flag


def buy(shop: Shop, wish: Wish) -> Bought:
    placed = _place(shop, wish)
    if isinstance(placed, Before):
        return _answer_again(shop, placed)
    with telemetry.journey("pay", wish.shopper.locale) as step:
        attempt = placed.attempt
        charged = charge(shop.gateway, attempt.key, attempt.amount_cents, attempt.currency, wish.card)
        telemetry.payment(charged.outcome)
        if charged.outcome in (Outcome.ERROR, Outcome.TIMEOUT):
            step.bad()
    settled = _settle(shop, placed, charged)
    result = _result(charged, settled)
    return Bought(
        result, placed.number, placed.order_key, placed.total_cents, charged.reason, settled=settled
    )


def _place(shop: Shop, wish: Wish) -> Placed | Before:
    """Tried twice: a connection that broke during the commit leaves open whether the order is there.

    The payment's key answers that: with it the second try finds the order of the first.
    """
    try:
        with transaction(shop.sessions) as session:
            return place(session, wish, shop.clock())
    except Unavailable as error:
        if not getattr(error.__cause__, "connection_invalidated", False):
            raise
        log.warning("the connection broke while an order was placed: tried a second time")
    with transaction(shop.sessions) as session:
        return placed_before(session, wish) or place(session, wish, shop.clock())


def _settle(shop: Shop, placed: Placed, charged: Charge) -> Settled | None:
    """None when the database went away: the payment stays open and the reconciler will settle it."""
    try:
        with transaction(shop.sessions) as session:
            return settle(
                session,
                placed.order_id,
                placed.attempt.payment_id,
                charged,
                shop.clock(),
                keeps_cart=shop.keeps_cart,
            )
    except Unavailable:
        log.warning("a payment is left to the reconciler", extra={"order": placed.number})
        return None


def _result(charged: Charge, settled: Settled | None) -> Result:
    """What to say: the order's state counts, it may have been settled by the reconciler before."""
    if settled is None or settled.status == "pending":
        return Result.PENDING
    if settled.status in ("paid", "confirmed"):
        return Result.PAID
    return Result.DECLINED if charged.outcome is Outcome.DECLINED else Result.UNAVAILABLE


def _answer_again(shop: Shop, before: Before) -> Bought:
    with transaction(shop.sessions) as session:
        order = session.execute(
            sa.select(Order.number, Order.key, Order.total_cents).where(Order.id == before.order_id)
        ).one()
    answer = before.answer or {}
    result = Result(answer.get("result", Result.PENDING))
    return Bought(result, order.number, order.key, order.total_cents, answer.get("reason", ""), True)

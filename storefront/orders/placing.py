"""From a cart to a pending order: priced, its stock taken, its payment begun, in one transaction.

What is priced here is what will be captured: the sums are copied into the order, and nothing that happens to
the cart afterwards reaches them.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storefront.cart.delivery import COUNTRIES
from storefront.cart.queries import Contents, contents
from storefront.cart.totals import Sums, Totals
from storefront.errors import Conflict, Refused
from storefront.exchange import Exchange
from storefront.orders.form import Delivery
from storefront.orders.idempotency import KEEP_HOURS
from storefront.orders.models import IdempotencyKey, Order, OrderLine
from storefront.payments.cards import Card
from storefront.payments.charging import Outcome
from storefront.payments.commands import Attempt, begin_payment
from storefront.payments.models import Payment
from storefront.products.commands import OutOfStock, take_stock
from storefront.shopper import Shopper


@dataclass(frozen=True)
class Wish:
    """All that one press on "Place order" says."""

    shopper: Shopper
    delivery: Delivery
    card: Card
    key: str
    fingerprint: str
    seen: str  # what the page showed, see `mark`; "" where it does not say
    flags: Mapping[str, str]
    currency: str
    payment_key: str  # new with each press: tells this press from another one with the same key
    exchange: Exchange  # to the currency that the page showed
    words: tuple[int, str] = (0, "")  # release and bucket of the words that the shopper read


@dataclass(frozen=True)
class Placed:
    order_id: int
    number: str
    order_key: str
    total_cents: int
    attempt: Attempt


@dataclass(frozen=True)
class Before:
    """The key was used: its order, and what was answered; None while that is not known."""

    order_id: int
    answer: Mapping[str, str] | None


class CartChanged(Conflict):
    """The page showed another cart or another price than there is now."""


class OrderedAlready(Conflict):
    """This very cart is an order, placed under another key."""

    def __init__(self, number: str, key: str) -> None:
        super().__init__(_l("You have already ordered this cart"))
        self.number, self.key = number, key


def mark(cart: Contents, totals: Totals, sums: Sums) -> str:
    """What a page showed, sent back with the order: never a price to charge, only to be compared."""
    return f"{cart.version}-{totals.total_cents}-{sums.total}{sums.currency}"


def place(session: Session, wish: Wish, now: datetime) -> Placed | Before:
    if not _take_key(session, wish, now):
        return _what_became_of(session, wish)
    cart = contents(session, wish.shopper, lock=True)
    totals = cart.totals(COUNTRIES[wish.delivery.country])
    sums = cart.sums(COUNTRIES[wish.delivery.country], wish.exchange)
    _check(session, cart, mark(cart, totals, sums), wish)
    order = _write_order(session, cart, totals, wish, now)
    _note_what_was_shown(order, sums, wish.exchange)
    session.execute(
        sa.update(IdempotencyKey)
        .where(IdempotencyKey.visitor_id == wish.shopper.visitor_id, IdempotencyKey.key == wish.key)
        .values(order_id=order.id)
    )
    attempt = begin_payment(
        session, order.id, wish.payment_key, totals.total_cents, wish.currency, wish.card, now
    )
    # Last, because whoever wants the same thing waits from here to the commit.
    _take_stock(session, cart)
    return Placed(order.id, order.number, order.key, totals.total_cents, attempt)


def placed_before(session: Session, wish: Wish) -> Placed | None:
    """The order of this very press, where its first try was committed after all."""
    row = session.execute(
        sa.select(Order, Payment.id)
        .join(Payment, Payment.order_id == Order.id)
        .where(Payment.key == wish.payment_key, Payment.outcome == Outcome.PENDING)
    ).one_or_none()
    if row is None:
        return None
    order, payment_id = row
    attempt = Attempt(payment_id, wish.payment_key, order.total_cents, order.currency)
    return Placed(order.id, order.number, order.key, order.total_cents, attempt)


def _take_key(session: Session, wish: Wish, now: datetime) -> bool:
    """Whoever writes the row places the order; a second press waits here until the first has committed."""
    fresh = {"fingerprint": wish.fingerprint, "created_at": now, "order_id": None, "answer": None}
    row = insert(IdempotencyKey).values(visitor_id=wish.shopper.visitor_id, key=wish.key, **fresh)
    expired = IdempotencyKey.created_at < now - timedelta(hours=KEEP_HOURS)
    taken = row.on_conflict_do_update(
        index_elements=["visitor_id", "key"], set_=fresh, where=expired
    ).returning(IdempotencyKey.key)
    return session.execute(taken).first() is not None


def _what_became_of(session: Session, wish: Wish) -> Before:
    row = session.get_one(IdempotencyKey, (wish.shopper.visitor_id, wish.key))
    if row.fingerprint != wish.fingerprint:
        raise Refused(_l("This order was already sent with other details"))
    if row.order_id is None:
        raise LookupError("a key without its order was committed")
    return Before(row.order_id, row.answer)


def _check(session: Session, cart: Contents, seen: str, wish: Wish) -> None:
    if cart.id is not None:
        _check_not_ordered(session, cart)
    if not cart.lines:
        raise Conflict(_l("Your cart is empty"))
    if not cart.can_be_bought:
        raise sold_out()
    if wish.seen and wish.seen != seen:
        raise CartChanged(_l("Your order has changed. Please look at it and place it again"))


def _check_not_ordered(session: Session, cart: Contents) -> None:
    """Holds because the cart is locked; an index of the table holds it against everything else."""
    row = session.execute(
        sa.select(Order.number, Order.key).where(
            Order.cart_id == cart.id,
            Order.cart_version == cart.version,
            Order.status.in_(("pending", "paid", "confirmed")),
        )
    ).first()
    if row is not None:
        raise OrderedAlready(row.number, row.key)


def sold_out() -> Conflict:
    return Conflict(_l("Some of your items have just been sold. Nothing was charged and your cart is kept"))


def _take_stock(session: Session, cart: Contents) -> None:
    try:
        take_stock(session, {line.facts.variant_id: line.quantity for line in cart.lines})
    except OutOfStock as nothing_left:
        raise sold_out() from nothing_left


def _write_order(session: Session, cart: Contents, totals: Totals, wish: Wish, now: datetime) -> Order:
    shopper, to = wish.shopper, wish.delivery
    order = Order(
        key=secrets.token_urlsafe(18),
        placed_at=now,
        currency=wish.currency,
        gross_cents=totals.gross_cents,
        discount_cents=totals.discount_cents,
        shipping_cents=totals.shipping_cents,
        tax_cents=totals.tax_cents,
        tax_rate_bp=totals.tax_rate_bp,
        total_cents=totals.total_cents,
        email=to.email,
        name=to.name,
        street=to.street,
        city=to.city,
        postcode=to.postcode,
        country=to.country,
        locale=shopper.locale,
        device=shopper.device,
        visitor_id=shopper.visitor_id,
        session_id=shopper.session_id,
        user_id=shopper.user_id,
        flags=dict(wish.flags),
        release=wish.words[0],
        bucket=wish.words[1],
        cart_id=cart.id,
        cart_version=cart.version,
    )
    session.add(order)
    session.flush()
    session.add_all(_lines(cart, order.id, wish.exchange, now))
    return order


def _note_what_was_shown(order: Order, sums: Sums, exchange: Exchange) -> None:
    """The mail and the order's page say what the checkout said, whatever rates do afterwards."""
    if exchange.rate is not None:
        order.shown_currency = sums.currency
        order.shown_rate, order.shown_rate_at = exchange.rate.per_base, exchange.rate.as_of
        order.shown_shipping_minor, order.shown_tax_minor = sums.shipping, sums.tax
        order.shown_total_minor = sums.total


def _lines(cart: Contents, order_id: int, exchange: Exchange, now: datetime) -> list[OrderLine]:
    return [
        OrderLine(
            order_id=order_id,
            placed_at=now,
            variant_id=line.facts.variant_id,
            product_id=line.facts.product_id,
            category=line.facts.category,
            name=line.facts.name,
            option=line.facts.options,
            sku=line.facts.sku,
            quantity=line.quantity,
            unit_price_cents=line.facts.price_cents,
            shown_unit_minor=line.shown_unit(exchange) if exchange.is_converted else None,
        )
        for line in cart.lines
    ]

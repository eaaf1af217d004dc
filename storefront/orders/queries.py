"""Orders as their pages and mails show them."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from storefront.cart.totals import Sums
from storefront.errors import NotFound
from storefront.orders.models import Order, OrderLine
from storefront.payments.models import Payment
from storefront.shopper import Shopper


@dataclass(frozen=True)
class OrderView:
    order: Order
    lines: Sequence[OrderLine]
    card_brand: str
    card_last4: str  # both "" where no card was used

    @property
    def is_converted(self) -> bool:
        """Whether it was shown in another currency than it was charged in."""
        return self.order.shown_currency is not None

    @property
    def sums(self) -> Sums:
        """As the checkout showed them."""
        order = self.order
        if order.shown_currency is None:
            return Sums(
                order.currency,
                order.gross_cents,
                order.discount_cents,
                order.shipping_cents,
                order.tax_cents,
                order.tax_rate_bp,
                order.total_cents,
            )
        gross, shipping = sum(map(self.shown_line, self.lines)), order.shown_shipping_minor or 0
        total = order.shown_total_minor or 0
        return Sums(
            order.shown_currency,
            gross,
            gross + shipping - total,
            shipping,
            order.shown_tax_minor or 0,
            order.tax_rate_bp,
            total,
        )

    def shown_line(self, line: OrderLine) -> int:
        unit = line.unit_price_cents if line.shown_unit_minor is None else line.shown_unit_minor
        return line.quantity * unit


@dataclass(frozen=True)
class OrderRow:
    number: str
    key: str
    placed_at: datetime
    status: str
    total_cents: int
    currency: str


def own_order(session: Session, number: str, key: str, shopper: Shopper) -> OrderView:
    """The order, to whoever has its key or placed it from this account; to all others there is none."""
    order = session.scalars(sa.select(Order).where(Order.number == number)).one_or_none()
    if order is None or not _may_read(order, key, shopper):
        raise NotFound(_l("We could not find this order"))
    return _view(session, order)


def order_by_id(session: Session, order_id: int) -> OrderView:
    """For mails; `NoResultFound` when it is gone."""
    return _view(session, session.get_one(Order, order_id))


def orders_of(session: Session, user_id: int, most: int = 50) -> list[OrderRow]:
    rows = session.execute(
        sa.select(Order.number, Order.key, Order.placed_at, Order.status, Order.total_cents, Order.currency)
        .where(Order.user_id == user_id)
        .order_by(Order.placed_at.desc())
        .limit(most)
    )
    return [OrderRow(*row) for row in rows]


def _may_read(order: Order, key: str, shopper: Shopper) -> bool:
    has_key = hmac.compare_digest(order.key.encode(), key.encode("utf-8", "replace"))
    return has_key or (shopper.user_id is not None and shopper.user_id == order.user_id)


def _view(session: Session, order: Order) -> OrderView:
    lines = session.scalars(sa.select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.id))
    card = session.execute(
        sa.select(Payment.card_brand, Payment.card_last4)
        .where(Payment.order_id == order.id)
        .order_by(Payment.id.desc())
    ).first()
    brand, last4 = card or ("", "")
    return OrderView(order, lines.all(), brand, last4)

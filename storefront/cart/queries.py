"""The cart as its page shows it: what is in it, what it costs, what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storefront.cart.delivery import Country
from storefront.cart.models import Cart, CartLine
from storefront.cart.totals import PricedLine, Sums, Totals, sums, totals
from storefront.exchange import Exchange
from storefront.products import published
from storefront.products.queries import VariantFacts, variants_by_id
from storefront.shopper import Shopper


@dataclass(frozen=True)
class Line:
    id: int
    quantity: int
    facts: VariantFacts

    @property
    def total_cents(self) -> int:
        return self.quantity * self.facts.price_cents

    def shown_unit(self, exchange: Exchange) -> int:
        return exchange.price(self.facts.price_cents, self.facts.points)

    def shown_total(self, exchange: Exchange) -> int:
        return self.quantity * self.shown_unit(exchange)

    @property
    def can_be_bought(self) -> bool:
        return self.facts.is_active and self.quantity <= self.facts.stock

    def priced(self) -> PricedLine:
        return PricedLine(self.facts.variant_id, self.quantity, self.facts.price_cents)


@dataclass(frozen=True)
class Contents:
    """A cart at one moment. `id` is None while nothing was ever put into it."""

    id: int | None
    version: int
    lines: Sequence[Line]

    @property
    def count(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def can_be_bought(self) -> bool:
        return bool(self.lines) and all(line.can_be_bought for line in self.lines)

    def totals(self, country: Country) -> Totals:
        return totals((line.priced() for line in self.lines), country)

    def sums(self, country: Country, exchange: Exchange) -> Sums:
        """The totals as a page shows them, in the currency of the exchange."""
        gross = sum(line.shown_total(exchange) for line in self.lines)
        return sums(self.totals(country), gross, exchange)


NOTHING = Contents(None, 0, ())


def of(shopper: Shopper) -> sa.ColumnElement[bool]:
    """Whose cart: the account's while signed in, else the visitor's."""
    if shopper.user_id is not None:
        return Cart.user_id == shopper.user_id
    return Cart.visitor_id == shopper.visitor_id


def contents(session: Session, shopper: Shopper, *, lock: bool = False) -> Contents:
    """With `lock` nobody changes the cart until the transaction ends."""
    wanted = sa.select(Cart.id, Cart.version).where(of(shopper))
    cart = session.execute(wanted.with_for_update() if lock else wanted).one_or_none()
    if cart is None:
        return NOTHING
    rows = session.execute(
        sa.select(CartLine.id, CartLine.variant_id, CartLine.quantity)
        .where(CartLine.cart_id == cart.id)
        .order_by(CartLine.added_at, CartLine.id)
    ).all()
    facts = variants_by_id(session, [row.variant_id for row in rows], shopper.locale) if rows else {}
    facts = {one.variant_id: one for one in published.named(list(facts.values()))}
    lines = [Line(row.id, row.quantity, facts[row.variant_id]) for row in rows if row.variant_id in facts]
    return Contents(cart.id, cart.version, lines)


def count(session: Session, shopper: Shopper) -> int:
    """How many things, for the badge in the page's head."""
    of_cart = sa.select(sa.func.coalesce(sa.func.sum(CartLine.quantity), 0)).join(
        Cart, Cart.id == CartLine.cart_id
    )
    return int(session.scalars(of_cart.where(of(shopper))).one())

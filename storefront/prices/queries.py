"""Reads for the list of prices."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storefront.exchange import Exchange, Rate
from storefront.prices.files import PricedSku
from storefront.products.models import PricePoint, Variant
from storefront.rates import ExchangeRate


def points(session: Session) -> list[PricedSku]:
    rows = session.execute(
        sa.select(Variant.sku, PricePoint.currency, PricePoint.minor)
        .join(PricePoint, PricePoint.variant_id == Variant.id)
        .order_by(Variant.sku, PricePoint.currency)
    )
    return [PricedSku(*row) for row in rows]


def conversion(session: Session, sku: str, currency: str, base: str) -> int | None:
    """What the item would cost without a price of its own; None where the currency has no rate."""
    row = session.execute(
        sa.select(Variant.price_cents, ExchangeRate)
        .join(ExchangeRate, ExchangeRate.currency == currency)
        .where(Variant.sku == sku)
    ).one_or_none()
    if row is None:
        return None
    cents, rate = row
    return Exchange(base, Rate(currency, rate.per_base, rate.as_of, rate.source)).price(cents)

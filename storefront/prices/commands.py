"""Writes to rates and price points. What pages remember of them is made old by `forget_prices`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storefront.cache import Cache, forget
from storefront.errors import NotFound, Refused
from storefront.exchange import Rate, off_by
from storefront.prices.files import PricedSku
from storefront.prices.queries import conversion
from storefront.products.models import PricePoint, Variant
from storefront.rates import ExchangeRate


def set_rate(session: Session, rate: Rate, base: str) -> None:
    if rate.currency == base:
        raise Refused(f"{base} is what orders are charged in: it has no rate", {"currency": base})
    values = {"per_base": rate.per_base, "as_of": rate.as_of, "source": rate.source}
    row = insert(ExchangeRate).values(currency=rate.currency, **values)
    session.execute(row.on_conflict_do_update(index_elements=["currency"], set_=values))


def drop_rate(session: Session, currency: str) -> None:
    """Nobody can choose the currency any more; its price points wait for another rate."""
    gone = session.execute(
        sa.delete(ExchangeRate).where(ExchangeRate.currency == currency).returning(ExchangeRate.currency)
    ).first()
    if gone is None:
        raise NotFound(f"there is no rate of {currency}")


def set_points(session: Session, prices: Iterable[PricedSku], now: datetime) -> int:
    """All or none. How many there were."""
    rows = list(prices)
    ids = _ids(session, {row.sku for row in rows})
    for row in rows:
        values = {"minor": row.minor, "set_at": now}
        point = insert(PricePoint).values(variant_id=ids[row.sku], currency=row.currency, **values)
        session.execute(point.on_conflict_do_update(index_elements=["variant_id", "currency"], set_=values))
    return len(rows)


def drop_point(session: Session, sku: str, currency: str) -> None:
    """The price is converted again."""
    variant = _ids(session, {sku})[sku]
    gone = session.execute(
        sa.delete(PricePoint)
        .where(PricePoint.variant_id == variant, PricePoint.currency == currency)
        .returning(PricePoint.currency)
    ).first()
    if gone is None:
        raise NotFound(f"{sku} has no price of its own in {currency}")


def far_off(session: Session, prices: Iterable[PricedSku], base: str, most: float) -> list[str]:
    """Prices that differ from the conversion by more than a share, in words: slips of the finger, maybe."""
    found = []
    for row in prices:
        exact = conversion(session, row.sku, row.currency, base)
        if exact is not None and abs(off_by(row.minor, exact)) > most:
            found.append(f"{row.sku} in {row.currency}: {off_by(row.minor, exact):+.0%} from the conversion")
    return found


def forget_prices(cache: Cache) -> None:
    """After the commit: the next page reads rates and price points anew."""
    for name in ("rates", "product", "listing", "related"):
        forget(name, cache=cache)


def _ids(session: Session, skus: set[str]) -> dict[str, int]:
    rows = session.execute(sa.select(Variant.sku, Variant.id).where(Variant.sku.in_(skus)))
    ids = {row.sku: row.id for row in rows}
    unknown = sorted(skus - set(ids))
    if unknown:
        raise NotFound(f"no such item: {', '.join(unknown[:5])}")
    return ids

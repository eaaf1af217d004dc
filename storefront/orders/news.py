"""Who is told when an order was settled: metrics and live counters, after the commit."""

from __future__ import annotations

from datetime import datetime

from storefront import live, telemetry
from storefront.cache import Cache
from storefront.orders.settling import Settled


def tell(cache: Cache, settled: Settled, now: datetime) -> None:
    if settled.is_news and settled.status == "paid":
        telemetry.order_placed(settled.locale)
        live.order_paid(cache, settled.total_cents, now)
    if settled.cart_emptied:
        telemetry.cart_emptied()

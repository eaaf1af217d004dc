"""Live counters in Redis, for whoever watches the shop. This file is the contract; all days are UTC.

    key                                   type    meaning                                         lasts
    shop:live:visitors                    zset    visitor_id → unix seconds of the last page      1 hour idle
    shop:live:orders:<YYYY-MM-DD>         string  orders paid on that day                         3 days
    shop:live:revenue_cents:<YYYY-MM-DD>  string  sum of their totals, in cents                   3 days

A reader counts the visitors of the last 5 minutes: ZCOUNT shop:live:visitors (now − 300) +inf. A day without
a key had no orders if the shop was up; it is not an error. Without Redis the shop sells on and these counts
miss that time.
"""

from __future__ import annotations

from datetime import datetime

from redis import Redis

from storefront import telemetry
from storefront.cache import Cache

VISITORS = "shop:live:visitors"
ORDERS = "shop:live:orders:"
REVENUE_CENTS = "shop:live:revenue_cents:"

VISITOR_SECONDS = 300
KEEP_VISITORS_SECONDS = 3600
KEEP_DAYS_SECONDS = 3 * 86_400


def visitor_seen(cache: Cache, visitor_id: str, now: datetime) -> None:
    """Called once per page."""
    seconds = now.timestamp()

    def send(redis: Redis) -> list[object]:
        pipe = redis.pipeline(transaction=False)
        pipe.zadd(VISITORS, {visitor_id: seconds})
        pipe.zremrangebyscore(VISITORS, "-inf", f"({seconds - VISITOR_SECONDS}")
        pipe.expire(VISITORS, KEEP_VISITORS_SECONDS)
        return pipe.execute()

    _count(cache.ask(send))


def order_paid(cache: Cache, total_cents: int, now: datetime) -> None:
    """Called once per order, after the transaction in which it was paid."""
    day = f"{now:%Y-%m-%d}"

    def send(redis: Redis) -> list[object]:
        pipe = redis.pipeline(transaction=False)
        for key, amount in ((ORDERS + day, 1), (REVENUE_CENTS + day, total_cents)):
            pipe.incrby(key, amount)
            pipe.expire(key, KEEP_DAYS_SECONDS)
        return pipe.execute()

    _count(cache.ask(send))


def _count(sent: list[object] | None) -> None:
    if sent is None:
        telemetry.cache_lookup("live", "error")

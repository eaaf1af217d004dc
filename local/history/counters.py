"""Today's part of the history in the shop's live counters, which would else know less than its tables."""

from __future__ import annotations

from datetime import datetime

import psycopg
from redis import Redis

from storefront.live import KEEP_DAYS_SECONDS, ORDERS, REVENUE_CENTS

TODAY = """
SELECT count(*), coalesce(sum(total_cents), 0) FROM orders
WHERE is_demo AND paid_at IS NOT NULL AND (paid_at AT TIME ZONE 'UTC')::date = %s
"""


def add(redis: Redis, connection: psycopg.Connection, until: datetime) -> None:
    _change(redis, connection, until, 1)


def take_back(redis: Redis, connection: psycopg.Connection, until: datetime) -> None:
    """Before the orders are removed; after three days there is nothing to take back from."""
    if redis.exists(f"{ORDERS}{until:%Y-%m-%d}"):
        _change(redis, connection, until, -1)


def _change(redis: Redis, connection: psycopg.Connection, until: datetime, sign: int) -> None:
    row = connection.execute(TODAY, [until.date()]).fetchone()
    orders, cents = row or (0, 0)
    for prefix, amount in ((ORDERS, orders), (REVENUE_CENTS, cents)):
        key = f"{prefix}{until:%Y-%m-%d}"
        redis.incrby(key, sign * int(amount))
        redis.expire(key, KEEP_DAYS_SECONDS)

"""Live counters: Redis keys that the shop writes and anybody may read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis

from app.kpi import jobs
from storefront import cache, live
from tests.shopping import Shop, gateway, shop, told

__all__ = ["gateway", "shop"]

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def writing(redis_url: str, redis: Redis) -> cache.Cache:
    return cache.connect(redis_url)


def test_both_sides_mean_the_same_keys() -> None:
    assert (jobs.VISITORS, jobs.ORDERS, jobs.REVENUE_CENTS) == (
        live.VISITORS,
        live.ORDERS,
        live.REVENUE_CENTS,
    )


def test_a_visitor_is_there_for_five_minutes(writing: cache.Cache, redis: Redis) -> None:
    live.visitor_seen(writing, "early", NOON - timedelta(seconds=301))
    live.visitor_seen(writing, "ada", NOON - timedelta(seconds=299))
    live.visitor_seen(writing, "bob", NOON)
    live.visitor_seen(writing, "ada", NOON)

    assert redis.zrange("shop:live:visitors", 0, -1, withscores=True) == [
        ("ada", NOON.timestamp()),
        ("bob", NOON.timestamp()),
    ]
    assert 0 < redis.ttl("shop:live:visitors") <= 3600


def test_orders_and_revenue_are_those_of_the_day_in_utc(writing: cache.Cache, redis: Redis) -> None:
    live.order_paid(writing, 2_500, NOON)
    live.order_paid(writing, 1_250, NOON + timedelta(hours=11, minutes=59))
    live.order_paid(writing, 9_900, NOON + timedelta(hours=12))

    assert redis.get("shop:live:orders:2026-03-02") == "2"
    assert redis.get("shop:live:revenue_cents:2026-03-02") == "3750"
    assert redis.get("shop:live:orders:2026-03-03") == "1"
    assert 2 * 86_400 < redis.ttl("shop:live:orders:2026-03-02") <= 3 * 86_400


def test_a_shopper_who_buys_moves_all_three(shop: Shop, redis: Redis) -> None:
    variant = shop.shelve(price_cents=8_000)
    browser = shop.browser()
    browser.add(variant)
    browser.pay()

    day = f"{datetime.now(UTC):%Y-%m-%d}"
    assert redis.zcard("shop:live:visitors") == 1
    assert redis.get(f"shop:live:orders:{day}") == "1"
    assert redis.get(f"shop:live:revenue_cents:{day}") == str(shop.orders()[0].total_cents)


def test_without_redis_the_shop_goes_on_and_counts_what_it_missed() -> None:
    before = told("shop_cache_lookups_total", cache="live", result="error")

    live.visitor_seen(cache.connect("redis://127.0.0.1:9/0"), "ada", NOON)

    assert told("shop_cache_lookups_total", cache="live", result="error") == before + 1

from __future__ import annotations

import json

from redis import Redis

from tests.catalogued import drafts, names

SLUG = drafts()[0].slug


def test_what_was_seen_before_is_shown_with_its_age(client, broken_app, shop_config):
    seen = client.get(f"/en/products/{SLUG}").text
    _grow_old(shop_config.redis_url)
    page = broken_app.test_client().get(f"/en/products/{SLUG}")
    assert page.status_code == 200
    assert "Prices and stock as of" in page.text
    assert names(page.text) == names(seen)


def test_shelves_and_searches_are_shown_from_memory_too(client, broken_app, shop_config):
    addresses = ["/en/", "/en/products", "/en/search?q=kettle"]
    for address in addresses:
        client.get(address)
    _grow_old(shop_config.redis_url)
    other = broken_app.test_client()
    assert [other.get(address).status_code for address in addresses] == [200, 200, 200]


def test_what_was_never_seen_says_so_and_when_to_come_back(broken_app):
    page = broken_app.test_client().get("/en/products/never-seen")
    assert page.status_code == 503
    assert int(page.headers["Retry-After"]) > 0
    assert "Your cart is safe" in page.text


def _grow_old(redis_url: str) -> None:
    """As if everything had been remembered an hour ago."""
    redis = Redis.from_url(redis_url)
    for key in redis.scan_iter("shop:cache:*:value:*"):
        if not key.endswith((b":forgotten", b":lock")):
            stored = json.loads(redis.get(key))
            redis.set(key, json.dumps({**stored, "at": stored["at"] - 3600}))

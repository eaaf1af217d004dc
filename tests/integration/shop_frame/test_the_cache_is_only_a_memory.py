from __future__ import annotations

import json
import threading
import time
from dataclasses import replace

import pytest
from redis import Redis

from storefront.cache import Cache, cached, connect, current_cache, drop, forget
from storefront.errors import Unavailable
from storefront.factory import create_app
from tests.shopping import told


@pytest.fixture
def page(shop_app):
    with shop_app.app_context():
        yield


class Counted:
    """Builds 1, 2, 3 … and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> int:
        self.times += 1
        return self.times


def test_a_value_is_built_once(page):
    build = Counted()
    assert [cached("listing", "a", 60, build) for _ in range(3)] == [1, 1, 1]


def test_hits_and_misses_are_counted(page):
    before = [told("shop_cache_lookups_total", cache="listing", result=result) for result in ("hit", "miss")]
    for _ in range(3):
        cached("listing", "counted", 60, Counted())
    after = [told("shop_cache_lookups_total", cache="listing", result=result) for result in ("hit", "miss")]
    assert [now - then for now, then in zip(after, before, strict=True)] == [2, 1]


def test_an_old_value_is_built_again(page):
    build = Counted()
    cached("listing", "a", 0.05, build)
    time.sleep(0.06)
    assert cached("listing", "a", 0.05, build) == 2


def test_a_forgotten_key_is_built_again_and_the_others_are_not(page):
    build = Counted()
    cached("listing", "a", 60, build)
    cached("listing", "b", 60, build)
    forget("listing", "a")
    assert cached("listing", "b", 60, build) == 2
    assert cached("listing", "a", 60, build) == 3


def test_a_forgotten_name_forgets_all_its_keys(page):
    build = Counted()
    cached("listing", "a", 60, build)
    cached("listing", "b", 60, build)
    forget("listing")
    assert cached("listing", "a", 60, build) == 3
    assert cached("listing", "b", 60, build) == 4


def test_who_began_before_a_change_cannot_bring_the_old_value_back(page):
    def build_slowly() -> str:
        forget("listing", "a")  # the price changes while this reader holds the old one
        return "old"

    cached("listing", "a", 60, build_slowly)
    assert cached("listing", "a", 60, lambda: "new") == "new"


def test_the_last_good_value_serves_while_the_database_is_down(page):
    def down() -> str:
        raise Unavailable("database")

    cached("listing", "a", 60, lambda: "good")
    forget("listing", "a")
    assert cached("listing", "a", 60, down) == "good"
    from flask import g

    assert g.stale_since is not None
    with pytest.raises(Unavailable):
        cached("listing", "never", 60, down)


def test_what_is_dropped_serves_nobody(page):
    def down() -> str:
        raise Unavailable("database")

    cached("session", "token", 60, lambda: "somebody")
    drop("session", "token")
    with pytest.raises(Unavailable):
        cached("session", "token", 60, down)


@pytest.mark.parametrize(
    "poison",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b'{"stamp": [1]}',
        b'{"stamp": [1, "a", 0, 0], "at": "now", "value": 3}',
        b'{"stamp": [1, "another", 0, 0], "at": 9e9, "value": 3}',
        b'{"stamp": [99, "a", 0, 0], "at": 9e9, "value": 3}',
    ],
)
def test_a_poisoned_value_counts_as_none(page, redis, poison):
    cached("listing", "a", 60, lambda: 1)
    redis.set("shop:cache:{listing}:value:a", poison)
    assert cached("listing", "a", 60, lambda: 2) == 2


def test_a_value_of_the_wrong_shape_counts_as_none(page):
    def decode(raw: object) -> int:
        raise TypeError(raw)

    cached("listing", "a", 60, lambda: 1)
    assert cached("listing", "a", 60, lambda: 2, decode=decode) == 2


def test_one_of_many_rebuilds_and_the_others_wait(shop_app):
    built, answers = [], []

    def build() -> str:
        built.append(1)
        time.sleep(0.08)
        return "slow"

    def ask() -> None:
        with shop_app.app_context():
            answers.append(cached("listing", "a", 60, build))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["slow"] * 8
    assert len(built) == 1


def test_a_builder_that_died_does_not_block_the_others(page, redis):
    place = "shop:cache:{listing}:value:a:lock"
    redis.set(place, b"1", px=60_000)
    began = time.monotonic()
    assert cached("listing", "a", 60, lambda: "mine") == "mine"
    assert time.monotonic() - began < 1


def test_a_long_key_is_shortened(page, redis):
    cached("listing", "k" * 5_000, 60, lambda: 1)
    assert max(len(key) for key in redis.scan_iter("shop:cache:*")) < 200


def test_everything_works_without_redis(shop_config):
    app = create_app(replace(shop_config, redis_url="redis://127.0.0.1:9/0"))
    with app.app_context():
        assert cached("listing", "a", 60, lambda: "built") == "built"
        forget("listing", "a")
        drop("listing", "a")


def test_a_redis_that_hangs_costs_little_and_is_soon_left_alone(tmp_path):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as deaf:
        cache = connect(f"redis://127.0.0.1:{deaf.getsockname()[1]}/0")
        began = time.monotonic()
        for _ in range(60):
            assert cache.ask(lambda redis: redis.get("x")) is None
        assert time.monotonic() - began < 20 * 0.15
        assert cache.breaker.opened_at is not None


def test_values_are_stored_as_json_with_their_age(page, redis):
    cached("listing", "a", 60, lambda: {"n": 1})
    raw = json.loads(redis.get("shop:cache:{listing}:value:a"))
    assert raw["value"] == {"n": 1}
    assert abs(raw["at"] - time.time()) < 5
    assert isinstance(current_cache(), Cache)
    assert isinstance(current_cache().redis, Redis)

"""Each failure flag: while it is on the named signal moves, when it is off again the signal returns.

Flags are answered by the stock SDK from a fixed state; pages, database, Redis, gateway and queue are real.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from storefront import faults, flags
from storefront.products.models import Product
from storefront.worker import make_worker
from tests.shopping import Browser, Shop, told

PAGE = "/<locale>/cart"


def switch(*names: str, **others: int) -> None:
    flags.fix({**dict.fromkeys(names, 100), **others})


def moved(signal: Callable[[], float], act: Callable[[], object]) -> float:
    before = signal()
    act()
    return signal() - before


def journeys(journey: str, outcome: str) -> float:
    return sum(
        told("shop_journeys_total", journey=journey, outcome=outcome, locale=locale)
        for locale in ("en", "de", "ar")
    )


def slower_than(route: str, seconds: str) -> float:
    """Requests of a route that took longer than one of the histogram's boundaries."""
    name = "shop_request_duration_seconds"
    return told(f"{name}_count", route=route) - told(f"{name}_bucket", route=route, le=seconds)


def test_recommendations_fail_one_in_ten_and_the_page_survives(shop: Shop) -> None:
    shop.shelve()
    browser = shop.browser()

    def look() -> None:
        assert {browser.get("/products/kettle-ember-1").status_code for _ in range(20)} == {200}

    def failures() -> float:
        return told("shop_widget_failures_total", widget="recommendations")

    assert moved(failures, look) == 0
    switch("fault-recommendations")
    assert moved(failures, look) == 2
    switch()
    assert moved(failures, look) == 0


def test_burning_cpu_makes_pages_slow_that_have_nothing_to_do_with_it(shop: Shop) -> None:
    browser = shop.browser()

    def usual_seconds() -> float:
        took = []
        for _ in range(9):
            began = time.perf_counter()
            browser.get("/cart")
            took.append(time.perf_counter() - began)
        return statistics.median(took)

    browser.get("/cart")
    before = usual_seconds()
    switch("fault-cpu-burn")
    browser.get("/")
    burning = usual_seconds()
    switch()
    time.sleep(faults.BURN_SECONDS * 2)
    after = usual_seconds()

    assert burning > 2 * before
    assert burning > 2 * after


def test_a_spike_stops_the_world_for_one_page_in_forty(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "SPIKE_SECONDS", 0.6)
    browser = shop.browser()

    def look() -> None:
        for _ in range(faults.SPIKE_EVERY):
            browser.get("/cart")

    look()
    switch("fault-latency-spikes")
    assert moved(lambda: slower_than(PAGE, "0.5"), look) == 1
    switch()
    assert moved(lambda: slower_than(PAGE, "0.5"), look) == 0


def test_a_cart_that_stays_full_is_seen_in_the_business_alone(shop: Shop) -> None:
    variant = shop.shelve(stock=50)

    def emptied() -> float:
        return told("shop_carts_emptied_total")

    def orders() -> float:
        return told("shop_orders_total", locale="en")

    def failed() -> float:
        return sum(
            told("shop_requests_total", route="/<locale>/checkout", method="POST", code_class=c)
            for c in ("4xx", "5xx")
        )

    def buy() -> Browser:
        browser = shop.browser()
        browser.add(variant)
        assert browser.pay().status_code == 303
        return browser

    switch("fault-cart-not-emptied")
    was = emptied(), orders(), failed()
    browser = buy()
    assert (emptied(), orders(), failed()) == (was[0], was[1] + 1, was[2])
    assert len(browser.cart_lines()) == 1

    switch()
    browser = buy()
    assert (emptied(), orders(), failed()) == (was[0] + 1, was[1] + 2, was[2])
    assert browser.cart_lines() == []


def test_readiness_fails_while_liveness_holds(shop: Shop) -> None:
    client = shop.app.test_client()

    def unready() -> float:
        return told("shop_requests_total", route="/readyz", method="GET", code_class="5xx")

    def probe() -> None:
        client.get("/readyz")
        assert client.get("/healthz").status_code == 200

    assert moved(unready, probe) == 0
    switch("fault-readiness")
    assert moved(unready, probe) == 1
    switch()
    assert moved(unready, probe) == 0


def test_images_are_late_while_pages_are_not(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "IMAGE_SECONDS", 0.6)
    shop.shelve()
    client = shop.app.test_client()
    image, page = "/media/products/<slug>-<width>.svg", "/<locale>/products/<slug>"

    def look() -> None:
        assert client.get("/media/products/kettle-ember-1-480.svg").status_code == 200
        client.get("/en/products/kettle-ember-1")

    look()
    switch("fault-slow-images")
    on_pages = slower_than(page, "0.5")
    assert moved(lambda: slower_than(image, "0.5"), look) == 1
    assert slower_than(page, "0.5") == on_pages
    switch()
    assert moved(lambda: slower_than(image, "0.5"), look) == 0


def test_one_country_is_slow_and_the_others_do_not_notice(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faults, "COUNTRY_SECONDS", 0.6)
    german, british = shop.browser("en"), shop.browser("en")
    british.client.set_cookie("country", "GB")
    german.get("/cart")

    switch("fault-country-slow")
    assert moved(lambda: slower_than(PAGE, "0.5"), lambda: german.get("/cart")) == 1
    assert moved(lambda: slower_than(PAGE, "0.5"), lambda: british.get("/cart")) == 0
    switch()
    assert moved(lambda: slower_than(PAGE, "0.5"), lambda: german.get("/cart")) == 0


def test_a_flooded_queue_grows_and_each_message_still_counts_once(shop: Shop) -> None:
    worker = make_worker(shop.config)  # its loops do not run: each round is ours
    from storefront import queues

    queues.declare(worker.broker, worker.consume)

    def depth() -> float:
        worker.gauges()
        return sum(told("shop_queue_depth", queue=queue) for queue in queues.QUEUES)

    def order_and_relay() -> None:
        browser = shop.browser()
        browser.add(shop.shelve())
        browser.pay()
        with worker.app.app_context():
            assert worker.relay() > 0

    usual = moved(depth, order_and_relay)
    switch("fault-queue-flood")
    assert moved(depth, order_and_relay) == faults.FLOOD_COPIES * usual
    switch()
    assert moved(depth, order_and_relay) == usual
    worker.broker.close()
    worker.means.sessions.kw["bind"].dispose()


@pytest.mark.parametrize("fault", ["fault-payment-errors", "fault-payment-unreachable"])
def test_payments_go_wrong_and_nothing_is_charged(shop: Shop, fault: str) -> None:
    def lost() -> float:
        return sum(told("shop_payments_total", outcome=outcome) for outcome in ("error", "timeout"))

    def buy() -> None:
        browser = shop.browser()
        browser.add(shop.shelve())
        browser.pay()

    def bad() -> float:
        return journeys("pay", "bad")

    assert moved(bad, buy) == 0
    charged = shop.gateway.captured()
    switch(fault)
    assert moved(lambda: lost() * 1000 + bad(), buy) == 1001
    assert shop.gateway.captured() == charged
    switch()
    assert moved(lambda: lost() * 1000 + bad(), buy) == 0
    assert len(shop.gateway.captured()) == len(charged) + 1


def test_payments_can_fail_for_one_segment_alone(shop: Shop) -> None:
    german = [{"contextName": "locale", "operator": "IN", "values": ["de"]}]
    strategy = {"name": "default", "parameters": {}, "constraints": german}
    flags.fix({"fault-payment-unreachable": {"strategies": [strategy]}})

    answers = {}
    for locale in ("de", "en"):
        browser = shop.browser(locale)
        browser.add(shop.shelve())
        answers[locale] = browser.pay().status_code

    assert answers == {"de": 503, "en": 303}


def test_the_hot_product_breaks_and_the_others_sell_on(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.shelve(name="Hot Kettle")
    shop.shelve(name="Cool Kettle")
    with shop.sessions() as session:
        hot = session.query(Product).filter_by(slug="hot-kettle-1").one()
    monkeypatch.setattr(faults, "HOT_PRODUCT_ID", hot.id)
    browser = shop.browser()

    def look() -> None:
        browser.get("/products/hot-kettle-1")
        assert browser.get("/products/cool-kettle-2").status_code == 200

    assert moved(lambda: journeys("browse", "bad"), look) == 0
    switch("fault-hot-product")
    assert moved(lambda: journeys("browse", "bad"), look) == 1
    switch()
    assert moved(lambda: journeys("browse", "bad"), look) == 0


def test_every_other_checkout_of_the_new_one_fails_and_the_old_one_does_not(shop: Shop) -> None:
    variant = shop.shelve(stock=500)

    def bad(side: str) -> float:
        labels = {"flag": "new-checkout", "journey": "checkout", "outcome": "bad", "variant": side}
        return told("shop_variant_journeys_total", **labels)

    def buy() -> None:
        for _ in range(12):
            browser = shop.browser()
            browser.add(variant)
            with suppress(faults.Fault):
                browser.pay()

    switch("fault-new-checkout", **{"new-checkout": 90})
    old, new = bad("off"), moved(lambda: bad("on"), buy)
    assert new >= 1
    assert bad("off") == old
    switch(**{"new-checkout": 90})
    assert moved(lambda: bad("on"), buy) == 0


def test_every_fault_is_known_to_the_control_plane() -> None:
    from app.flags.defaults import DEFAULTS

    assert {name for name in DEFAULTS if name.startswith("fault-")} == set(faults.NAMES)


def test_without_flags_nothing_fails(shop: Shop) -> None:
    flags.stop()
    assert not any(faults.is_on(name) for name in faults.NAMES)
    assert faults.copies() == 1

"""Web vitals: measured by a real browser, told when the page is left, and poor when images are late."""

from __future__ import annotations

import re
from contextlib import closing

import httpx

from tests.e2e.house import wait_until

NAME = "shop_web_vitals_lcp_seconds"


def told(house, series: str) -> float:
    """Of desktops, whose pages nobody but this test opens."""
    page = httpx.get(f"{house.shop}/metrics", timeout=10).text
    return float(re.search(rf"^{re.escape(series)} (\S+)$", page, re.MULTILINE)[1])


def poor(house) -> float:
    """Page views whose largest paint came after the 2.5 seconds of a good one."""
    good = told(house, f'{NAME}_bucket{{device="desktop",le="2.5"}}')
    return told(house, f'{NAME}_count{{device="desktop"}}') - good


def look_at_a_product(house, shopper) -> None:
    shopper.goto(f"{house.shop}/en/products")
    shopper.locator("main a[href*='/products/']").first.click()
    shopper.wait_for_load_state("load")
    shopper.wait_for_timeout(300)
    shopper.goto("about:blank")


def test_a_page_that_is_left_tells_how_it_felt(house, shopper):
    names = [f'shop_web_vitals_{what}_count{{device="desktop"}}' for what in ("lcp_seconds", "cls")]
    before = [told(house, name) for name in names]

    look_at_a_product(house, shopper)

    wait_until(lambda: all(told(house, name) > was for name, was in zip(names, before, strict=True)))


def test_late_images_are_seen_in_the_vitals_and_nowhere_on_the_server(house, browser):
    pages = 'shop_requests_total{code_class="5xx",method="GET",route="/<locale>/products/<slug>"}'
    failed, was_poor = told(house, pages), poor(house)
    house.backroom("flags", "set", "fault-slow-images", "--percent", "100")
    try:

        def a_poor_view() -> bool:
            with closing(browser.new_context(locale="en-GB")) as fresh:  # an image that is kept is not late
                look_at_a_product(house, fresh.new_page())
            return poor(house) > was_poor

        wait_until(a_poor_view, 60, 1)
    finally:
        house.backroom("flags", "kill", "fault-slow-images")
    assert told(house, pages) == failed

"""Checkouts begin to fail: the tile burns and the alert fires on open pages, without anybody reloading."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.house import House, wait_until
from tests.e2e.shopping import fill_cart

TRIES = 60
SHOWN_WITHIN_MS = 90_000


@pytest.fixture
def failing_checkout(house: House) -> Iterator[None]:
    """Every other checkout fails while the test runs."""
    house.backroom("flags", "set", "new-checkout", "100")
    house.backroom("flags", "set", "fault-new-checkout", "on")
    yield
    house.backroom("flags", "kill", "fault-new-checkout")
    house.backroom("flags", "set", "new-checkout", "50")


def tile_of(page: Page, name: str) -> Locator:
    return page.locator("article.tile", has=page.get_by_text(name, exact=True))


def check_out_in_vain(shopper: Page, house: House) -> list[int]:
    """Sends the checkout's form empty, again and again; answers the statuses: 422 is good, 500 is not."""
    fill_cart(shopper, house)
    shopper.goto(f"{house.shop}/en/checkout")
    form = {
        field.get_attribute("name"): field.get_attribute("value") or ""
        for field in shopper.locator("main form[method=post] input[type=hidden][name]").all()
    }
    address = f"{house.shop}/en/checkout"
    return [shopper.request.post(address, form=form).status for _ in range(TRIES)]


def test_a_failing_checkout_burns_the_budget_on_the_tile_and_fires_an_alert(
    house, desk, shopper, failing_checkout
):
    overview, alerts = desk("ops"), desk("viewer")
    overview.goto(f"{house.control}/")
    alerts.goto(f"{house.control}/alerts/")
    tile = tile_of(overview, "Checkout availability")
    expect(tile).to_be_visible()

    wait_until(lambda: 500 in check_out_in_vain(shopper, house), 60, 2)

    expect(tile).to_contain_text(re.compile("burning|exhausted"), timeout=SHOWN_WITHIN_MS)
    firing = alerts.locator("article.alert", has_text="Checkout availability burns its error budget")
    expect(firing.first).to_be_visible(timeout=SHOWN_WITHIN_MS)
    expect(firing.first).to_contain_text("page")

    firing.first.get_by_role("link", name="Runbook").click()
    expect(alerts.locator("h1")).to_have_text("The checkout fails")

    overview.goto(f"{house.control}/slo/checkout-availability")
    expect(overview.locator("#slo-state")).to_contain_text(re.compile("burning|exhausted"))
    changes = overview.locator(".card", has=overview.get_by_role("heading", name="What changed"))
    expect(changes).to_contain_text("new-checkout")
    overview.get_by_role("link", name="Show the working").click()
    expect(overview.locator("#slo-working")).to_contain_text("The same as the figure above")

    overview.goto(f"{house.control}/alerts/")
    take = overview.locator("article.alert").first
    take.locator("[name^=note]").fill("Pressing the kill switch")
    take.get_by_role("button", name="Take it").click()
    expect(overview.locator("article.alert", has_text="Pressing the kill switch")).to_be_visible()

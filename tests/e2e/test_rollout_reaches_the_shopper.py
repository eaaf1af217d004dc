"""A percentage moved on the page changes what a shopper sees, within seconds and without a restart."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.house import House, wait_until
from tests.e2e.shopping import fill_cart

FLAG = "new-checkout"
NEW_CHECKOUT = "main form.one-column"
SECONDS = 20  # the shop polls every few seconds, and each of its workers by itself


def move(page: Page, house: House, percent: int) -> None:
    page.goto(f"{house.control}/flags/{FLAG}?environment=production")
    page.fill("#field-percent", str(percent))
    page.locator("form.flag-move button[type=submit]").click()
    expect(page.locator("#toasts")).to_contain_text(FLAG)
    expect(page.locator(".flag-percent")).to_have_text(f"{percent}%")


def sees_new_checkout(shopper: Page, house: House) -> bool:
    shopper.goto(f"{house.shop}/en/checkout")
    return shopper.locator(NEW_CHECKOUT).count() == 1


def always(shopper: Page, house: House, wanted: bool) -> bool:
    """Four times in a row: every worker of the shop has it."""
    return all(sees_new_checkout(shopper, house) == wanted for _ in range(4))


@pytest.fixture
def manager(desk, house: House) -> Page:
    page = desk("product_manager")
    page.on("dialog", lambda dialog: dialog.accept())
    yield page
    house.backroom("flags", "set", FLAG, "50")


def test_a_moved_slider_reaches_the_shopper_and_the_kill_switch_takes_it_back(
    house: House, manager: Page, shopper: Page
):
    fill_cart(shopper, house)
    shopper.wait_for_load_state("networkidle")
    move(manager, house, 100)
    wait_until(lambda: always(shopper, house, True), SECONDS)

    manager.get_by_role("button", name="Kill").click()
    expect(manager.locator("#toasts")).to_contain_text("off for everybody")
    wait_until(lambda: always(shopper, house, False), SECONDS)

    manager.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(manager.locator(".flag-percent")).to_have_text("100%")
    wait_until(lambda: always(shopper, house, True), SECONDS)


def test_the_slider_says_in_numbers_what_it_would_do_before_it_is_moved(house: House, manager: Page):
    manager.goto(f"{house.control}/flags/{FLAG}?environment=production")
    before = manager.locator(".flag-percent").inner_text()
    manager.locator("[data-slider-range]").fill("73")
    expect(manager.locator("#field-percent")).to_have_value("73")
    expect(manager.locator("#flag-reach")).to_contain_text("shopper")
    assert manager.locator(".flag-percent").inner_text() == before


def test_a_move_on_the_command_line_shows_on_an_open_page(house: House, manager: Page):
    manager.goto(f"{house.control}/flags/{FLAG}?environment=production")
    house.backroom("flags", "set", FLAG, "33")
    expect(manager.locator(".flag-percent")).to_have_text("33%", timeout=10_000)
    expect(manager.locator("#flag-now")).to_contain_text("changed since you opened")


def test_the_shop_is_seen_asking(house: House, manager: Page, shopper: Page):
    fill_cart(shopper, house)
    shopper.wait_for_load_state("networkidle")
    sees_new_checkout(shopper, house)
    manager.goto(f"{house.control}/flags/{FLAG}?environment=production")
    wait_until(lambda: "connected" in (manager.reload() and manager.inner_text("#flag-asked")), 45, 2)


def test_a_rollout_is_rolled_back_from_its_page(house: House, manager: Page):
    house.backroom("flags", "set", FLAG, "40")
    manager.goto(f"{house.control}/rollouts/")
    manager.get_by_role("link", name=FLAG).click()
    expect(manager.get_by_role("heading", level=1)).to_have_text(FLAG)
    manager.get_by_role("button", name="Roll back to 0").click()
    expect(manager.locator("#toasts")).to_contain_text("0% of shoppers")
    assert '"percent": 0' in house.backroom("flags", "list", "--json")


def test_a_planned_rollout_is_taken_back_when_only_those_who_have_it_suffer(house: House, manager: Page):
    house.backroom("flags", "set", FLAG, "0")
    manager.goto(f"{house.control}/rollouts/-/new?flag={FLAG}&recipe=fast")
    manager.fill("[name=steps-1-percent]", "40")
    expect(manager.locator("#rollout-sentence")).to_contain_text("40% of shoppers")
    manager.get_by_role("button", name="Start the rollout").click()
    expect(manager.locator(".rollout-what")).to_contain_text("Started with 40% of shoppers")

    house.backroom("flags", "set", "fault-treated-errors", "100")
    try:
        wait_until(lambda: _look_around(house, 12) and "Rolled back" in _said(manager), 120, 0)
    finally:
        house.backroom("flags", "set", "fault-treated-errors", "0")
    expect(manager.locator("#rollout-guards")).to_contain_text("worse")
    assert '"percent": 0' in house.backroom("flags", "list", "--json")


def _look_around(house: House, shoppers: int) -> bool:
    """Each a browser of its own with one page; some have the feature and fail."""
    return all(httpx.get(f"{house.shop}/en/", timeout=15).status_code in (200, 500) for _ in range(shoppers))


def _said(page: Page) -> str:
    return page.locator(".rollout-what").inner_text()

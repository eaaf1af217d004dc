"""A shopper finds a kettle, buys it and sees the order through: desk, phone, with and without scripts."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.e2e.house import House, wait_until
from tests.e2e.shopping import buy, fill_checkout

DECLINED_CARD = "4000000000000002"
PHONE = {"width": 390, "height": 844}


def test_a_shopper_searches_buys_and_sees_the_order_confirmed(house: House, shopper: Page):
    shopper.goto(f"{house.shop}/")
    shopper.fill("#q", "kettel")
    shopper.press("#q", "Enter")
    expect(shopper.locator("h1")).to_contain_text("kettel")
    shopper.locator(".card__link", has_text="kettle").first.click()
    shopper.locator("form.buy button[type=submit]").click()
    expect(shopper.locator("#announcement")).to_have_text("Added to your cart.")
    expect(shopper.locator("#cart-badge")).to_contain_text("1")
    fill_checkout(shopper, house)
    shopper.locator("main form button[type=submit]").last.click()
    shopper.wait_for_url("**/orders/**")
    wait_until(lambda: re.search("confirmed", shopper.inner_text("main"), re.IGNORECASE), 30)


def test_a_declined_card_keeps_the_cart_and_says_so(house: House, shopper: Page):
    shopper.goto(f"{house.shop}/en/products/fjord-kettle")
    shopper.locator("form.buy button[type=submit]").click()
    expect(shopper.locator("#cart-badge")).to_contain_text("1")
    fill_checkout(shopper, house, card=DECLINED_CARD)
    shopper.locator("main form button[type=submit]").last.click()
    expect(shopper.locator("main [role=alert], main .field__error").first).to_be_visible()
    expect(shopper.locator("#cart-badge")).to_contain_text("1")


@pytest.mark.parametrize(("locale", "direction"), [("de", "ltr"), ("ar", "rtl")])
def test_a_shopper_buys_on_a_phone_in_another_language(browser: Browser, house: House, locale, direction):
    context = browser.new_context(viewport=PHONE, locale=f"{locale}-DE" if locale == "de" else "ar-AE")
    page = context.new_page()
    assert buy(page, house, locale)
    assert page.locator("html").get_attribute("dir") == direction
    context.close()


def test_a_shopper_buys_without_scripts(browser: Browser, house: House):
    # From the country that the form is filled in with: another one would show the new sum first.
    context = browser.new_context(java_script_enabled=False, locale="de-DE")
    page = context.new_page()
    page.goto(f"{house.shop}/en/products/fjord-kettle")
    page.locator("form.buy button[type=submit]").click()
    page.wait_for_url("**/cart")
    fill_checkout(page, house)
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url("**/orders/**")
    context.close()


def test_the_cart_comes_along_when_somebody_makes_an_account(house: House, shopper: Page):
    shopper.goto(f"{house.shop}/en/products/fjord-kettle")
    shopper.locator("form.buy button[type=submit]").click()
    expect(shopper.locator("#cart-badge")).to_contain_text("1")
    shopper.goto(f"{house.shop}/en/account/sign-up")
    shopper.fill("#name", "Ada Example")
    shopper.fill("#email", f"ada-{id(shopper)}@example.org")
    shopper.fill("#password", "copper ladle seven")
    shopper.locator("main button[type=submit]").click()
    shopper.wait_for_url("**/account")
    shopper.goto(f"{house.shop}/en/cart")
    expect(shopper.locator("main")).to_contain_text("Fjord kettle")


def test_the_language_can_be_changed_without_leaving_the_page(house: House, shopper: Page):
    shopper.goto(f"{house.shop}/en/products?category=glass")
    shopper.locator(".foot a[hreflang=de]").click()
    shopper.wait_for_url("**/de/products?category=glass")
    expect(shopper.locator("html")).to_have_attribute("lang", "de")


PAGES = (
    "/",
    "/products?category=baking",
    "/search?q=kettel",
    "/search?q=submarine",
    "/products/fjord-kettle",
    "/cart",
    "/account/sign-in",
    "/account/sign-up",
    "/account/forgotten",
    "/nothing-here",
)


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en", "de", "ar"])
def test_no_page_of_the_shop_shuts_anybody_out(browser: Browser, house: House, locale, look):
    context = browser.new_context(viewport=PHONE, color_scheme=look, locale="en-GB")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    found = {}
    for address in PAGES:
        page.goto(f"{house.shop}/{locale}{address}")
        found[address] = [violation["id"] for violation in Axe().run(page).response["violations"]]
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], address
    context.close()
    assert {address: ids for address, ids in found.items() if ids} == {}
    assert [text for text in complaints if "404" not in text] == []

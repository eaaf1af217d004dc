"""What a shopper does, step by step, for the tests that need an order."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.e2e.house import House

GUEST = {
    "email": "guest@shopper.example",
    "name": "Mara Lindqvist",
    "street": "Lindenweg 7",
    "city": "Bremen",
    "postcode": "28195",
}
GOOD_CARD = "4242424242424242"


def fill_cart(page: Page, house: House, locale: str = "en") -> None:
    page.goto(f"{house.shop}/{locale}/products")
    page.locator("main a[href*='/products/']").first.click()
    page.locator("form[action$='/cart/add'] button[type=submit]").click()


def fill_checkout(page: Page, house: House, locale: str = "en", card: str = GOOD_CARD) -> None:
    page.goto(f"{house.shop}/{locale}/checkout")
    if page.input_value("[name=country]") != "DE":
        with page.expect_response("**/checkout/summary**"):  # the sums are of the country
            page.select_option("[name=country]", "DE")
    for name, value in GUEST.items():
        page.fill(f"[name={name}]", value)
    page.fill("[name=card_number]", card)
    page.fill("[name=card_expiry]", "12/30")
    page.fill("[name=card_cvc]", "123")


def buy(page: Page, house: House, locale: str = "en") -> str:
    """From the shelf to the status page; answers the order's number."""
    fill_cart(page, house, locale)
    page.wait_for_load_state("networkidle")
    fill_checkout(page, house, locale)
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url("**/orders/**")
    return page.url.split("/orders/")[1].split("?")[0]

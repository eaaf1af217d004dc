from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from storefront.orders.models import Order
from storefront.orders.settling import confirm
from tests.shopping import Browser, Shop


@pytest.fixture
def browser(shop: Shop) -> Browser:
    browser = shop.browser()
    browser.add(shop.shelve(), 2)
    browser.pay()
    return browser


def test_whoever_has_the_key_reads_the_order(shop: Shop, browser: Browser) -> None:
    [order] = shop.orders()
    page = shop.browser().get(f"/orders/{order.number}?key={order.key}")
    assert page.headers["Cache-Control"] == "no-store"
    for said in (order.number, "Kettle Ember", "€54.90", "Visa", "4242", "Herdweg 1", "ada@example.org"):
        assert said in page.text


@pytest.mark.parametrize("key", ["", "x", "ключ", "a" * 10_000])
def test_without_the_key_there_is_no_such_order(shop: Shop, browser: Browser, key: str) -> None:
    [order] = shop.orders()
    assert browser.get(f"/orders/{order.number}?key={key}").status_code == 404
    assert browser.get(f"/orders/{order.number}/status?key={key}").status_code == 404


@pytest.mark.parametrize("number", ["HL-1", "HL-999999", "x", "1'--", "%2e%2e"])
def test_a_number_that_is_no_order_is_not_found(shop: Shop, browser: Browser, number: str) -> None:
    [order] = shop.orders()
    assert browser.get(f"/orders/{number}?key={order.key}").status_code == 404


def test_an_account_reads_its_order_without_the_key_and_another_does_not(shop: Shop) -> None:
    ada, eve = shop.browser(), shop.browser()
    for browser, email in ((ada, "ada@example.org"), (eve, "eve@example.org")):
        browser.post("/account/sign-up", {"name": "A", "email": email, "password": "a long password"})
    ada.add(shop.shelve())
    ada.pay()
    [order] = shop.orders()
    assert ada.get(f"/orders/{order.number}").status_code == 200
    assert eve.get(f"/orders/{order.number}").status_code == 404


def test_the_upper_part_asks_for_itself_until_the_order_has_come_to_rest(
    shop: Shop, browser: Browser
) -> None:
    [order] = shop.orders()
    address = f"/orders/{order.number}/status?key={order.key}"
    part = browser.get(address).text
    assert "<html" not in part
    assert 'data-poll="/en/orders/' in part
    with shop.sessions.begin() as session:
        confirm(session, order.id, datetime.now(UTC))
    part = browser.get(address).text
    assert "your order is confirmed" in part
    assert "data-poll" not in part


def test_without_scripts_the_page_loads_itself_again_until_then(shop: Shop, browser: Browser) -> None:
    [order] = shop.orders()
    address = f"/orders/{order.number}?key={order.key}"
    assert '<noscript><meta http-equiv="refresh"' in browser.get(address).text
    with shop.sessions.begin() as session:
        confirm(session, order.id, datetime.now(UTC))
    assert "http-equiv" not in browser.get(address).text


@pytest.mark.parametrize("status", ["pending", "paid", "confirmed", "cancelled", "refunded"])
@pytest.mark.parametrize("locale", ["en", "de", "ar"])
def test_every_state_has_a_page_in_every_language(
    shop: Shop, browser: Browser, status: str, locale: str
) -> None:
    [order] = shop.orders()
    with shop.sessions.begin() as session:
        session.execute(sa.update(Order).values(status=status))
    page = browser.client.get(f"/{locale}/orders/{order.number}?key={order.key}")
    assert page.status_code == 200
    assert order.number in page.text

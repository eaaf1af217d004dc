from __future__ import annotations

from tests.shopping import Browser, Shop

PERSON = {"name": "Ada Example", "email": "ada@example.org", "password": "a long enough password"}


def sign_up(browser: Browser) -> None:
    answer = browser.post("/account/sign-up", dict(PERSON))
    assert answer.status_code == 303, answer.text


def sign_in(browser: Browser) -> None:
    answer = browser.post("/account/sign-in", {name: PERSON[name] for name in ("email", "password")})
    assert answer.status_code == 303, answer.text


def test_a_visitors_cart_comes_along_to_the_account(shop: Shop) -> None:
    browser = shop.browser()
    browser.add(shop.shelve(), 2)
    sign_up(browser)
    assert [quantity for _, quantity in browser.cart_lines()] == [2]


def test_both_carts_become_one_with_the_same_item_in_one_row(shop: Shop) -> None:
    at_home, on_the_way = shop.browser(), shop.browser()
    kettle, pan = shop.shelve(stock=90), shop.shelve(name="Pan")
    sign_up(at_home)
    at_home.add(kettle, 2)
    on_the_way.add(kettle, 1)
    on_the_way.add(pan, 1)
    sign_in(on_the_way)
    assert sorted(quantity for _, quantity in on_the_way.cart_lines()) == [1, 3]
    assert at_home.cart_lines() == on_the_way.cart_lines()
    assert "</span> 4</span>" in on_the_way.get("/nowhere").text


def test_a_merged_row_holds_99_at_most(shop: Shop) -> None:
    at_home, on_the_way, kettle = shop.browser(), shop.browser(), shop.shelve(stock=200)
    sign_up(at_home)
    at_home.add(kettle, 80)
    on_the_way.add(kettle, 80)
    sign_in(on_the_way)
    assert [quantity for _, quantity in at_home.cart_lines()] == [99]


def test_signing_in_twice_adds_nothing_twice(shop: Shop) -> None:
    browser = shop.browser()
    browser.add(shop.shelve(), 2)
    sign_up(browser)
    sign_in(browser)
    assert [quantity for _, quantity in browser.cart_lines()] == [2]


def test_signing_in_with_nothing_in_the_cart_keeps_the_accounts(shop: Shop) -> None:
    at_home, on_the_way = shop.browser(), shop.browser()
    sign_up(at_home)
    at_home.add(shop.shelve(), 2)
    sign_in(on_the_way)
    assert on_the_way.cart_lines() == at_home.cart_lines()
    assert on_the_way.cart_lines()


def test_the_cart_stays_with_the_account_after_sign_out(shop: Shop) -> None:
    browser = shop.browser()
    sign_up(browser)
    browser.add(shop.shelve(), 2)
    browser.post("/account/sign-out", {})
    assert browser.cart_lines() == []
    sign_in(browser)
    assert [quantity for _, quantity in browser.cart_lines()] == [2]

"""Language, country and currency: chosen each for itself, kept by the browser and by the account."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa

from storefront.rates import ExchangeRate
from storefront.users.models import User
from tests.shopping import Browser, Shop

ACCOUNT = {"name": "Ada", "email": "ada@example.org", "password": "a long password"}
CHOICE = {"language": "de", "country": "JP", "currency": "JPY"}


@pytest.fixture
def yen(shop: Shop) -> None:
    with shop.sessions.begin() as session:
        session.add(
            ExchangeRate(currency="JPY", per_base=Decimal("181.2"), as_of=datetime.now(UTC), source="a bank")
        )


def choose(browser: Browser, **changed: str):
    return browser.post("/preferences", {**CHOICE, **changed})


@pytest.mark.usefixtures("yen")
def test_the_choice_leads_back_to_the_page_and_the_cart_stays(shop: Shop):
    browser = shop.browser()
    browser.add(shop.shelve(), 2)
    page = browser.get("/products?category=kitchen&sort=new").text
    address = re.search(r'href="(/en/preferences\?next=[^"]+)"', page)[1].replace("&amp;", "&")
    form = browser.client.get(address).text
    assert 'name="next" value="/en/products?category=kitchen&amp;sort=new"' in form
    answer = choose(browser, next="/en/products?category=kitchen&sort=new")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/de/products?category=kitchen&sort=new")
    cart = Browser(browser.client, "de").get("/cart").text
    assert re.search(r"9\.160\s¥", cart)
    assert "Japan" in cart
    assert browser.client.get("/").headers["Location"] == "/de/"


@pytest.mark.usefixtures("yen")
def test_a_country_changes_neither_language_nor_currency(shop: Shop):
    browser = shop.browser()
    shop.shelve()
    choose(browser, language="en", country="JP", currency="EUR")
    page = browser.get("/products").text
    assert '<html lang="en"' in page
    assert "€25.00" in page
    assert "Japan" in browser.get("/").text


@pytest.mark.parametrize(
    "wrong", [{"language": "xx"}, {"country": "US"}, {"currency": "XXX"}, {"currency": ""}]
)
@pytest.mark.usefixtures("yen")
def test_what_is_not_on_offer_is_said_beside_the_field(shop: Shop, wrong):
    answer = choose(shop.browser(), **wrong)
    [name] = wrong
    assert answer.status_code == 422
    assert f'id="error-{name}"' in answer.text
    assert "currency=" not in ";".join(answer.headers.getlist("Set-Cookie"))


@pytest.mark.usefixtures("yen")
def test_an_account_brings_its_choices_to_another_browser(shop: Shop):
    first = shop.browser()
    first.post("/account/sign-up", ACCOUNT)
    choose(first)
    other = shop.browser()
    answer = other.post("/account/sign-in", ACCOUNT)
    assert answer.headers["Location"] == "/de/account"
    kept = {cookie: other.client.get_cookie(cookie).value for cookie in ("locale", "country", "currency")}
    assert kept == {"locale": "de", "country": "JP", "currency": "JPY"}


def test_the_language_that_is_read_while_signed_in_is_the_accounts(shop: Shop):
    browser = shop.browser()
    browser.post("/account/sign-up", ACCOUNT)
    Browser(browser.client, "ar").get("/")
    Browser(browser.client, "ar").get("/products")
    with shop.sessions() as session:
        assert session.scalars(sa.select(User.locale)).one() == "ar"

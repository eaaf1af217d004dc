"""A shopper reads prices in her currency, and is charged in the shop's; the order remembers both."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from storefront.cache import connect
from storefront.exchange import Rate
from storefront.orders.mails import write_mail
from storefront.orders.queries import order_by_id
from storefront.prices import __main__ as command_line
from storefront.prices import commands
from storefront.prices.files import PricedSku
from tests.shopping import Browser, Shop

SKU = "SKU-kettle-ember-1"


def rate(shop: Shop, currency: str, per_base: str, days: int = 0) -> None:
    as_of = datetime.now(UTC) - timedelta(days=days)
    with shop.sessions.begin() as session:
        commands.set_rate(session, Rate(currency, Decimal(per_base), as_of, "a bank"), "EUR")
    commands.forget_prices(connect(shop.config.redis_url))


def point(shop: Shop, currency: str, minor: int) -> None:
    with shop.sessions.begin() as session:
        commands.set_points(session, [PricedSku(SKU, currency, minor)], datetime.now(UTC))
    commands.forget_prices(connect(shop.config.redis_url))


def reader(shop: Shop, currency: str, locale: str = "en") -> Browser:
    browser = shop.browser(locale)
    browser.client.set_cookie("currency", currency)
    return browser


@pytest.mark.parametrize(
    ("currency", "per_base", "locale", "price"),
    [
        ("JPY", "181.20", "en", "¥4,580"),
        ("USD", "1.1585", "en", "$28.99"),
        ("BHD", "0.43680", "en", "BHD10.900"),
        ("USD", "1.1585", "de", "28,99\xa0$"),
    ],
)
def test_a_price_is_shown_in_the_chosen_currency_and_the_pages_language(
    shop, currency, per_base, locale, price
):
    shop.shelve(price_cents=2_500)
    rate(shop, currency, per_base)
    browser = reader(shop, currency, locale)
    assert price in browser.get("/products").text
    page = browser.get("/products/kettle-ember-1").text
    assert price in page
    data = json.loads(re.search(r'ld\+json">(.*?)</script>', page, re.DOTALL)[1])
    assert data["offers"][0]["priceCurrency"] == currency


def test_the_next_shopper_reads_her_own_currency(shop):
    """Nothing that is remembered of one is shown to another."""
    shop.shelve(price_cents=2_500)
    rate(shop, "JPY", "181.20")
    for _ in range(2):
        assert "¥4,580" in reader(shop, "JPY").get("/products").text
        assert "€25.00" in shop.browser().get("/products").text
        assert "¥" not in shop.browser().get("/products/kettle-ember-1").text


def test_a_price_set_by_hand_comes_first_and_goes_again(shop):
    shop.shelve(price_cents=2_500)
    rate(shop, "JPY", "181.20")
    browser = reader(shop, "JPY")
    assert "¥4,580" in browser.get("/products/kettle-ember-1").text
    point(shop, "JPY", 4_980)
    assert "¥4,980" in browser.get("/products/kettle-ember-1").text
    assert "¥4,980" in browser.get("/products").text
    with shop.sessions.begin() as session:
        commands.drop_point(session, SKU, "JPY")
    commands.forget_prices(connect(shop.config.redis_url))
    assert "¥4,580" in browser.get("/products").text


def test_the_order_is_charged_in_the_shops_currency_and_every_page_says_so(shop):
    variant = shop.shelve(price_cents=2_500)
    rate(shop, "JPY", "181.20", days=9)
    browser = reader(shop, "JPY")
    browser.add(variant, 2)
    checkout = browser.get("/checkout").text
    # 2 × ¥4,580 and delivery of ¥888
    for words in ("¥10,048", "Charged in Euro", "€54.90", "1.00 = ¥181.2", "an old rate", "a bank"):
        assert words in checkout
    answer = browser.pay(seen=browser.hidden("/checkout", "seen"))
    assert answer.status_code == 303
    assert shop.gateway.captured() == [5_490]

    [order] = shop.orders()
    assert (order.currency, order.total_cents) == ("EUR", 5_490)
    assert (order.shown_currency, order.shown_rate, order.shown_total_minor) == (
        "JPY",
        Decimal("181.20"),
        10_048,
    )
    rate(shop, "JPY", "99")
    page = browser.client.get(answer.headers["Location"]).text
    assert "¥10,048" in page
    assert "€54.90" in page
    with shop.app.app_context(), shop.sessions() as session:
        mail = write_mail(order_by_id(session, order.id), "order.confirmed")
    for words in ("¥9,160", "¥10,048", "Charged in Euro: €54.90"):
        assert words in mail.text


def test_a_price_that_changed_while_the_form_lay_open_is_looked_at_again(shop):
    variant = shop.shelve(price_cents=2_500)
    rate(shop, "JPY", "181.20")
    browser = reader(shop, "JPY")
    browser.add(variant, 1)
    seen = browser.hidden("/checkout", "seen")
    rate(shop, "JPY", "150")
    assert browser.pay(seen=seen).status_code == 409
    assert shop.orders() == []


def test_a_currency_without_a_rate_is_the_shops_own(shop):
    shop.shelve(price_cents=2_500)
    for currency in ("XXX", "EUR", "<b>", "JPY"):
        assert "€25.00" in reader(shop, currency).get("/products").text


def test_a_range_of_prices_holds_what_it_says(shop):
    shop.shelve(price_cents=1_900)
    shop.shelve(price_cents=2_500, name="Pot Sage")
    rate(shop, "JPY", "181.20")
    page = reader(shop, "JPY").get("/products?price=0-20").text
    assert "Under ¥3,600" in page
    assert "Kettle Ember" in page
    assert "Pot Sage" not in page.partition('<ul class="grid">')[2]


# --- the command line


@pytest.fixture
def run(shop: Shop, monkeypatch, capsys):
    """`run("rates")` → (exit status, what it printed)."""
    monkeypatch.setattr(command_line, "storefront_config", lambda: shop.config)

    def run(*words: str) -> tuple[int, str]:
        status = command_line.main(list(words))
        said = capsys.readouterr()
        return status, said.out + said.err

    return run


def test_rates_and_prices_are_written_at_the_command_line(shop, run, tmp_path: Path):
    shop.shelve(price_cents=2_500)
    browser = reader(shop, "JPY")
    assert "€25.00" in browser.get("/products").text
    assert run("rate", "JPY", "181.20", "--source", "a bank")[0] == 0
    assert "¥4,580" in browser.get("/products").text
    assert "1 EUR = 181.2 JPY  a bank, 0 days old" in run("rates")[1]
    assert run("set", SKU, "JPY", "4980")[0] == 0
    assert "¥4,980" in browser.get("/products").text
    assert "converted 4580, +8.7%" in run("points")[1]

    exported = run("export")[1]
    assert exported == f"sku,currency,price\n{SKU},JPY,4980\n"
    file = tmp_path / "prices.csv"
    file.write_text(exported.replace("4980", "4780"))
    assert run("import", str(file))[0] == 0
    assert "¥4,780" in browser.get("/products").text

    assert run("unset", SKU, "JPY")[0] == 0
    assert run("drop-rate", "JPY")[0] == 0
    assert "€25.00" in browser.get("/products").text


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("set", SKU, "JPY", "49.80"), "is no price in JPY"),
        (("set", SKU, "JPY", "49800"), "--yes"),
        (("set", "NO-SUCH", "JPY", "4980"), "no such item"),
        (("set", SKU, "yen", "4980"), "is no currency"),
        (("rate", "EUR", "1", "--source", "me"), "what orders are charged in"),
        (("rate", "USD", "1,15", "--source", "me"), "is no rate"),
        (("unset", SKU, "JPY"), "no price of its own"),
        (("drop-rate", "USD"), "no rate"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_changed(shop, run, words, problem):
    shop.shelve(price_cents=2_500)
    rate(shop, "JPY", "181.20")
    status, said = run(*words)
    assert (status, problem in said) == (1, True), said
    assert run("export")[1] == "sku,currency,price\n"

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from storefront.orders.models import OrderLine
from storefront.outbox import OutboxEvent
from storefront.payments.models import Payment
from storefront.products.models import Variant
from tests.shopping import ADDRESS, DECLINED_CARD, GOOD_CARD, Browser, Shop, told


def ready_to_pay(shop: Shop, quantity: int = 2) -> tuple[Browser, int]:
    browser, kettle = shop.browser(), shop.shelve(stock=5, price_cents=2_500)
    browser.add(kettle, quantity)
    return browser, kettle


def test_a_guest_buys(shop: Shop) -> None:
    browser, kettle = ready_to_pay(shop)
    answer = browser.pay()
    assert answer.status_code == 303
    [order] = shop.orders()
    assert answer.headers["Location"] == f"/en/orders/{order.number}?key={order.key}"
    assert (order.status, order.total_cents, order.tax_cents) == ("paid", 5_490, 877)
    assert order.paid_at is not None
    assert shop.stock(kettle) == 3
    assert browser.cart_lines() == []
    assert shop.gateway.captured() == [5_490]


def test_the_order_keeps_words_and_prices_of_that_moment(shop: Shop) -> None:
    browser, kettle = ready_to_pay(shop)
    browser.pay()
    with shop.sessions() as session:
        line = session.scalars(sa.select(OrderLine)).one()
        assert (line.variant_id, line.quantity, line.unit_price_cents) == (kettle, 2, 2_500)
        assert (line.name, line.category, line.option) == ("Kettle Ember", "kitchen", "Ember, Medium")


def test_the_event_for_fulfilment_is_written_with_the_order(shop: Shop) -> None:
    browser, _ = ready_to_pay(shop)
    browser.pay()
    with shop.sessions() as session:
        event = session.scalars(sa.select(OutboxEvent)).one()
        assert (event.kind, event.payload) == ("order.paid", {"order_id": shop.orders()[0].id})


def test_of_the_card_only_brand_and_last_digits_are_kept(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    browser, _ = ready_to_pay(shop)
    browser.pay()
    with shop.sessions() as session:
        payment = session.scalars(sa.select(Payment)).one()
        assert (payment.card_brand, payment.card_last4) == ("visa", "4242")
        everything = " ".join(
            str(row)
            for table in ("orders", "payments", "idempotency_keys", "outbox")
            for row in session.execute(sa.text(f"SELECT * FROM {table}"))
        )
    assert GOOD_CARD not in everything
    assert GOOD_CARD not in caplog.text
    assert GOOD_CARD not in shop.gateway.state.read_bytes().decode("latin-1")


def test_the_form_has_nine_fields_with_autofill_tokens(shop: Shop) -> None:
    browser, _ = ready_to_pay(shop)
    page = browser.get("/checkout")
    assert page.headers["Cache-Control"] == "no-store"
    for token in (
        "email", "name", "street-address", "address-level2", "postal-code", "country",
        "cc-number", "cc-exp", "cc-csc",
    ):  # fmt: skip
        assert f'autocomplete="{token}"' in page.text


def test_mistakes_are_said_beside_the_fields_and_what_was_typed_is_kept(shop: Shop) -> None:
    browser, kettle = ready_to_pay(shop)
    answer = browser.pay(email="ada", name="", card_number="4242", street="Herdweg 77")
    assert answer.status_code == 422
    for field in ("email", "name", "card_number"):
        assert f'id="error-{field}"' in answer.text
    assert 'value="ada"' in answer.text
    assert 'value="Herdweg 77"' in answer.text
    assert 'value="4242"' not in answer.text
    assert shop.orders() == []
    assert shop.stock(kettle) == 5


def test_a_form_with_mistakes_keeps_its_key(shop: Shop) -> None:
    browser, _ = ready_to_pay(shop)
    answer = browser.pay(name="", idempotency_key="mine")
    assert 'name="idempotency_key" value="mine"' in answer.text


def test_an_empty_cart_cannot_be_checked_out(shop: Shop) -> None:
    browser = shop.browser()
    assert browser.get("/checkout").headers["Location"] == "/en/cart"
    assert browser.pay().status_code == 409


def test_what_was_sold_meanwhile_is_said_and_the_cart_is_kept(shop: Shop) -> None:
    browser, kettle = ready_to_pay(shop)
    with shop.sessions.begin() as session:
        session.execute(sa.update(Variant).values(stock=1))
    answer = browser.pay()
    assert answer.status_code == 409
    assert "have just been sold" in answer.text
    assert shop.stock(kettle) == 1
    assert len(browser.cart_lines()) == 1
    assert shop.gateway.captured() == []


def test_a_declined_card_is_explained_and_nothing_is_lost(shop: Shop) -> None:
    browser, kettle = ready_to_pay(shop)
    before = told("shop_payments_total", outcome="declined")
    answer = browser.pay(DECLINED_CARD)
    assert answer.status_code == 402
    assert "declined the card" in answer.text
    assert f'value="{ADDRESS["street"]}"' in answer.text
    assert [order.status for order in shop.orders()] == ["cancelled"]
    assert shop.stock(kettle) == 5
    assert len(browser.cart_lines()) == 1
    assert told("shop_payments_total", outcome="declined") == before + 1
    assert browser.pay().status_code == 303


def test_a_price_that_changed_since_it_was_shown_is_shown_again_before_it_is_charged(shop: Shop) -> None:
    browser, _ = ready_to_pay(shop)
    seen = browser.hidden("/checkout", "seen")
    with shop.sessions.begin() as session:
        session.execute(sa.update(Variant).values(price_cents=9_900))
    answer = browser.pay(seen=seen)
    assert answer.status_code == 409
    assert "has changed" in answer.text
    assert "€198.00" in answer.text
    assert shop.orders() == []
    assert browser.pay(seen=browser.hidden("/checkout", "seen")).status_code == 303


def test_an_item_added_in_another_window_is_shown_before_it_is_charged(shop: Shop) -> None:
    browser, kettle = ready_to_pay(shop)
    seen = browser.hidden("/checkout", "seen")
    browser.add(kettle)
    assert browser.pay(seen=seen).status_code == 409
    assert shop.orders() == []


def test_another_country_has_another_price_which_is_shown_first(shop: Shop) -> None:
    browser, _ = ready_to_pay(shop)
    seen = browser.hidden("/checkout", "seen")
    answer = browser.pay(seen=seen, country="FR", postcode="75001")
    assert answer.status_code == 409
    assert "Delivery to France" in answer.text
    summary = browser.get("/checkout/summary?country=FR").text
    assert "€59.90" in summary
    assert "<html" not in summary


def test_sums_sent_along_are_never_charged(shop: Shop) -> None:
    browser, _ = ready_to_pay(shop)
    browser.pay(total_cents="1", price_cents="1", user_id="1", status="confirmed")
    [order] = shop.orders()
    assert (order.total_cents, order.user_id, order.status) == (5_490, None, "paid")


def test_the_same_cart_is_not_bought_from_two_windows(shop: Shop) -> None:
    browser, _ = ready_to_pay(shop)
    browser.pay()
    [order] = shop.orders()
    with shop.sessions.begin() as session:  # as if the second window had been faster than the emptying
        session.execute(
            sa.text(
                "INSERT INTO cart_lines (cart_id, variant_id, quantity)"
                " SELECT cart_id, variant_id, 1 FROM orders, order_lines"
            )
        )
        session.execute(sa.text("UPDATE carts SET version = (SELECT cart_version FROM orders)"))
    answer = browser.pay()
    assert answer.status_code == 409
    assert f"/en/orders/{order.number}" in answer.text
    assert len(shop.orders()) == 1


def test_an_account_sees_its_orders_and_a_visitor_none(shop: Shop) -> None:
    browser, _ = ready_to_pay(shop)
    assert browser.get("/orders").status_code == 404
    browser.post("/account/sign-up", {"name": "Ada", "email": "a@example.org", "password": "a long password"})
    assert "No orders yet" in browser.get("/orders").text
    browser.pay()
    [order] = shop.orders()
    assert order.user_id is not None
    assert order.number in browser.get("/orders").text


@pytest.mark.parametrize("locale", ["de", "ar"])
def test_checkout_and_order_speak_the_pages_language(shop: Shop, locale: str) -> None:
    browser = shop.browser(locale)
    browser.add(shop.shelve())
    assert browser.get("/checkout").status_code == 200
    answer = browser.pay()
    assert urlsplit(answer.headers["Location"]).path.startswith(f"/{locale}/orders/")
    assert shop.orders()[0].locale == locale

from __future__ import annotations

import re
from html import unescape

import pytest
import sqlalchemy as sa

from storefront.money import in_words
from storefront.products.models import Product, Variant
from tests.shopping import Shop

NOT_A_QUANTITY = ["0", "-1", "1.5", "NaN", "1000000000", "١", str(2**31), ""]


def test_an_item_added_is_in_the_cart_with_its_final_price(shop: Shop) -> None:
    browser, kettle = shop.browser(), shop.shelve(price_cents=2_500)
    answer = browser.add(kettle, 2)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/en/cart"
    page = browser.get("/cart").text
    for said in ("Kettle Ember", "€50.00", "€4.90", "€54.90", "Delivery to Germany", "€9.00 more"):
        assert said in page


def test_the_same_item_twice_is_one_row(shop: Shop) -> None:
    browser, kettle = shop.browser(), shop.shelve()
    browser.add(kettle, 1)
    browser.add(kettle, 2)
    assert [quantity for _, quantity in browser.cart_lines()] == [3]


@pytest.mark.parametrize("typed", NOT_A_QUANTITY)
def test_what_is_no_quantity_is_answered_beside_the_field_and_changes_nothing(shop: Shop, typed: str) -> None:
    browser, kettle = shop.browser(), shop.shelve()
    browser.add(kettle, 2)
    answer = browser.add(kettle, typed)
    assert answer.status_code == 422
    assert 'id="error-quantity"' in answer.text
    assert f'value="{typed}"' in answer.text
    [(line, _)] = browser.cart_lines()
    changed = browser.post("/cart/update", {"line_id": line, "quantity": typed})
    assert changed.status_code == 422
    assert f'id="error-quantity-{line}"' in changed.text
    assert browser.cart_lines() == [(line, 2)]


def test_more_than_is_in_stock_is_refused_with_what_is_left(shop: Shop) -> None:
    browser, kettle = shop.browser(), shop.shelve(stock=3)
    assert "Only 3 left" in browser.add(kettle, 4).text
    browser.add(kettle, 2)
    assert browser.add(kettle, 2).status_code == 422
    [(line, _)] = browser.cart_lines()
    assert browser.post("/cart/update", {"line_id": line, "quantity": "4"}).status_code == 422
    assert browser.cart_lines() == [(line, 2)]


def test_a_hundred_of_one_thing_do_not_fit(shop: Shop) -> None:
    browser, kettle = shop.browser(), shop.shelve(stock=500)
    browser.add(kettle, 60)
    answer = browser.add(kettle, 60)
    assert answer.status_code == 422
    assert "At most 99" in answer.text


def test_a_cart_holds_a_hundred_different_things_at_most(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storefront.cart.commands.MOST_LINES", 1)
    browser = shop.browser()
    browser.add(shop.shelve())
    assert browser.add(shop.shelve()).status_code == 409


def test_with_scripts_the_badge_is_the_answer(shop: Shop) -> None:
    browser, kettle = shop.browser(), shop.shelve()
    answer = browser.add(kettle, 2, **{"HX-Request": "true"})
    assert answer.status_code == 200
    assert answer.text.startswith('<span id="cart-badge"')
    assert "2" in answer.text


def test_with_scripts_a_wrong_quantity_is_one_line(shop: Shop) -> None:
    answer = shop.browser().add(shop.shelve(), "NaN", **{"HX-Request": "true"})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "<html" not in answer.text


def test_every_page_shows_how_many_things_are_in_the_cart(shop: Shop) -> None:
    browser = shop.browser()
    assert re.search(r'id="cart-badge"[^>]*hidden', browser.get("/cart").text)
    browser.add(shop.shelve(), 3)
    assert re.search(r'id="cart-badge" class="badge">.*</span> 3</span>', browser.get("/nowhere").text)


def test_a_forged_count_is_shown_as_none(shop: Shop) -> None:
    browser = shop.browser()
    for forged in ("-1", "99999", "<b>", "١"):
        browser.client.set_cookie("cart", forged)
        assert re.search(r'id="cart-badge"[^>]*hidden', browser.get("/nowhere").text)


def test_a_quantity_is_changed_and_a_row_taken_out(shop: Shop) -> None:
    browser = shop.browser()
    browser.add(shop.shelve())
    browser.add(shop.shelve(name="Bread knife"))
    (first, _), (second, _) = browser.cart_lines()
    browser.post("/cart/update", {"line_id": first, "quantity": "4"})
    browser.post("/cart/remove", {"line_id": second})
    browser.post("/cart/remove", {"line_id": second})
    assert browser.cart_lines() == [(first, 4)]


def test_the_cart_is_there_after_a_restart(shop: Shop) -> None:
    from storefront.factory import create_app

    browser = shop.browser()
    browser.add(shop.shelve(), 2)
    [line] = browser.cart_lines()
    restarted = create_app(shop.config)
    browser.client.application = restarted
    assert browser.cart_lines() == [line]
    restarted.extensions["sessions"].kw["bind"].dispose()


def test_nobody_reaches_into_another_cart(shop: Shop) -> None:
    owner, other = shop.browser(), shop.browser()
    owner.add(shop.shelve(), 2)
    [(line, _)] = owner.cart_lines()
    assert other.post("/cart/update", {"line_id": line, "quantity": "1"}).status_code == 404
    other.add(shop.shelve())
    assert other.post("/cart/update", {"line_id": line, "quantity": "1"}).status_code == 404
    other.post("/cart/remove", {"line_id": line})
    assert owner.cart_lines() == [(line, 2)]


@pytest.mark.parametrize("variant_id", ["0", "999999", "-1", "x", "9" * 30])
def test_what_is_not_for_sale_is_not_found(shop: Shop, variant_id: str) -> None:
    answer = shop.browser().post("/cart/add", {"variant_id": variant_id, "quantity": "1"})
    assert answer.status_code == 404


def test_a_price_sent_along_is_not_looked_at(shop: Shop) -> None:
    browser, kettle = shop.browser(), shop.shelve(price_cents=2_500)
    browser.post("/cart/add", {"variant_id": kettle, "quantity": "1", "price_cents": "1", "user_id": "1"})
    assert "€25.00" in browser.get("/cart").text


def test_what_sold_out_meanwhile_is_said_in_the_cart_and_cannot_be_bought(shop: Shop) -> None:
    browser, kettle, pan = shop.browser(), shop.shelve(), shop.shelve(stock=9, name="Pan")
    browser.add(kettle)
    browser.add(pan, 9)
    with shop.sessions.begin() as session:
        session.execute(sa.update(Variant).where(Variant.id == kettle).values(stock=0))
        session.execute(sa.update(Variant).where(Variant.id == pan).values(stock=2))
    page = browser.get("/cart").text
    assert "Sold out in the meantime" in page
    assert "Only 2 left" in page
    assert "To the checkout" not in page
    assert browser.get("/checkout").headers["Location"] == "/en/cart"


def test_what_was_taken_off_the_shelves_is_said_and_cannot_be_added(shop: Shop) -> None:
    browser, kettle = shop.browser(), shop.shelve()
    browser.add(kettle)
    with shop.sessions.begin() as session:
        session.execute(sa.update(Product).values(is_active=False))
    assert "We do not sell this any more" in browser.get("/cart").text
    assert browser.add(kettle).status_code == 404


def test_another_country_has_its_own_delivery_and_is_remembered(shop: Shop) -> None:
    browser = shop.browser()
    browser.add(shop.shelve(price_cents=2_500))
    assert "Delivery to France" in browser.get("/cart?country=FR").text
    assert "€34.90" in browser.get("/cart").text
    assert "Delivery to France" in browser.get("/cart?country=XX").text


def test_a_form_without_its_token_is_refused(shop: Shop) -> None:
    browser, kettle = shop.browser(), shop.shelve()
    browser.add(kettle)
    shop.app.config["WTF_CSRF_ENABLED"] = True
    assert browser.add(kettle).status_code == 403
    token = browser.hidden("/cart", "csrf_token")
    stranger = shop.browser()
    assert stranger.post("/cart/add", {"variant_id": kettle, "csrf_token": token}).status_code == 403
    assert browser.post("/cart/add", {"variant_id": kettle, "csrf_token": token}).status_code == 303


def test_the_cart_is_kept_by_no_cache(shop: Shop) -> None:
    assert shop.browser().get("/cart").headers["Cache-Control"] == "no-store"


def test_names_from_the_catalogue_are_text_never_markup(shop: Shop) -> None:
    browser = shop.browser()
    browser.add(shop.shelve(name="<script>alert(1)</script>{{7*7}}%(x)s"))
    page = browser.get("/cart").text
    assert "<script>alert" not in page
    assert "{{7*7}}%(x)s" in page


@pytest.mark.parametrize(("locale", "direction"), [("de", "ltr"), ("ar", "rtl")])
def test_the_cart_speaks_the_pages_language(shop: Shop, locale: str, direction: str) -> None:
    browser = shop.browser(locale)
    browser.add(shop.shelve(price_cents=2_500))
    page = browser.get("/cart").text
    assert f'<html lang="{locale}" dir="{direction}">' in page
    assert in_words(2_500, "EUR", locale) in unescape(page)

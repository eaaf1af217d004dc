"""Demo shoppers: what they take from a page and what they fill in."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest

from local.walks import (
    PERSONAS,
    TOWNS,
    Face,
    address_of,
    card_of,
    hidden_fields,
    new_face,
    new_persona,
    products_on,
)
from storefront.orders.form import read_form
from storefront.shopper import country_of, device_of

PAGE = """
<a href="/en/products/alder-kettle"><img src="/media/products/alder-kettle-480.svg"></a>
<a href="/en/products/alder-kettle">Alder</a> <a href="/en/products?page=2">2</a>
<a href="/de/products/x">x</a>
<a href="/en/products/ember-mug?colour=sage">Ember</a>
<form><input type="hidden" name="csrf_token" value="a&amp;b">
<input type="radio" name="variant_id" value="7">
<input type="radio" name="variant_id" value="8" required checked>
<input name="quantity" type="number" value="1"></form>
"""


def test_hidden_fields_and_what_is_chosen_are_sent_along() -> None:
    assert hidden_fields(PAGE) == {"csrf_token": "a&b", "variant_id": "8"}


def test_products_of_the_page_are_found_once_each() -> None:
    assert products_on(PAGE, "en") == ["/en/products/alder-kettle"]


def test_the_shop_sees_the_face_that_was_meant() -> None:
    for seed in range(200):
        face = new_face(Random(seed))
        headers = face.headers()
        best = headers["Accept-Language"].split(",")[0]
        assert device_of(headers["User-Agent"]) == face.device
        assert country_of(None, best, face.locale) == face.country


@pytest.mark.parametrize("country", TOWNS)
def test_the_checkout_takes_every_address(country: str) -> None:
    filled = read_form(
        {**address_of(Face("en", country, "mobile"), 5), **card_of(Random(1))}, date(2026, 3, 2)
    )

    assert filled.errors == {}


def test_most_shoppers_only_look() -> None:
    random = Random(4)
    met = [new_persona(random).name for _ in range(2000)]

    assert sum(persona.share for persona in PERSONAS) == pytest.approx(1)
    assert met.count("browser") > met.count("bargain hunter") > met.count("express buyer") > 0

from __future__ import annotations

import pytest

from storefront.errors import Refused
from storefront.preferences.choice import Choice, Offer, read, way_back

OFFER = Offer(("en", "pt-BR"), ("DE", "BR"), ("EUR", "JPY"))
FORM = {"language": "pt-BR", "country": "DE", "currency": "JPY"}


def test_the_three_choices_do_not_follow_from_one_another():
    assert read(FORM, OFFER) == Choice("pt-BR", "DE", "JPY")


@pytest.mark.parametrize("field", FORM)
@pytest.mark.parametrize("value", ["", "xx", "DE-DE", "💶"])
def test_what_is_not_on_offer_is_refused_beside_its_field(field, value):
    with pytest.raises(Refused) as refused:
        read({**FORM, field: value}, OFFER)
    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize(
    ("address", "back"),
    [
        ("/en/products?category=glass&page=2", "/pt-BR/products?category=glass&page=2"),
        ("/en/", "/pt-BR/"),
        ("/pt-BR/cart", "/pt-BR/cart"),
        ("/PT_br/cart", "/pt-BR/cart"),
        ("//evil.example/en/", "/pt-BR/"),
        ("https://evil.example/en/", "/pt-BR/"),
        ("/\\evil.example", "/pt-BR/"),
        ("/en/\r\nSet-Cookie: a=b", "/pt-BR/"),
        ("/en/?a=\r\n", "/pt-BR/"),
        ("/fr/products", "/pt-BR/"),
        ("", "/pt-BR/"),
        ("/en/" + "x" * 3_000, "/pt-BR/"),
    ],
)
def test_the_way_back_stays_in_the_shop(address, back):
    assert way_back(address, "pt-BR", OFFER.locales) == back

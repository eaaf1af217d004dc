from __future__ import annotations

from datetime import date

import pytest

from storefront.one_line import tidy
from storefront.orders.form import postcode_fits, read_form

TODAY = date(2026, 11, 20)
GOOD = {
    "email": "ada@example.org",
    "name": "Ada Example",
    "street": "Herdweg 1",
    "city": "Berlin",
    "postcode": "10115",
    "country": "DE",
    "card_number": "4242 4242 4242 4242",
    "card_expiry": "08/29",
    "card_cvc": "123",
}


def test_eight_or_nine_good_fields_make_an_order() -> None:
    filled = read_form(GOOD, TODAY)
    assert not filled.errors
    assert filled.delivery is not None
    assert filled.card is not None
    assert filled.delivery.city == "Berlin"
    assert filled.card.last4 == "4242"


@pytest.mark.parametrize("name", ["email", "name", "street", "city", "postcode", "country"])
def test_what_is_missing_is_named_beside_its_field(name: str) -> None:
    filled = read_form({**GOOD, name: "  "}, TODAY)
    assert set(filled.errors) == {name}
    assert filled.delivery is None
    assert filled.card is not None


def test_an_empty_form_names_every_field() -> None:
    assert set(read_form({}, TODAY).errors) == set(GOOD)


@pytest.mark.parametrize(
    "email",
    [
        "ada",
        "ada@",
        "@example.org",
        "a b@example.org",
        "ada@example",
        "a@b@example.org",
        "a,b@c.de",
        "<a@b.de>",
    ],
)
def test_what_is_no_address_is_refused(email: str) -> None:
    assert set(read_form({**GOOD, "email": email}, TODAY).errors) == {"email"}


@pytest.mark.parametrize("name", ["email", "name", "street", "city", "postcode"])
def test_what_is_too_long_is_refused(name: str) -> None:
    assert set(read_form({**GOOD, name: "9" * 300}, TODAY).errors) == {name}


@pytest.mark.parametrize("country", ["XX", "de-DE", "Germany"])
def test_a_country_without_delivery_is_refused(country: str) -> None:
    assert "country" in read_form({**GOOD, "country": country}, TODAY).errors


@pytest.mark.parametrize(
    ("postcode", "country", "fits"),
    [
        ("10115", "DE", True),
        ("1011", "DE", False),
        ("١٠١١٥", "DE", False),
        ("SW1A 1AA", "GB", True),
        ("12345", "GB", False),
        ("1234 AB", "NL", True),
        ("00-950", "PL", True),
        ("D02 X285", "IE", True),
    ],
)
def test_a_post_code_must_be_one_of_its_country(postcode: str, country: str, fits: bool) -> None:
    assert postcode_fits(postcode, country) is fits


def test_where_there_are_no_post_codes_none_is_asked_for() -> None:
    assert not read_form({**GOOD, "country": "AE", "postcode": ""}, TODAY).errors


def test_typed_values_are_kept_but_for_the_card() -> None:
    values = read_form({**GOOD, "email": "ada"}, TODAY).values
    assert values["email"] == "ada"
    assert values["card_expiry"] == "08/29"
    assert "card_number" not in values
    assert "card_cvc" not in values


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ada\r\nBcc: all@example.org", "Ada Bcc: all@example.org"),
        ("\u202eadA\u2066", "adA"),
        ("a\x00b", "a b"),
        ("زین\u200cالدین", "زین\u200cالدین"),
        ("  Ada   Example ", "Ada Example"),
        ("\ud800x", "x"),
    ],
)
def test_what_cannot_be_seen_is_taken_out(typed: str, kept: str) -> None:
    assert tidy(typed) == kept

from __future__ import annotations

from datetime import date

import pytest

from storefront.payments.cards import Card, is_card_number, read_card, read_expiry

TODAY = date(2026, 11, 20)
GOOD = {"card_number": "4242-4242 4242 4242", "card_expiry": "11/26", "card_cvc": "123"}


def test_a_good_card_is_read() -> None:
    card, errors = read_card(GOOD, TODAY)
    assert not errors
    assert card == Card("4242424242424242", 11, 2026, "123")


@pytest.mark.parametrize("number", ["", "4242424242424241", "42424242", "٤٢٤٢" * 4, "4" * 20, "4242x"])
def test_a_wrong_number_is_refused(number: str) -> None:
    card, errors = read_card({**GOOD, "card_number": number}, TODAY)
    assert card is None
    assert set(errors) == {"card_number"}


@pytest.mark.parametrize(
    ("typed", "month"),
    [("8/29", (2029, 8)), ("08 / 29", (2029, 8)), ("08/2029", (2029, 8)), ("12-30", (2030, 12))],
)
def test_the_expiry_is_read_as_people_type_it(typed: str, month: tuple[int, int]) -> None:
    read = read_expiry(typed)
    assert read is not None
    assert (read.year, read.month) == month


@pytest.mark.parametrize("typed", ["", "13/29", "0/29", "08", "2029-08", "08/9", "٠٨/٢٩"])
def test_what_is_no_month_is_refused(typed: str) -> None:
    assert set(read_card({**GOOD, "card_expiry": typed}, TODAY)[1]) == {"card_expiry"}


def test_a_card_is_good_to_the_end_of_its_month_and_no_longer() -> None:
    assert read_card(GOOD, date(2026, 11, 30))[0] is not None
    assert "expired" in str(read_card(GOOD, date(2026, 12, 1))[1]["card_expiry"])


@pytest.mark.parametrize("cvc", ["", "12", "12345", "abc", "１２３"])
def test_a_wrong_security_code_is_refused(cvc: str) -> None:
    assert set(read_card({**GOOD, "card_cvc": cvc}, TODAY)[1]) == {"card_cvc"}


@pytest.mark.parametrize(
    ("number", "brand"),
    [
        ("4242424242424242", "visa"),
        ("5555555555554444", "mastercard"),
        ("2223003122003222", "mastercard"),
        ("378282246310005", "amex"),
        ("6011111111111117", "card"),
    ],
)
def test_the_brand_is_known_by_the_first_digits(number: str, brand: str) -> None:
    assert is_card_number(number)
    assert Card(number, 1, 2030, "123").brand == brand


def test_nothing_that_is_written_down_shows_the_number_or_the_code() -> None:
    card = Card("4242424242424242", 1, 2030, "987")
    assert "4242424242" not in repr(card)
    assert "987" not in repr(card)
    assert card.last4 == "4242"

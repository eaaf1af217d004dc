"""Secrets and card numbers are masked whatever stands around them, and ordinary numbers stay."""

from __future__ import annotations

import string
from datetime import UTC
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.masking import HIDDEN, is_card_number, is_secret_name, mask, mask_log, mask_values

CARDS = (
    "4242424242424242",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "30569309025904",
    "3566002020360505",
    "6011111111111117",
    "6200000000000005",
    "6759649826438453",
    "4222222222222",
)
SECRET = st.text(string.ascii_letters + string.digits + "-_", min_size=24, max_size=60)
AROUND = st.text("ghijklmnopqrsGHIJ ,;()\n", max_size=20)


def luhn_digit(digits: str) -> str:
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits))]
    return str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)


@given(
    st.sampled_from(CARDS),
    st.sampled_from(["", " ", "-", "+", "%20", "."]),
    st.integers(1, 6),
    AROUND,
    AROUND,
)
def test_a_card_number_keeps_four_digits_however_it_is_written(card, sign, size, before, after):
    written = sign.join(card[at : at + size] for at in range(0, len(card), size)) if sign else card
    masked = mask(f"{before}{written}{after}")
    assert written not in masked
    assert card not in "".join(filter(str.isdigit, masked))
    assert f"{HIDDEN}{card[-4:]}" in masked


@given(st.sampled_from(["4", "51", "2300", "62", "3530"]), st.text(string.digits, min_size=11, max_size=11))
def test_every_number_of_an_issuer_with_the_right_last_digit_is_a_card(first, rest):
    digits = (first + rest + "0" * 16)[:15]
    assert is_card_number(digits + luhn_digit(digits))


def test_the_code_beside_a_card_goes_with_it():
    assert "123" not in mask("4242 4242 4242 4242, 123")
    assert "321" not in mask("4242424242424242|12|2027|321")
    for text in ("cvv 987", "CVC: 987", "security code is 987", "cvv2=987", '"card_cvc": "987"'):
        assert "987" not in mask(text)


@given(
    SECRET,
    st.sampled_from(
        [
            "password={}",
            "Authorization: Bearer {}",
            '{{"token": "{}", "n": 1}}',
            "{{'new_password': '{}'}}",
            "/x?page=2&token={}",
            "Cookie: session={}; a=b",
            "Set-Cookie: control={}",
            "api_key: {}",
            "X-Api-Token={}",
            "bearer {}",
            "whsec_{}",
            "backroom_{}",
            "*:production.{}xxxxxxxxx",
            "default:development.{}xxxxxxxxx",
            "https://hooks.slack.com/services/T0/B0/{}",
            "signature={}",
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----",
            "csrf_token={}",
            "client_secret%3D{}",
            "totp={}",
        ]
    ),
    AROUND,
)
@example("correct-horse-battery", "Basic {}", "")
def test_a_masked_text_never_holds_the_secret(secret, form, before):
    if form == "Basic {}":
        secret = "YWRhOmNvcnJlY3QtaG9yc2U="  # ada:correct-horse
    text = f"{before} {form.format(secret)}"
    masked = mask_log(text)
    assert secret not in masked
    assert mask_log(masked) == masked


@pytest.mark.parametrize(
    "address", ["postgresql+psycopg://shop:p@ss/w@db/shop", "https://ada:hunter22@x.test/"]
)
def test_credentials_in_an_address_are_masked(address):
    assert "hunter22" not in mask(address)
    assert "p@ss" not in mask(address)


def test_an_address_of_mail_keeps_its_first_letter_and_its_domain():
    assert mask_log("to ada.example@shop.test now") == "to a***@shop.test now"
    assert mask("to ada.example@shop.test now") == "to ada.example@shop.test now"


@given(
    st.one_of(
        st.uuids().map(str),
        st.integers(1_500_000_000_000, 1_999_999_999_999).map(str),  # milliseconds
        st.integers(1_500_000_000_000_000_000, 1_999_999_999_999_999_999).map(str),  # nanoseconds
        st.datetimes(timezones=st.just(UTC)).map(str),
        st.floats(0, 1e6).map(repr),
        st.from_regex(r"\A(400|401|500|590|690)\d{9}\Z").map(lambda code: code + ean_digit(code)),
        st.from_regex(r"\A[0-9a-f]{31}[a-f]\Z"),
        st.decimals(0, 10**9, places=2).map(lambda amount: f"{amount:,} EUR"),
        st.integers(1, 10**12).map(lambda number: f"order HL-{number}"),
    )
)
def test_ordinary_numbers_stay(text):
    assert mask_log(f"a {text} b") == f"a {text} b"


def ean_digit(code: str) -> str:
    return str(-sum(int(digit) * (1 + 2 * (place % 2)) for place, digit in enumerate(code)) % 10)


@pytest.mark.parametrize(
    "text",
    [
        "a basic set of knives",
        "state=on key=value code=200",
        "token_id=17 password_changed_at=2026-01-01",
        "slo:new-checkout.rate5m",
        "the session ended",
        "GET /flags/<name> 200 12.5 ms",
        "cart HL-2026-000123",
        "12 345 678 901 234.50 EUR",
    ],
)
def test_ordinary_words_stay(text):
    assert mask_log(text) == text


@given(
    st.recursive(
        st.text(max_size=8),
        lambda inner: st.dictionaries(st.text(max_size=4), inner, max_size=2),
        max_leaves=5,
    )
)
def test_secrets_are_found_however_deep_they_lie(inside):
    values = {
        "a": [{"password": "hunter22"}, inside],
        "note": "token=hunter22",
        "card_number": 4242424242424242,
    }
    told = str(mask_values(values))
    assert "hunter22" not in told
    assert "424242424242" not in told
    assert mask_values({"count": 3, "ok": True, "none": None}) == {"count": 3, "ok": True, "none": None}


def test_names_of_secrets_are_told_from_names_that_only_speak_of_them():
    assert all(
        map(
            is_secret_name,
            ("password", "newPassword", "X-Api-Key", "csrf_token", "card_cvc", "SECRET_KEY", "session_id"),
        )
    )
    assert not any(
        map(
            is_secret_name,
            ("token_id", "idempotency_key", "cardinality", "company", "session", "keys", "postcode"),
        )
    )


def test_a_uuid_made_of_digits_is_none():
    text = str(UUID("42424242-4242-4242-8242-424242424242"))
    assert mask(text) == text

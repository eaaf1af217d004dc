from __future__ import annotations

import pytest

from storefront.errors import Refused
from storefront.orders.idempotency import fingerprint, read_key
from storefront.orders.progress import DECLINED_OTHERWISE, PROGRESS, why_declined

FORM = [("email", "ada@example.org"), ("card_number", "4242"), ("idempotency_key", "a"), ("card_cvc", "123")]


def test_the_header_wins_over_the_hidden_field() -> None:
    assert read_key("header", "field") == "header"
    assert read_key(None, "field") == "field"


def test_without_a_key_nothing_was_promised() -> None:
    assert read_key(None, None) is None
    assert read_key("", "field") is None


def test_255_characters_are_a_key() -> None:
    assert read_key("k" * 255, None) == "k" * 255


@pytest.mark.parametrize("key", ["k" * 256, "schlüssel", "a\nb", "a\x00b", " a"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(Refused):
        read_key(key, None)


def test_the_same_form_has_the_same_fingerprint_in_any_order() -> None:
    assert fingerprint(FORM, "secret") == fingerprint(reversed(FORM), "secret")


def test_another_form_has_another_fingerprint() -> None:
    assert fingerprint(FORM, "secret") != fingerprint([*FORM, ("name", "Ada")], "secret")
    assert fingerprint(FORM, "secret") != fingerprint(FORM, "another secret")


def test_key_form_token_and_security_code_leave_no_mark() -> None:
    kept = [("email", "ada@example.org"), ("card_number", "4242")]
    assert fingerprint(FORM, "secret") == fingerprint(
        [*kept, ("csrf_token", "x"), ("card_cvc", "9")], "secret"
    )


def test_no_page_of_an_order_says_error_or_failed() -> None:
    for progress in PROGRESS.values():
        said = f"{progress.title} {progress.words} {progress.short}".lower()
        assert "error" not in said
        assert "fail" not in said


def test_pages_look_again_until_nothing_can_change() -> None:
    assert {status for status, progress in PROGRESS.items() if not progress.is_final} == {"pending", "paid"}


def test_a_declined_card_is_explained() -> None:
    assert "cover" in str(why_declined("insufficient_funds"))
    assert why_declined("anything else") is DECLINED_OTHERWISE

"""What is refused as a password, and what is not."""

from __future__ import annotations

import pytest

from storefront.users.strength import LONGEST_PASSWORD, context, words_of, wrong_password

ADA = {"email": "ada.lovelace@example.org", "name": "Ada Lovelace"}


@pytest.mark.parametrize(
    "password",
    [
        "1234567890",
        "qwertyuiop",
        "password123456",
        "passwordpassword",
        "iloveyou123",
        "aaaaaaaaaaaaaa",
        "1q2w3e4r5t6y",
        "football12",
    ],
)
def test_what_is_tried_first_everywhere(password):
    assert "tried first everywhere" in str(wrong_password(password, **ADA))


@pytest.mark.parametrize(
    "password",
    [
        "ada.lovelace@example.org",
        "Lovelace-Ada-1815",
        "hearthladle1",
        "Hearth & Ladle!",
        "pots-and-pans99",
    ],
)
def test_what_is_made_of_the_shopper_or_the_shop(password):
    words = words_of("https://pots-and-pans.example", "shop@kitchen.example")
    assert "name" in str(wrong_password(password, **ADA, words=words))


@pytest.mark.parametrize("password", ["", "too short", "x" * (LONGEST_PASSWORD + 1)])
def test_what_is_too_short_or_too_long(password):
    assert "10 to 128" in str(wrong_password(password, **ADA))


@pytest.mark.parametrize(
    "password",
    [
        "copper ladle seven",
        "a long password",
        "Wüstenschiff im Regen",
        "كلمات لا علاقة بينها",
        "急行 北へ 林檎 三つ めがね",
        "kettle 7 moon harbour " * 5,
    ],
)
def test_a_few_words_in_any_script_will_do(password):
    assert wrong_password(password, **ADA, words=["hearth-and-ladle"]) is None


def test_words_of_a_place_count_whole_in_parts_and_run_together():
    shop = words_of("https://hearth-and-ladle.example", "x@mail.pots.shop")
    known = context("ada@example.org", "Ada", shop)
    assert {"ada", "hearth", "ladle", "hearthandladle", "hearth-and-ladle", "mail", "pots"} <= set(known)

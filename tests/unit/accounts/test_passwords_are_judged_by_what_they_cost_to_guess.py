"""Length and guesses, never composition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts import passwords
from app.accounts.passwords import house_words, normal, wrong_password

ADA = ("ada.lovelace@example.org", "Ada Lovelace", ("hearth-and-ladle",))


@pytest.mark.parametrize(
    "password",
    [
        "a long enough password",
        "tall grass beside cold water",
        "ein langer satz ohne sinn",
        "пять спокойных цапель",
        "静かな湖のほとりの七羽のサギたち",
        "Ж" * 3 + "qmvu wzkp rt",
        "🦩🐢🦔 seven quiet herons",
    ],
)
def test_any_script_and_spaces_will_do(password):
    assert wrong_password(password, *ADA) is None


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("short", "12 characters or more"),
        ("x" * 201, "at most 200"),
        ("password1234", "tried first everywhere"),
        ("Password1234", "tried first everywhere"),
        ("qwertyuiop12", "tried first everywhere"),
        ("aaaaaaaaaaaaaaaa", "repeats itself"),
        ("abcabcabcabcabc", "repeats itself"),
        ("abcdefghijklmnop", "row of letters"),
        ("ada.lovelace@example.org", "your name"),
        ("adalovelace1", "your name"),
        ("Lovelace-Ada-1815", "your name"),
        ("backroom1234", "your name"),
        ("hearthandladle12", "your name"),
        ("Hearth-and-Ladle!", "your name"),
    ],
)
def test_what_is_tried_first_is_refused_and_says_why(password, words, babel_context):
    assert words in str(wrong_password(password, *ADA))


def test_the_same_on_every_keyboard():
    assert normal("e\u0301a long pass") == normal("éa long pass")
    assert normal("ｆｕｌｌ") == "full"
    assert normal("half \ud800") == "half ?"


def test_the_shops_name_is_read_from_its_address():
    found = house_words("https://shop.hearth-and-ladle.example", "Backroom <backroom@other.example>")
    assert found == ["shop", "hearth-and-ladle", "other"]


@given(st.text(max_size=passwords.LONGEST_PASSWORD * 2), st.text(max_size=30), st.text(max_size=30))
def test_nothing_that_is_typed_breaks_it(password, email, name):
    wrong_password(password, email, name)

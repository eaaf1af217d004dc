"""Marks for hidden characters, the length meter, and what can be inserted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.locales.length import limit_of, meter
from app.locales.marks import NAMES, has_marks, marked
from app.locales.placeholders import carried


def shown(text: str) -> str:
    return "".join(f"[{part.text}]" if part.name is not None else part.text for part in marked(text))


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain text", "plain text"),
        (" a b ", "[·]a b[·]"),
        ("a  b", "a[··]b"),
        ("12\u202f€", "12[⍽]€"),
        ("\u200fab\u202e", "[RLM]ab[RLO]"),
        ("a\nb", "a[↵]\nb"),
        ("\t", "[⇥]"),
        ("", ""),
    ],
)
def test_hidden_characters_have_a_sign(text: str, seen: str) -> None:
    assert shown(text) == seen


@given(st.text(st.sampled_from(["a", " ", "\n", *NAMES]), max_size=20))
def test_nothing_that_is_plain_is_lost(text: str) -> None:
    plain = "".join(part.text for part in marked(text) if part.name is None)
    assert plain.replace(" ", "").replace("\n", "") == "a" * text.count("a")
    if any(sign in text for sign in NAMES):
        assert has_marks(text)


@pytest.mark.parametrize(
    ("comments", "limit"),
    [
        (["max: 20"], 20),
        (["On a button. Max-length: 12"], 12),
        (["maximum = 9"], 9),
        (["to the max"], None),
        ([], None),
    ],
)
def test_a_programmer_says_how_long_a_text_may_be(comments: list[str], limit: int | None) -> None:
    assert limit_of(comments) == limit


def test_a_text_is_measured_against_its_limit_or_its_source() -> None:
    assert meter("x" * 21, "Cart", 20).look == "failed"
    assert meter("x" * 19, "Cart", 20).look == "risk"
    assert meter("x" * 10, "Cart", 20).look == "ok"
    assert meter("Warenkorb", "Cart", None).look == "ok"
    assert meter("x" * 200, "x" * 100, None).look == "risk"
    assert meter("", "", None).share == 0.0


def test_what_must_be_carried_over_has_a_number() -> None:
    assert carried(["Hello %(name)s, <b>%(count)d</b> of {total:.2f}", "%(name)s again 100%%"]) == [
        "%(name)s",
        "<b>",
        "%(count)d",
        "</b>",
        "{total:.2f}",
        "%%",
    ]
    assert carried(["50 % off"]) == []

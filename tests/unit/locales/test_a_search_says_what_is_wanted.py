"""The search language: what is typed, what it means, and what it says when it cannot be read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.errors import Refused
from app.locales.search import (
    ANYWHERE,
    DEEPEST,
    EVERYTHING,
    FIELDS,
    LONGEST,
    All,
    Any,
    Changed,
    Not,
    Term,
    parse,
    written,
)

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def day(number: int) -> datetime:
    return datetime(2026, 11, number, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", EVERYTHING),
        ("   ", EVERYTHING),
        ("cart", Term(ANYWHERE, "cart")),
        ('"your order"', Term(ANYWHERE, "your order")),
        ("%(name)s", Term(ANYWHERE, "%(name)s")),
        ("e-mail 10:30", All((Term(ANYWHERE, "e-mail"), Term(ANYWHERE, "10:30")))),
        ("state:review", Term("state", "review")),
        ("STATE:Needs-Review", Term("state", "review")),
        ("is:draft,review", Any((Term("state", "draft"), Term("state", "review")))),
        ('source:"to cart"', Term("source", "to cart")),
        ("seen:/cart", Term("seen", "/cart")),
        ("-author:ana", Not(Term("author", "ana"))),
        ("not author:ana", Not(Term("author", "ana"))),
        ("a or b c", Any((Term(ANYWHERE, "a"), All((Term(ANYWHERE, "b"), Term(ANYWHERE, "c")))))),
        ("(a | b) c", All((Any((Term(ANYWHERE, "a"), Term(ANYWHERE, "b"))), Term(ANYWHERE, "c")))),
        ("-(a b)", Not(All((Term(ANYWHERE, "a"), Term(ANYWHERE, "b"))))),
        ("a and b", All((Term(ANYWHERE, "a"), Term(ANYWHERE, "b")))),
        ('"or"', Term(ANYWHERE, "or")),
        ("changed:2026-11-05", Changed(day(5), day(6))),
        ("changed:>2026-11-05", Changed(day(6), None)),
        ("changed:>=2026-11-05", Changed(day(5), None)),
        ("changed:<2026-11-05", Changed(None, day(5))),
        ("changed:<=2026-11-05", Changed(None, day(6))),
        ("changed:2026-11-01..2026-11-07", Changed(day(1), day(8))),
        ("changed:7d", Changed(NOW - timedelta(days=7), None)),
    ],
)
def test_what_is_typed_is_what_is_meant(typed: str, meant: object) -> None:
    assert parse(typed, NOW) == meant


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ('"your order', "not closed"),
        ("http://shop", "There is no “http:”"),
        ("state:gold", "Use one of: untranslated, draft, review"),
        ("has:nothing", "Use one of: comment"),
        ("state:", "missing after “state:”"),
        ("changed:yesterday", "Write it as 2026-11-30"),
        ("changed:9999-12-31", "is no day"),
        ("(a", "not closed"),
        ("a)", "not opened"),
        ("or a", "Something is missing"),
        ("()", "Something is missing"),
        ("a (not )", "Nothing follows “not”"),
        ("(" * (DEEPEST + 1) + "a", "too many parentheses"),
        ("-" * (DEEPEST + 1) + "a", "too many parentheses"),
        ("x" * (LONGEST + 1), f"at most {LONGEST}"),
    ],
)
def test_what_cannot_be_read_says_what_to_write(typed: str, told: str) -> None:
    with pytest.raises(Refused) as refused:
        parse(typed, NOW)
    assert told in str(refused.value)
    assert list(refused.value.fields) == ["q"]


def outcome(typed: str) -> object:
    try:
        return parse(typed, NOW)
    except Refused as refused:
        return refused.fields["q"]


@given(st.text(max_size=80))
def test_whatever_is_typed_is_read_or_refused_with_a_reason(typed: str) -> None:
    assert str(outcome(typed))


@example("key", "-0")
@given(
    st.sampled_from(["key", "source", "author", "location", "seen"]),
    st.text(st.characters(codec="ascii"), max_size=30),
)
def test_what_a_form_says_comes_back_as_its_term(field: str, value: str) -> None:
    value = value.replace('"', "").replace("\x00", "").strip()
    if not value:
        assert written({field: value}) == ""
        return
    read = parse(written({field: value}), NOW)
    assert read == Term(field, value)


def test_a_form_writes_before_what_was_typed() -> None:
    assert (
        written({"state": "review", "check": "", "author": "Ana B"}, "cart")
        == 'state:review author:"Ana B" cart'
    )
    assert set(FIELDS) >= {"state", "check", "author", "changed", "seen", "location", "has", "key"}

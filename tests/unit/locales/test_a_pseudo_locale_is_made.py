"""Pseudo-locales change every word and break nothing."""

from __future__ import annotations

import re
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.locales import catalog, pseudo
from app.locales.catalog import Entry
from app.locales.checking.markup import TAG
from app.locales.checks import Source, blockers, placeholders
from app.locales.plurals import read_rule
from storefront import pseudo as shop

TWO = read_rule(pseudo.PLURALS)
PARTS = (
    "Hello", " ", "100%% off ", "%(name)s", "%(count)d", "%(price).2f", "<b>", "</b>", "<a href=\"%(url)s\">",
    "</a>", "&nbsp;", "&#39;", "{name}", "{{", "https://shop.example/x", "\n", "…", "ß",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PARTS), min_size=1, max_size=10).map("".join)
ENTITY = re.compile(r"&#?\w+;")
VALUES = {"name": "Ada", "count": 3, "price": 9.5, "url": "/cart"}


@given(TEXTS, st.sampled_from(pseudo.LOCALES))
def test_placeholders_tags_and_entities_stay(text: str, locale: str) -> None:
    turned = pseudo.TURNS[locale](text)
    assert placeholders(turned) == placeholders(text)
    assert TAG.findall(turned) == TAG.findall(text)
    assert ENTITY.findall(turned) == ENTITY.findall(text)
    assert text.count("https://shop.example/x") == turned.count("https://shop.example/x")
    assert turned % VALUES
    if "{{" not in text:
        fields = [name for _, name, _, _ in Formatter().parse(text) if name]
        assert [name for _, name, _, _ in Formatter().parse(turned) if name] == fields


@given(TEXTS)
def test_the_accented_text_could_be_released(text: str) -> None:
    if text.strip():
        found = blockers(Source(text, is_format="%(" in text), [pseudo.accented(text)], TWO)
        assert [one.check for one in found if one.check != "markup"] == []


@pytest.mark.parametrize("text", ["Add to cart", "Your order was sent on its way this morning.", "Go"])
def test_the_accented_text_is_about_a_third_longer_and_in_brackets(text: str) -> None:
    turned = pseudo.accented(text)
    assert turned.startswith("[")
    assert turned.endswith("]")
    assert 1.25 * len(text) <= len(turned) <= 1.3 * len(text) + 8
    assert not re.search("[a-zA-Z]", turned)


def test_the_mirrored_text_runs_from_right_to_left_around_its_placeholders() -> None:
    for mirrored in (pseudo.mirrored, shop.mirrored):
        turned = "\u2067\u202eHi \u202c\u2068%(name)s\u2069\u202e!\u202c\u2069"
        assert mirrored("Hi %(name)s!") == turned
        assert mirrored('<a href="%(url)s">Go</a>') == '\u2067<a href="%(url)s">\u202eGo\u202c</a>\u2069'
        assert mirrored("  ") == "  "


def test_a_plural_keeps_its_forms() -> None:
    entry = Entry("%(num)d plate", "%(num)d plates", "verb", ("ignored",) * 6)
    made = catalog.read(pseudo.catalog(pseudo.ACCENTED, [entry]))[entry.key]
    assert len(made.forms) == 2
    assert made.forms[1] == pseudo.accented("%(num)d plates")
    assert made.context == "verb"


def test_the_same_messages_give_the_same_bytes() -> None:
    entries = [Entry("Cart", None, "", ()), Entry("Go", None, "", ())]
    assert pseudo.catalog("ar-XB", entries) == pseudo.catalog("ar-XB", entries)

"""The shop's own translations are whole: every message, every plural form, every placeholder."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from storefront.i18n import SHIPPED

ROOT = SHIPPED.parent
PLACEHOLDER = re.compile(r"%\(\w+\)s")
FORMS = {"en": 2, "de": 2, "ar": 6}


def catalog(locale: str) -> Catalog:
    with (SHIPPED / locale / "LC_MESSAGES" / "storefront.po").open("rb") as file:
        return read_po(file, abort_invalid=True)


@pytest.fixture(scope="module")
def said() -> set[str]:
    """Everything the shop's code and templates say."""
    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2"), ("**/templates/**.txt", "jinja2")]
    keywords = {
        "_": None,
        "_l": None,
        "gettext": None,
        "lazy_gettext": None,
        "ngettext": (1, 2),
        "pgettext": ((1, "c"), 2),
    }
    found = extract_from_dir(ROOT / "storefront", methods, keywords=keywords)
    return {ids if isinstance(ids, str) else ids[0] for _file, _line, ids, _comments, _context in found}


@pytest.mark.parametrize("locale", FORMS)
def test_every_message_is_there_and_translated(locale, said):
    words = {
        message.id if isinstance(message.id, str) else message.id[0]: message.string
        for message in catalog(locale)
        if message.id
    }
    assert said - set(words) == set()
    assert [key for key, text in words.items() if not all([text] if isinstance(text, str) else text)] == []


@pytest.mark.parametrize("locale", FORMS)
def test_every_plural_has_all_forms_of_its_language(locale):
    plurals = [message for message in catalog(locale) if message.id and not isinstance(message.id, str)]
    assert plurals
    assert {len(message.string) for message in plurals} == {FORMS[locale]}


@pytest.mark.parametrize("locale", FORMS)
def test_translations_keep_the_placeholders(locale):
    for message in catalog(locale):
        if message.id and isinstance(message.id, str):
            assert set(PLACEHOLDER.findall(message.string)) == set(PLACEHOLDER.findall(message.id)), (
                message.id
            )


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "لا منتجات"),
        (1, "منتج واحد"),
        (2, "منتجان"),
        (3, "3 منتجات"),
        (11, "11 منتجًا"),
        (99, "99 منتجًا"),
        (100, "100 منتج"),
        (103, "103 منتجات"),
    ],
)
def test_arabic_counts_in_six_ways(count, words):
    compiled = BytesIO()
    write_mo(compiled, catalog("ar"))
    translations = Translations(BytesIO(compiled.getvalue()))
    said = translations.ungettext("%(num)s product", "%(num)s products", count)
    assert said % {"num": count} == words

"""What the shop says is whole in eight languages: every message, every plural form, every placeholder."""

from __future__ import annotations

import os
import shutil
import subprocess
from io import BytesIO

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from app.locales.checks import Source, blockers
from app.locales.plurals import read_rule
from app.locales.shipped import ShippedFile, read_all
from storefront.i18n import SHIPPED

ROOT = SHIPPED.parent
FORMS = {"en": 2, "de": 2, "fr": 2, "es": 2, "pl": 3, "pt_BR": 2, "ja": 1, "ar": 6}


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


@pytest.fixture(scope="module")
def shipped() -> dict[str, ShippedFile]:
    return {file.locale.replace("-", "_"): file for file in read_all(SHIPPED)}


def test_eight_languages_ship(shipped):
    assert set(shipped) == set(FORMS)


@pytest.mark.parametrize("locale", FORMS)
def test_every_message_is_there_and_none_too_many(locale, said, shipped):
    known = {string.msgid for string in shipped[locale].strings}
    assert (said - known, known - said) == (set(), set())


@pytest.mark.parametrize("locale", FORMS)
def test_every_message_is_translated_in_all_its_forms(locale, shipped):
    bare = [
        string.msgid
        for string in shipped[locale].strings
        if string.is_fuzzy
        or not all(string.forms)
        or len(string.forms) != (1 if string.plural_id is None else FORMS[locale])
    ]
    assert bare == []


@pytest.mark.parametrize("locale", FORMS)
def test_no_text_would_be_held_back_from_a_release(locale, shipped):
    rule = read_rule(shipped[locale].plural_forms)
    for string in shipped[locale].strings:
        source = Source(string.msgid, string.plural_id, "python-format" in string.flags)
        assert blockers(source, string.forms, rule) == [], string.msgid


@pytest.mark.parametrize("locale", FORMS)
def test_gettext_itself_has_no_complaint(locale):
    msgfmt = shutil.which("msgfmt")
    if msgfmt is None:
        pytest.skip("this machine has no msgfmt")
    file = SHIPPED / locale / "LC_MESSAGES" / "storefront.po"
    done = subprocess.run([msgfmt, "-c", "-o", os.devnull, file], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_polish_counts_in_three_ways(shipped):
    rule = read_rule(shipped["pl"].plural_forms)
    assert [rule.form_of(n) for n in (1, 2, 4, 5, 12, 22, 25, 101)] == [0, 1, 1, 2, 2, 1, 2, 2]


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

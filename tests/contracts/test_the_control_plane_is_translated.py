"""German and French of the control plane are whole: every message, plural form and placeholder."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from app.i18n import LOCALES

ROOT = Path(__file__).parents[2]
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%")
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
SOURCE = "en"  # the language of the msgids
FORMS = 2  # English, German and French have one for one and one for many

pytestmark = pytest.mark.parametrize("locale", [code for code in LOCALES if code != SOURCE])


def file_of(locale: str) -> Path:
    return ROOT / "translations" / locale / "LC_MESSAGES" / "control.po"


def words_of(locale: str) -> Catalog:
    with file_of(locale).open("rb") as file:
        return read_po(file, locale=locale, abort_invalid=True)


@pytest.fixture(scope="module")
def said() -> set[str]:
    """Everything the control plane's code and templates say."""
    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
    found = extract_from_dir(ROOT / "app", methods, keywords=KEYWORDS)
    return {ids if isinstance(ids, str) else ids[0] for _file, _line, ids, _comments, _context in found}


def forms(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def test_every_message_is_there_and_none_too_many(locale, said):
    known = {forms(message.id)[0] for message in words_of(locale) if message.id}
    assert (said - known, known - said) == (set(), set())


def test_every_message_is_translated_in_all_its_forms(locale):
    words = words_of(locale)
    bare = [
        message.id
        for message in words
        if message.id
        and (not all(forms(message.string)) or len(forms(message.string)) != len(forms(message.id)))
    ]
    assert bare == []
    assert words.num_plurals == FORMS
    assert [m.id for m in words if m.fuzzy and m.id] == []


def test_translations_keep_the_placeholders(locale):
    """The form for one may leave the number out where the source does."""
    for message in words_of(locale):
        if message.id:
            wanted = [set(PLACEHOLDER.findall(text)) for text in forms(message.id)]
            found = [set(PLACEHOLDER.findall(text)) for text in forms(message.string)]
            assert found[0] in (wanted[0], wanted[-1]), message.id
            assert all(each == wanted[-1] for each in found[1:]), message.id


def test_translations_begin_and_end_with_the_same_space(locale):
    """Some are joined to others: " and ", ", then "."""
    for message in words_of(locale):
        if message.id:
            source, text = forms(message.id)[-1], forms(message.string)[-1]
            edges = [(words[:1].isspace(), words[-1:].isspace()) for words in (source, text)]
            assert edges[0] == edges[1], source


def test_gettext_itself_has_no_complaint(locale):
    msgfmt = shutil.which("msgfmt")
    if msgfmt is None:
        pytest.skip("this machine has no msgfmt")
    done = subprocess.run(
        [msgfmt, "-c", "-o", os.devnull, file_of(locale)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")

"""The control plane's German is whole: every message, plural form and placeholder, and nothing left over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%")
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}


@pytest.fixture(scope="module")
def german() -> Catalog:
    with (ROOT / "translations" / "de" / "LC_MESSAGES" / "control.po").open("rb") as file:
        return read_po(file, abort_invalid=True)


@pytest.fixture(scope="module")
def said() -> set[str]:
    """Everything the control plane's code and templates say."""
    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
    found = extract_from_dir(ROOT / "app", methods, keywords=KEYWORDS)
    return {ids if isinstance(ids, str) else ids[0] for _file, _line, ids, _comments, _context in found}


def forms(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def test_every_message_is_there_and_none_too_many(german, said):
    known = {forms(message.id)[0] for message in german if message.id}
    assert (said - known, known - said) == (set(), set())


def test_every_message_is_translated_in_all_its_forms(german):
    bare = [
        m.id
        for m in german
        if m.id and (not all(forms(m.string)) or len(forms(m.string)) != len(forms(m.id)))
    ]
    assert bare == []
    assert [m.id for m in german if m.fuzzy and m.id] == []


def test_translations_keep_the_placeholders(german):
    for message in german:
        if message.id:
            wanted = set(PLACEHOLDER.findall(forms(message.id)[-1]))
            for text in forms(message.string):
                assert set(PLACEHOLDER.findall(text)) == wanted, message.id

"""Locales that nobody speaks, to find what is not translatable and what overflows. Pure: no I/O.

`en-XA` writes each source text with accents, about a third longer and in brackets: what a page shows without
them is not translatable, what it cuts off is too narrow. `ar-XB` turns each word from right to left, as a
page in Arabic would be. Placeholders, tags, entities and addresses stay as they are, and a plural keeps its
forms. They are never offered to shoppers: a preview link alone shows them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from app.locales.catalog import Entry, compiled
from app.locales.checking.formats import AS_PYTHON

ACCENTED, MIRRORED = "en-XA", "ar-XB"
LOCALES = (ACCENTED, MIRRORED)
PLURALS = "nplurals=2; plural=(n != 1);"  # of the source, whose forms are written

FIELD = r"\{\{|\}\}|\{[^{}]*\}"
LINK = r"(?:https?|ftp|mailto):[^\s<>\"]+"
CONVERSION = re.sub(r"\?P<\w+>", "?:", AS_PYTHON.pattern)
KEPT = re.compile(rf"({CONVERSION}|{FIELD}|{LINK}|<[^<>]*>|&\#?\w+;)")
ACCENTS = str.maketrans(
    "AaBbCcDdEeFfGgHhIiJjKkLlMmNnOoPpQqRrSsTtUuVvWwXxYyZz",
    "ÅåƁƀÇçÐðÉéƑƒĜĝĤĥÎîĴĵĶķĻļṀṁÑñÖöÞþǪǫŔŕŠšŢţÛûṼṽŴŵẊẋÝýŽž",
)
LONGER = 0.3  # of the letters of the source
PADDING = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
OVERRIDE, AS_BEFORE = "\u202e", "\u202c"
# Isolates: what stands around them does not matter.
FROM_THE_RIGHT, OF_ITS_OWN, CLOSED = "\u2067", "\u2068", "\u2069"


def accented(text: str) -> str:
    """Accents on all letters, and as many more words as other languages need."""
    if not text.strip():
        return text
    words, letters = [], 0
    for index, part in enumerate(KEPT.split(text)):
        is_kept = index % 2 == 1
        letters += 0 if is_kept else len(part.strip())
        words.append(part if is_kept else part.translate(ACCENTS))
    lead, body, tail = _edges("".join(words))
    return f"{lead}[{body}{_padding(letters)}]{tail}"


def _edges(text: str) -> tuple[str, str, str]:
    """The text without the spaces around it, which stay outside of the brackets."""
    body = text.strip()
    start = text.index(body)
    return text[:start], body, text[start + len(body) :]


def _padding(letters: int) -> str:
    """Words that can wrap, about a third of `letters` long; none for a text of placeholders alone."""
    wanted = round(letters * LONGER)
    found, number = "", 0
    while wanted and len(found) < wanted:
        found += " " + PADDING[number % len(PADDING)].translate(ACCENTS)
        number += 1
    return found


def mirrored(text: str) -> str:
    """As a whole from right to left, wherever it stands; what is filled in reads in its own direction."""
    parts = enumerate(KEPT.split(text))
    turned = "".join(_kept(part) if index % 2 == 1 else _turned(part) for index, part in parts)
    return f"{FROM_THE_RIGHT}{turned}{CLOSED}" if text.strip() else text


def _kept(part: str) -> str:
    is_filled = part[0] in "%{" and part not in ("%%", "{{", "}}")
    return f"{OF_ITS_OWN}{part}{CLOSED}" if is_filled else part


def _turned(part: str) -> str:
    lines = part.split("\n")
    return "\n".join(f"{OVERRIDE}{line}{AS_BEFORE}" if line.strip() else line for line in lines)


TURNS: dict[str, Callable[[str], str]] = {ACCENTED: accented, MIRRORED: mirrored}


def entries(locale: str, sources: Iterable[Entry]) -> list[Entry]:
    """The messages said in a pseudo-locale; what forms they have does not matter, each gets its source's."""
    turn = TURNS[locale]
    return [
        Entry(
            source.msgid,
            source.plural_id,
            source.context,
            tuple(turn(text) for text in (source.msgid, source.plural_id) if text is not None),
        )
        for source in sources
    ]


def catalog(locale: str, sources: Iterable[Entry]) -> bytes:
    """The compiled catalog (.mo) of a pseudo-locale."""
    return compiled(locale, PLURALS, entries(locale, sources))

"""Locales that nobody speaks, to find what is not translatable and what overflows. Pure.

`en-XA` writes each source text with accents, a third longer and in brackets; `ar-XB` turns it from right to
left. What a page shows without them is not translatable. Placeholders and tags stay as they are.
"""

from __future__ import annotations

import re

from babel.support import NullTranslations

from storefront.wording import Catalog

ACCENTED, MIRRORED = "en-XA", "ar-XB"
LOCALES = {ACCENTED: "ltr", MIRRORED: "rtl"}  # and how they are written

KEPT = re.compile(r"(%(?:\([^)]*\))?[-#0 +]*\d*(?:\.\d+)?[a-zA-Z%]|<[^>]*>|&#?\w+;)")
ACCENTS = str.maketrans(
    "AaBbCcDdEeFfGgHhIiJjKkLlMmNnOoPpQqRrSsTtUuVvWwXxYyZz",
    "ÅåƁƀÇçÐðÉéƑƒĜĝĤĥÎîĴĵĶķĻļṀṁÑñÖöÞþǪǫŔŕŠšŢţÛûṼṽŴŵẊẋÝýŽž",
)
LONGER = 0.3
WORD = 9  # characters of the padding to the next space
RIGHT_TO_LEFT, AS_BEFORE = "\u202e", "\u202c"
# Isolates: what stands around them does not matter.
FROM_THE_RIGHT, OF_ITS_OWN, CLOSED = "\u2067", "\u2068", "\u2069"


def accented(text: str) -> str:
    words = "".join(part if KEPT.fullmatch(part) else part.translate(ACCENTS) for part in KEPT.split(text))
    return f"[{words}{_padding(max(1, round(len(text) * LONGER)))}]"


def _padding(length: int) -> str:
    """In pieces no longer than a word: a line breaks where a real language would break it."""
    return "".join(" " if place % WORD == WORD - 1 else "~" for place in range(length))


def mirrored(text: str) -> str:
    """As a whole from right to left, wherever it stands; what is filled in reads in its own direction."""
    parts = enumerate(KEPT.split(text))
    turned = "".join(_kept(part) if index % 2 == 1 else _turned(part) for index, part in parts)
    return f"{FROM_THE_RIGHT}{turned}{CLOSED}" if text.strip() else text


def _turned(part: str) -> str:
    return f"{RIGHT_TO_LEFT}{part}{AS_BEFORE}" if part.strip() else part


def _kept(part: str) -> str:
    return f"{OF_ITS_OWN}{part}{CLOSED}" if part.startswith("%") and part != "%%" else part


def catalog(locale: str) -> Catalog:
    turned = accented if locale == ACCENTED else mirrored
    return Catalog(locale, 0, "", NullTranslations(), turned=turned)

"""Characters that nobody sees, made visible. Pure: no I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

NAMES: dict[str, tuple[str, LazyString]] = {
    "\u00a0": ("⍽", _l("no-break space")),
    "\u202f": ("⍽", _l("narrow no-break space")),
    "\u2007": ("⍽", _l("figure space")),
    "\u2009": ("⍽", _l("thin space")),
    "\u3000": ("□", _l("wide space")),
    "\u00ad": ("‐", _l("soft hyphen")),
    "\u200b": ("ZWSP", _l("zero-width space")),
    "\u200c": ("ZWNJ", _l("zero-width non-joiner")),
    "\u200d": ("ZWJ", _l("zero-width joiner")),
    "\u2060": ("WJ", _l("word joiner")),
    "\ufeff": ("BOM", _l("byte order mark")),
    "\u200e": ("LRM", _l("left-to-right mark")),
    "\u200f": ("RLM", _l("right-to-left mark")),
    "\u061c": ("ALM", _l("Arabic letter mark")),
    "\u202a": ("LRE", _l("left-to-right embedding")),
    "\u202b": ("RLE", _l("right-to-left embedding")),
    "\u202c": ("PDF", _l("end of embedding or override")),
    "\u202d": ("LRO", _l("left-to-right override")),
    "\u202e": ("RLO", _l("right-to-left override")),
    "\u2066": ("LRI", _l("left-to-right isolate")),
    "\u2067": ("RLI", _l("right-to-left isolate")),
    "\u2068": ("FSI", _l("first strong isolate")),
    "\u2069": ("PDI", _l("end of isolate")),
    "\t": ("⇥", _l("tab")),
}
SPACE = ("·", _l("space at an edge, or two in a row"))
LINE = ("↵", _l("line break"))

HIDDEN = re.compile(rf"\A +| +\Z| {{2,}}|\n|[{''.join(NAMES)}]")


@dataclass(frozen=True)
class Part:
    """A stretch of plain text, or a mark in place of what cannot be seen."""

    text: str
    name: LazyString | None = None  # None: plain text


def marked(text: str) -> list[Part]:
    found, at = [], 0
    for match in HIDDEN.finditer(text):
        if match.start() > at:
            found.append(Part(text[at : match.start()]))
        found += _marks(match[0])
        at = match.end()
    return found + ([Part(text[at:])] if at < len(text) else [])


def _marks(hidden: str) -> list[Part]:
    if hidden == "\n":
        return [Part(*LINE), Part("\n")]
    sign, name = NAMES.get(hidden, SPACE)
    return [Part(sign * len(hidden), name)]


def has_marks(text: str) -> bool:
    """Whether there is anything worth showing; a line break alone can be seen as it is."""
    return any(match[0] != "\n" for match in HIDDEN.finditer(text))

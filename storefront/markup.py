"""How a translation enters a page: filled in, escaped, and with no markup but its source's. Pure.

A translation may use the very tags that its source has (or fewer), and must close what it opens. It brings no
others, and no other attributes: an event handler or an address of its own is text that is not shown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

TAG = re.compile(r"<[a-zA-Z/!?][^>]*>?")
NAME = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)")
ENTITY = re.compile(r"&amp;(#?\w+;)")
VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
# "%(name)999999999d" would fill the memory before anybody could object.
WIDE = re.compile(r"%(?:\([^)]*\))?[-#0 +]*(?:\d{4,}|\d*\.\d{4,}|\*|\d*\.\*)")


def filled(text: str, variables: Mapping[str, Any]) -> str:
    return text % variables


def is_overlong(text: str) -> bool:
    """Whether filling it in would make it longer than any text."""
    return "%" in text and WIDE.search(text) is not None


def brings_markup(text: str, sources: tuple[str, ...]) -> bool:
    """Whether a translation has tags that its source has not, or leaves some open."""
    return "<" in text and not _is_allowed(text, sources)


@lru_cache(maxsize=2_000)
def _is_allowed(text: str, sources: tuple[str, ...]) -> bool:
    tags = Counter(TAG.findall(text))
    if not tags:
        return True  # a sign such as in "a < b"
    allowed = [Counter(TAG.findall(source)) for source in sources]
    return any(tags <= each for each in allowed) and (
        is_balanced(text) or not all(is_balanced(source) for source in sources)
    )


def is_balanced(text: str) -> bool:
    """Whether every tag that is opened is closed, in the right order."""
    opened: list[str] = []
    for closing, name in NAME.findall(text):
        name = name.lower()
        if name in VOID:
            continue
        if not closing:
            opened.append(name)
        elif not opened or opened.pop() != name:
            return False
    return not opened


@lru_cache(maxsize=4_000)
def as_html(*sources: str) -> Callable[[str], str]:
    """How a checked translation enters a page: as markup only where its source is markup."""
    if any(TAG.search(source) for source in sources):
        return Markup
    if any("&" in source for source in sources):
        return lambda text: Markup(ENTITY.sub(r"&\1", str(escape(text))))  # noqa: S704 # nosec B704 # nosemgrep: explicit-unescape-with-markup # escaped before
    return escape

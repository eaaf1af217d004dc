"""Tags and addresses: only those of the source come back. Pure: no I/O."""

from __future__ import annotations

import html
import re
from collections import Counter
from functools import lru_cache

from flask_babel import lazy_gettext as _l

from app.locales.checking.source import Form, Problems

TAG = re.compile(r"<[a-zA-Z/!?][^>]*>?")
NAME = re.compile(r"</?\s*([a-zA-Z][a-zA-Z0-9-]*)")
VOID = frozenset({"br", "hr", "img", "input", "wbr"})
SCRIPT = re.compile(r"(?:java|vb|live)script:", re.IGNORECASE)
# What browsers skip inside of a scheme.
SKIPPED = re.compile(r"[\x00-\x20\u200b-\u200f\u2060\ufeff]")
LINK = re.compile(
    r"""(?:https?|ftp)://[^\s"'<>]+|\bmailto:[^\s"'<>]+|\bdata:(?:[\w.+-]+/[\w.+-]+)?[;,][^\s"'<>]*"""
    r"""|(?:(?<=^)|(?<=[\s"'(=]))//[\w-]+\.[^\s"'<>]+""",
    re.IGNORECASE,
)
# Ends a sentence, not an address.
AFTER = ".,;:!?)]}…。、，؟،；」』》»›”’"
EVENTS = re.compile(r"\bon[a-z]{3,20}\s*=", re.IGNORECASE)


def tags(form: Form) -> Problems:
    """No tag but those of the source: a translation is no place to bring markup from."""
    if "<" not in form.text and "<" not in form.source.msgid:
        return
    known = set(_tags("".join(form.source.texts)))
    mine = _tags(form.text)
    for tag in sorted(set(mine) - known):
        yield _l("There is no %(tag)s in the source.", tag=tag[:80])
    if _open(_tags(form.model)) == Counter():
        for name in sorted(_open(mine)):
            yield _l("<%(name)s> is opened and closed differently often.", name=name)


@lru_cache(maxsize=4096)
def _tags(text: str) -> tuple[str, ...]:
    return tuple(TAG.findall(text))


def _open(found: tuple[str, ...]) -> Counter[str]:
    """Elements that are not closed as often as they are opened."""
    count: Counter[str] = Counter()
    for tag in found:
        named = NAME.match(tag)
        if named and not tag.endswith("/>") and named[1].lower() not in VOID:
            count[named[1].lower()] += -1 if tag.startswith("</") else 1
    return Counter({name: open_ for name, open_ in count.items() if open_})


def missing_tags(form: Form) -> Problems:
    """A warning: the text lacks markup that its source has."""
    if "<" not in form.source.msgid:
        return
    mine = set(_tags(form.text))
    for tag in sorted(set(_tags(form.model)) - mine):
        yield _l("%(tag)s is missing.", tag=tag[:80])


def links(form: Form) -> Problems:
    """No address but those of the source, and none that runs a script."""
    text = form.text
    if ":" not in text and "//" not in text and "&" not in text:
        return
    known = "".join(form.source.texts)
    if SCRIPT.search(_unfolded(text)) and not SCRIPT.search(_unfolded(known)):
        yield _l("An address must not run a script.")
    for link in sorted(_links(text) - _links(known)):
        yield _l("The address %(link)s is not in the source.", link=link[:80])


def _unfolded(text: str) -> str:
    return SKIPPED.sub("", html.unescape(text))


@lru_cache(maxsize=4096)
def _links(text: str) -> frozenset[str]:
    return frozenset(found.rstrip(AFTER) for found in LINK.findall(text))

"""A line on every page while the shop is in trouble, told by the flag `shop-notice`.

The flag's payload names one of the notices below, so that each shopper reads it in her language, and may
carry free words. The answer comes from memory: no page waits for it, and what was told last stays while the
control plane is away. Whatever else the payload holds is ignored.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from storefront import flags

FLAG = "shop-notice"
MOST_TEXT = 300

WORDS: dict[str, LazyString] = {
    "orders": _l("You cannot order for a moment. Your cart is kept."),
    "payments": _l("Payments take longer than usual. You are not charged twice."),
    "slow": _l("Our pages are slower than usual. We are working on it."),
    "parts": _l("Some things do not work as they should. We are working on it."),
}


@dataclass(frozen=True)
class Notice:
    words: LazyString
    text: str  # as somebody typed it; "" where nothing was added


def current() -> Notice | None:
    """The same for everybody, so that pages without a shopper (errors) tell it too."""
    return read(flags.payload(FLAG, None))


def read(payload: str | None) -> Notice | None:
    """None for nothing, and for anything that is no notice."""
    try:
        told = json.loads(payload or "null")
    except ValueError:
        return None
    words = WORDS.get(str(told.get("notice"))) if isinstance(told, dict) else None
    if words is None:
        return None
    text = told.get("text")
    return Notice(words, text[:MOST_TEXT] if isinstance(text, str) else "")

"""What somebody typed, as one line of what can be seen. Pure."""

from __future__ import annotations

import unicodedata


def tidy(text: str) -> str:
    """One line without what cannot be seen: control and direction characters would forge mails and labels."""
    seen = "".join(" " if unicodedata.category(c) == "Cc" else c for c in text if is_visible(c))
    return " ".join(seen.split())


def is_visible(character: str) -> bool:
    """Joiners stay: Arabic and Persian words are written with them."""
    return unicodedata.category(character) not in ("Cf", "Cs", "Co", "Cn") or character in "\u200c\u200d"

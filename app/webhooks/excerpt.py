"""What the log keeps of a body: its beginning, without what must not be read there. Pure."""

from __future__ import annotations

import re

LONGEST = 2_000
HIDDEN = "•••"
NAMED = re.compile(
    r'("(?:[a-z0-9_-]*(?:password|secret|token|api_?key|authorization|cvc|cvv)[a-z0-9_-]*)"\s*:\s*)"[^"]*"?',
    re.IGNORECASE,
)
SHAPED = re.compile(
    r"(?:whsec_|sk_|rk_|ghp_|glpat-|xox[a-z]-)[A-Za-z0-9+/=_-]{6,}|Bearer\s+\S+", re.IGNORECASE
)
CARD = re.compile(r"\b\d(?:[ -]?\d){12,18}\b")


def excerpt(body: bytes) -> str:
    text = body[:LONGEST].decode("utf-8", "replace").replace("\x00", "")
    text = SHAPED.sub(HIDDEN, NAMED.sub(rf'\1"{HIDDEN}"', text))
    return CARD.sub(lambda found: HIDDEN if is_card(found.group()) else found.group(), text)


def is_card(text: str) -> bool:
    """By its check digit (ISO/IEC 7812-1)."""
    digits = [int(sign) for sign in text if sign.isdigit()][::-1]
    return sum(digits[::2]) % 10 == -sum(sum(divmod(2 * one, 10)) for one in digits[1::2]) % 10

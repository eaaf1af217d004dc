"""A secret of a page, written otherwise in each answer. Pure but for the pad.

A page that is packed and repeats what somebody else had it say gives away by its length what stands elsewhere
in it twice over (BREACH, breachattack.com). What is different in every answer cannot be guessed so.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from secrets import token_bytes

MARK = "~"  # no token that is signed begins with it


def padded(secret: str) -> str:
    plain = secret.encode()
    pad = token_bytes(len(plain))
    return MARK + urlsafe_b64encode(pad + _over(plain, pad)).decode().rstrip("=")


def plain(sent: str) -> str:
    """What was padded, or what was sent where nothing was; the signature says later whether it is right."""
    if not sent.startswith(MARK):
        return sent
    text = sent.removeprefix(MARK)
    try:
        found = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        half = len(found) // 2
        return _over(found[half:], found[:half]).decode()
    except (binascii.Error, ValueError):
        return ""


def _over(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))

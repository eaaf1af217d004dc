"""Signed links by which the shop outlines a string, or previews words that shoppers do not see. Pure.

    <shop>/de/cart?outline=<token>     token = base64url("locale|what|expires") + "." + HMAC-SHA256 in hex

`what` is a message's key, `release:<number>` or `preview`; storefront/outline.py reads it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

PREVIEW = "preview"
PSEUDO_LOCALES = ("en-XA", "ar-XB")  # accented and a third longer; mirrored


def of_release(number: int) -> str:
    return f"release:{number}"


def token(secret: str, locale: str, what: str, expires_at: datetime) -> str:
    text = f"{locale}|{what}|{int(expires_at.timestamp())}".encode()
    told = base64.urlsafe_b64encode(text).rstrip(b"=").decode()
    return f"{told}.{hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()}"

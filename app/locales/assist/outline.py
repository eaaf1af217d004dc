"""Links into the shop for translators: a string outlined, or words that nobody sees yet. Pure: no I/O.

    /de/cart?outline=<token>       token = base64url("locale|what|expires") + "." + HMAC-SHA256 in hex

`what` is the key of a message, `release:<number>` or `preview`; `expires` is in unix seconds; the key of the
HMAC is OUTLINE_SECRET, which the shop has too and checks by itself.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import datetime, timedelta

ARGUMENT = "outline"
PREVIEW = "preview"
LASTS = timedelta(hours=1)
LOCALE = re.compile(r"/[a-zA-Z]{2,3}(?:-[a-zA-Z0-9]{2,8})?(?=/|$)")


def token(locale: str, what: str, secret: str, now: datetime) -> str:
    told = f"{locale}|{what}|{int((now + LASTS).timestamp())}".encode()
    signature = hmac.new(secret.encode(), told, hashlib.sha256).hexdigest()
    return f"{base64.urlsafe_b64encode(told).decode().rstrip('=')}.{signature}"


def link(
    shop_url: str, path: str, locale: str, what: str, secret: str, now: datetime, *, of: str = ""
) -> str | None:
    """The page of the shop in the locale; None where no secret is set, so that no link would work.

    `of`: the locale whose words are shown there, where that is another one, such as a pseudo-locale.
    """
    if not secret:
        return None
    signed = token(of or locale, what, secret, now)
    joint = "&" if "?" in path else "?"
    return f"{shop_url}{in_locale(path, locale)}{joint}{ARGUMENT}={signed}"


def in_locale(path: str, locale: str) -> str:
    """`/en/cart` → `/de/cart`; a path without a locale gets one."""
    found = LOCALE.match(path)
    rest = path[found.end() :] if found else path
    return f"/{locale}{rest or '/'}"

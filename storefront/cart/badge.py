"""The number in the page's head. It lives in a cookie, so that no page asks the database for it."""

from __future__ import annotations

from flask import Response, g

from storefront import cookies

COOKIE = "cart"
COOKIE_SECONDS = 400 * 86_400
MOST = 9_900  # 100 rows of 99; anything else was not set by us


def cart_count() -> int:
    """What this page just learned, else what the browser was told last."""
    known = g.get("cart_count")
    if known is not None:
        return int(known)
    text = cookies.read(COOKIE)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 and int(text) <= MOST else 0


def set_cart_count(count: int) -> None:
    g.cart_count = count


def tell(response: Response) -> Response:
    known = g.get("cart_count")
    if known is not None and str(known) != cookies.read(COOKIE):
        cookies.give(response, COOKIE, str(known), COOKIE_SECONDS)
    return response

"""What is answered where no page is asked: to what is no request, or too long a one, or by a failed worker.

gunicorn's own such pages look like nobody's and repeat what was sent.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from html import escape

from gunicorn import util

from storefront.security import BY_HTTPS, HEADERS

PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><title>{said}</title>'
    "<h1>{said}</h1><p>{why}</p>"
    '<p><a href="/">Hearth &amp; Ladle</a></p></html>\n'
)
UNREADABLE = "This was no request that can be read here. Nothing was done."
BROKEN = "Something went wrong here. Try again in a moment."


def answer(status: int, reason: str, *, is_secure: bool) -> bytes:
    """`is_secure`: people come by HTTPS alone."""
    why = UNREADABLE if status < 500 else BROKEN
    body = PAGE.format(said=escape(reason), why=why).encode()
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        "Connection": "close",
        **HEADERS,
        **(BY_HTTPS if is_secure else {}),
    }
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join((*lines, "", "")).encode("latin-1") + body


def writer(*, is_secure: bool) -> Callable[[socket.socket, int, str, str], None]:
    """In place of `gunicorn.util.write_error`, whose last argument repeats what was sent."""

    def write_error(client: socket.socket, status: int, reason: str, _sent: str) -> None:
        util.write_nonblock(client, answer(status, reason, is_secure=is_secure))

    return write_error

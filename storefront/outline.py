"""What a translator sees by a signed link: one string outlined on the page, or words that nobody sees yet.

    /de/cart?outline=<token>       token = base64url("locale|what|expires") + "." + HMAC-SHA256 in hex

`expires` is in unix seconds, the key is OUTLINE_SECRET, which the control plane has too. `what` is one of

    the key of a message (sha-256 in hex)     that string is outlined
    release:<number>                          the page in this release, such as a candidate
    preview                                   the page in that locale's words, whoever it is offered to

A locale of the token that is not the page's is previewed on this page: one that shoppers are not offered, or
a pseudo-locale, `en-XA` (accented, a third longer) or `ar-XB` (mirrored). Such a page is for this visitor
alone: never cached, never indexed, never counted.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import time
from dataclasses import dataclass

from flask import Flask, Response, current_app, g, request, url_for

from config import StorefrontConfig
from storefront import pseudo
from storefront.wording import Catalog, Snapshot, babel_code

ARGUMENT = "outline"
PREVIEW = "preview"
RELEASE = re.compile(r"release:(\d{1,9})")
KEY = re.compile(r"[0-9a-f]{64}")
LONGEST_TOKEN = 400
# They stand around the string until the page is done; no keyboard and no font has them.
BEGIN, END = "\ue0f1", "\ue0f2"
MARKED = re.compile(f"{BEGIN}([^{END}]*){END}")
PIECES = re.compile(r"<!--.*?-->|<[^>]*>|[^<]+|<", re.DOTALL)
TEXT_ALONE = re.compile(r"<(title|textarea|option|script|style)\b", re.IGNORECASE)
DIRECTION = re.compile(r'(<html\b[^>]*\bdir=")(?:ltr|rtl)(")')


@dataclass(frozen=True)
class Outline:
    """What a link grants."""

    locale: str
    what: str
    expires: int  # unix seconds

    @property
    def key(self) -> str:
        """Of the message that is outlined; empty: none."""
        return self.what if KEY.fullmatch(self.what) else ""


def install(app: Flask) -> None:
    app.before_request(_read_link)


def _read_link() -> None:
    token = request.args.get(ARGUMENT)
    config: StorefrontConfig = current_app.extensions["config"]
    if token and config.outline_secret:
        g.outlined = read(token, config.outline_secret, time.time())


def read(token: str, secret: str, now: float) -> Outline | None:
    """None: forged, broken or too old."""
    told, _, signature = token[:LONGEST_TOKEN].partition(".")
    try:
        text = base64.urlsafe_b64decode(told + "=" * (-len(told) % 4))
        locale, what, expires = text.decode().split("|")
        outline = Outline(locale, what, int(expires))
    except (ValueError, binascii.Error):
        return None
    if not hmac.compare_digest(_signed(text, secret).encode(), signature.encode("utf-8", "replace")):
        return None
    return outline if outline.expires > now else None


def _signed(text: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def previewed(outline: Outline | None, snapshot: Snapshot, code: str) -> Catalog | None:
    """The words that a link shows instead of what a shopper of this page's locale sees."""
    if outline is None:
        return None
    if outline.locale in pseudo.LOCALES:
        return pseudo.catalog(outline.locale)
    if number := RELEASE.fullmatch(outline.what):
        return snapshot.find(babel_code(outline.locale), int(number[1]))
    if babel_code(outline.locale) != code:
        return snapshot.stable.get(babel_code(outline.locale))
    return None


def marked(text: str) -> str:
    """The same kind of text, with marks around it."""
    return type(text)(BEGIN) + text + type(text)(END)


def dressed(response: Response, outline: Outline) -> Response:
    """The finished page: marks become an outline, and nobody keeps it."""
    html = response.get_data(as_text=True)
    if BEGIN in html:
        html = outlined(html)
    if outline.locale in pseudo.LOCALES:
        html = DIRECTION.sub(rf"\g<1>{pseudo.LOCALES[outline.locale]}\g<2>", html, count=1)
    response.set_data(html)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def outlined(html: str) -> str:
    """Marked text in an element of its own; where only text may stand, the tag says so."""
    done: list[str] = []
    inside = ""  # an element that holds nothing but text
    for piece in PIECES.findall(html):
        if piece.startswith("<"):
            inside = _inside(piece, inside)
            done.append(_in_tag(piece))
        else:
            done.append(_bare(piece) if inside else MARKED.sub(_element, piece))
    page = _rejoined("".join(done))
    styles = url_for("ui.static", filename="css/outline.css")
    return page.replace("</head>", f'<link rel="stylesheet" href="{styles}"></head>', 1)


def _inside(tag: str, inside: str) -> str:
    opened = TEXT_ALONE.match(tag)
    if opened:
        return opened[1].lower()
    return "" if inside and tag.lower().startswith(f"</{inside}") else inside


def _in_tag(tag: str) -> str:
    if BEGIN not in tag:
        return tag
    end = -2 if tag.endswith("/>") else -1
    return f"{_bare(tag[:end])} data-outlined{tag[end:]}"


def _bare(text: str) -> str:
    return text.replace(BEGIN, "").replace(END, "")


def _element(found: re.Match[str]) -> str:
    return f'<mark class="outlined" data-outlined>{found[1]}</mark>'


def _rejoined(page: str) -> str:
    """A string with tags of its own was cut into pieces: its marks are still there, each for itself."""
    return page.replace(BEGIN, '<mark class="outlined" data-outlined>').replace(END, "</mark>")

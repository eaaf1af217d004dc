"""What SDKs send, read within bounds: so many bytes, also after unzipping, and no deep nesting."""

from __future__ import annotations

import json
import zlib

from flask import request
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import RequestEntityTooLarge

from app.errors import Refused

MAX_BODY_BYTES = 2_000_000
GZIP = zlib.MAX_WBITS | 16


def json_body() -> object:
    """Raises `Refused` for what is no JSON, 413 for what is too large."""
    request.max_content_length = MAX_BODY_BYTES
    raw = request.get_data()
    if request.headers.get("Content-Encoding", "identity").lower() in ("gzip", "x-gzip"):
        raw = unzipped(raw)
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise Refused(_l("The body is not JSON.")) from None


def unzipped(raw: bytes) -> bytes:
    """At most MAX_BODY_BYTES of it, however much there would be."""
    try:
        engine = zlib.decompressobj(GZIP)
        found = engine.decompress(raw, MAX_BODY_BYTES + 1)
    except zlib.error:
        raise Refused(_l("The body is not gzip.")) from None
    if len(found) > MAX_BODY_BYTES:
        raise RequestEntityTooLarge
    return found

"""One key, one order: reading the key and telling whether the same form came again. Pure."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterable

from flask_babel import lazy_gettext as _l

from storefront.errors import Refused

LONGEST = 255
KEEP_HOURS = 24
PRINTABLE = re.compile(r"[\x21-\x7e]+(?: [\x21-\x7e]+)*")
# The security code may not be kept in any form, and the form's token differs from page to page.
LEFT_OUT = frozenset({"csrf_token", "idempotency_key", "card_cvc"})


def read_key(header: str | None, field: str | None) -> str | None:
    """The header wins over the hidden field. None: nobody asked for the promise."""
    key = header if header is not None else field
    if not key:
        return None
    if len(key) > LONGEST or not PRINTABLE.fullmatch(key):
        raise Refused(_l("The idempotency key must be 1 to %(most)s visible ASCII characters", most=LONGEST))
    return key


def fingerprint(fields: Iterable[tuple[str, str]], secret: str) -> str:
    """A keyed hash of what was sent: without the secret nobody can try card numbers against it."""
    told = sorted((name, value) for name, value in fields if name not in LEFT_OUT)
    return hmac.new(secret.encode(), json.dumps(told).encode(), hashlib.sha256).hexdigest()

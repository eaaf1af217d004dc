"""What the trail keeps of a changed thing: plain values, without its secrets. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from math import isfinite
from typing import Any

from app.audit.seals import stored_float

HIDDEN = "•••"

# Values under names with these words in them are never kept, only that there was one.
SECRET = frozenset(
    {
        *("password", "passwd", "passphrase", "pin", "otp", "totp", "seed", "recovery"),
        *("secret", "secrets", "token", "tokens", "hash", "credential", "credentials"),
        *("authorization", "cookie", "cookies"),
        *("card", "cvc", "cvv", "iban", "pan"),
    }
)
# Two words that are a secret only together.
SECRET_PAIRS = frozenset(
    (first, second)
    for first, second in (
        *((kind, "key") for kind in ("api", "private", "access", "signing", "encryption", "secret")),
        ("recovery", "codes"),
        ("backup", "codes"),
        ("bearer", "auth"),
        ("session", "id"),
    )
)
GLUED = ("apikey", "apitoken", "privatekey", "accesskey", "sessionid", "secretkey")
# What says how many or until when, and nothing of the secret itself.
HARMLESS = frozenset(("count", "at", "until", "days", "hint", "kind", "name", "names", "expires"))
WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def kept(values: Mapping[str, Any]) -> dict[str, Any]:
    return {clean(str(name)): _hidden(str(name), value) for name, value in values.items()}


def _hidden(name: str, value: Any) -> Any:
    """Whether there is one, and how many there are, is no secret."""
    says_little = value is None or isinstance(value, bool) or (isinstance(value, int) and name.endswith("s"))
    return HIDDEN if is_secret(name) and not says_little else _value(value)


def is_secret(name: str) -> bool:
    """By its words, however they are joined: api_key, X-Api-Key, apiKey."""
    words = [word.lower() for word in WORDS.findall(name)]
    if not words or (len(words) > 1 and words[-1] in HARMLESS):
        return False
    pairs = pairwise(words)
    return (
        any(word in SECRET for word in words)
        or any(pair in SECRET_PAIRS for pair in pairs)
        or any(word in GLUED for word in words)
    )


def clean(text: str) -> str:
    """Without what PostgreSQL's texts cannot hold."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _value(value: Any) -> Any:
    """What JSON can hold; other things as their text."""
    match value:
        case float():
            return stored_float(value) if isfinite(value) else str(value)
        case None | bool() | int():
            return value
        case str():
            return clean(value)
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case Mapping():
            return _mapping(value)
        case list() | tuple():
            return [_value(item) for item in value]
        case set() | frozenset():
            return sorted((_value(item) for item in value), key=str)
        case _:
            return clean(str(value))


def _mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    """A header or setting that is told as name and value is as secret as one under its own name."""
    found = kept({str(name): item for name, item in value.items()})
    named = next(
        (str(value[key]) for key in ("name", "key", "header") if isinstance(value.get(key), str)), ""
    )
    if named and "value" in found and is_secret(named):
        found["value"] = HIDDEN
    return found

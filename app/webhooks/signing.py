"""Signatures as Standard Webhooks have them (standardwebhooks.com, version 1). Pure.

`webhook-signature` is one or more `v1,<base64 HMAC-SHA256 of "id.timestamp.body">` with blanks between; while
a secret is being changed both sign. A secret is `whsec_` and base64 of its bytes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence

PREFIX = "whsec_"
SECRET_BYTES = 32
TOLERANCE_SECONDS = 300


class NotProven(Exception):
    """No good signature. The message says what is wrong, and nothing of the secret."""


class TooOld(NotProven):
    """Signed well, at another time: somebody kept it and sends it again, or a clock is wrong."""


def make_secret(random_bytes: bytes) -> str:
    return PREFIX + base64.b64encode(random_bytes).decode()


def key_of(secret: str) -> bytes:
    """Raises `ValueError` where it is none."""
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("no such secret") from error


def headers(secrets: Sequence[str], message: str, at: int, body: bytes) -> dict[str, str]:
    """`at`: Unix time in seconds."""
    signed = f"{message}.{at}.".encode() + body
    signatures = " ".join(f"v1,{_mac(key_of(secret), signed)}" for secret in secrets)
    return {"webhook-id": message, "webhook-timestamp": str(at), "webhook-signature": signatures}


def _mac(key: bytes, signed: bytes) -> str:
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def prove(secret: str, sent: Mapping[str, str], body: bytes, now: int) -> str:
    """The message's id. Raises `NotProven`."""
    message, at = sent.get("webhook-id", ""), sent.get("webhook-timestamp", "")
    if not message or len(message) > 200 or not (at.isascii() and at.isdigit() and len(at) < 13):
        raise NotProven("webhook-id or webhook-timestamp is missing")
    wanted = _mac(key_of(secret), f"{message}.{at}.".encode() + body)
    given = [part.removeprefix("v1,") for part in sent.get("webhook-signature", "").split(" ")[:20]]
    if not any(same(wanted, one) for one in given):
        raise NotProven("no signature matches")
    check_age(int(at), now)
    return message


def prove_hex(secret: str, signature: str, signed: bytes) -> None:
    """HMAC-SHA256 in hex, as GitHub and Stripe send it. Raises `NotProven`."""
    if not same(hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest(), signature):
        raise NotProven("no signature matches")


def prove_stripe(secret: str, header: str, body: bytes, now: int) -> None:
    """`Stripe-Signature: t=<Unix time>,v1=<hex>[,v1=…]` over "t.body". Raises `NotProven`."""
    parts = [part.strip().partition("=") for part in header.split(",")[:20]]
    at = next((value for name, _, value in parts if name == "t"), "")
    if not (at.isascii() and at.isdigit() and len(at) < 13):
        raise NotProven("Stripe-Signature has no time")
    wanted = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    if not any(name == "v1" and same(wanted, value) for name, _, value in parts):
        raise NotProven("no signature matches")
    check_age(int(at), now)


def check_age(at: int, now: int) -> None:
    if abs(now - at) > TOLERANCE_SECONDS:
        raise TooOld(f"it was signed {abs(now - at)} s {'ago' if at < now else 'ahead of our clock'}")


def same(wanted: str, given: str) -> bool:
    """In the same time wherever they differ."""
    return hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace"))

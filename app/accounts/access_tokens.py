"""What an access token says, and whether it may be believed (RFC 7519, 8725, 9068). Touches no database.

One algorithm, named by us and never by the token; a key that we have published; our issuer, our audience,
and times that fit. Every other token is nobody's.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

ALGORITHM = "EdDSA"
TYPE = "at+jwt"
AUDIENCE = "backroom-api"
LASTS = timedelta(minutes=10)
LEEWAY = timedelta(seconds=30)
LONGEST = 2_000  # characters; ours have some 400
SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
KID = re.compile(r"[A-Za-z0-9_-]{1,50}")
NUMBER = re.compile(r"[1-9][0-9]{0,17}")
NEEDED = ("iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp")


@dataclass(frozen=True)
class Claimed:
    """What a token says of itself, believed by nobody yet."""

    kid: str
    person_id: int
    session_id: int


def looks_like_one(secret: str) -> bool:
    """Three parts and no colon, which every token of an SDK has."""
    return len(secret) <= LONGEST and SHAPE.fullmatch(secret) is not None


def new_key() -> tuple[str, str, str]:
    """kid, public and private part."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    raw = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    return secrets.token_urlsafe(9), _text(public), _text(raw)


def jwk(kid: str, public_key: str) -> dict[str, str]:
    return {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": ALGORITHM, "kid": kid, "x": public_key}


def issue(kid: str, private_key: str, issuer: str, person_id: int, session_id: int, now: datetime) -> str:
    at = int(now.timestamp())
    claims = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": str(person_id),
        "sid": str(session_id),
        "jti": secrets.token_urlsafe(12),
        "iat": at,
        "nbf": at,
        "exp": at + int(LASTS.total_seconds()),
    }
    key = Ed25519PrivateKey.from_private_bytes(_bytes(private_key))
    return jwt.encode(claims, key, algorithm=ALGORITHM, headers={"kid": kid, "typ": TYPE})


def claimed(token: str) -> Claimed | None:
    """Whom and which key to look up. None: it is none of ours, whatever they say."""
    try:
        header, claims = (json.loads(_bytes(part)) for part in token.split(".")[:2])
    except (ValueError, RecursionError):
        return None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        return None
    if set(header) != {"alg", "kid", "typ"} or (header["alg"], header["typ"]) != (ALGORITHM, TYPE):
        return None
    kid, person_id, session_id = header["kid"], claims.get("sub"), claims.get("sid")
    if not _fits(KID, kid) or not _fits(NUMBER, person_id) or not _fits(NUMBER, session_id):
        return None
    return Claimed(str(kid), int(str(person_id)), int(str(session_id)))


def is_true(token: str, public_key: str, issuer: str, now: datetime) -> bool:
    """Whether the key signed it, for us, and it is neither over nor yet to come."""
    key = Ed25519PublicKey.from_public_bytes(_bytes(public_key))
    # Times are compared below with the clock that is passed in.
    unchecked = {"require": list(NEEDED), "verify_exp": False, "verify_nbf": False, "verify_iat": False}
    try:
        claims = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=issuer,
            options=unchecked,  # type: ignore[arg-type]
        )
    except jwt.PyJWTError:
        return False
    times = [claims[name] for name in ("iat", "nbf", "exp")]
    if not all(type(at) is int for at in times) or not isinstance(claims["aud"], str):
        return False
    iat, nbf, exp = times
    at, leeway = now.timestamp(), LEEWAY.total_seconds()
    if exp - iat != LASTS.total_seconds():
        return False
    return bool(max(nbf, iat) <= at + leeway and at < exp + leeway)


def _fits(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

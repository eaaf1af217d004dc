"""Passwords, cookies and tokens: what they look like and how they are kept. Touches no database."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

# OWASP's smallest recommendation for argon2id: about 20 ms, and 19 MiB per sign-in under way.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# What an unknown person's password is compared with, so that the answer takes as long as for a known one.
NOBODY = HASHER.hash(secrets.token_urlsafe(16))

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
LONGEST_EMAIL = 254
EMAIL = re.compile(r"[^\s@<>\"\x00-\x1f]+@[^\s@<>\"\x00-\x1f]+\.[^\s@<>\"\x00-\x1f]{2,}")
PROJECT = re.compile(r"[A-Za-z0-9._~-]{1,100}")
ENVIRONMENT = re.compile(r"[a-z][a-z0-9-]{0,49}")


def clean_email(text: str) -> str:
    return text.strip().lower()


def wrong_email(email: str) -> LazyString | None:
    if len(email) > LONGEST_EMAIL or not EMAIL.fullmatch(email):
        return _l("Enter an e-mail address such as ada@example.org.")
    return None


def wrong_password(password: str, email: str) -> LazyString | None:
    if len(password) < SHORTEST_PASSWORD:
        return _l("Choose a password of 12 characters or more.")
    if len(password) > LONGEST_PASSWORD:
        return _l("Choose a password of at most 200 characters.")
    if password.lower() == email:
        return _l("Choose a password that is not the e-mail address.")
    return None


def new_password() -> str:
    """Four groups that can be read out on the telephone: 80 random bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


def hash_password(password: str) -> str:
    return HASHER.hash(password)


def fits(password: str, kept: str | None) -> bool:
    """Whether the password is the kept one. Takes the same time where there is none."""
    try:
        return HASHER.verify(kept or NOBODY, password[: LONGEST_PASSWORD + 1]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def new_cookie() -> str:
    return secrets.token_urlsafe(32)


def new_token(kind: str, environment: str, projects: Sequence[str] = ()) -> str:
    """SDK tokens are written as Unleash writes them: project (all: *, several: []), environment, secret."""
    random = secrets.token_hex(32)
    if kind == "api":
        return f"backroom_{random}"
    scope = "*" if not projects else projects[0] if len(projects) == 1 else "[]"
    return f"{scope}:{environment}.{random}"


def fingerprint(secret: str) -> str:
    """How cookies and tokens are kept: they are random enough that a plain hash cannot be guessed back."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def hint_of(token: str) -> str:
    """Enough to recognise a token in the list, too little to use it."""
    head, dot, random = token.partition(".")
    return f"{head}.{random[:4]}…" if dot else f"{token[:13]}…"

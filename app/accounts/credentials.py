"""Passwords, cookies and tokens: what they look like and how they are kept. Touches no database."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Sequence

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from app.accounts.passwords import LONGEST_PASSWORD, normal, wrong_password

# For whoever asks for all that a person signs in with in one place.
__all__ = ["wrong_password"]

# OWASP's smallest recommendation for argon2id: about 20 ms, and 19 MiB per sign-in under way.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# What an unknown person's password is compared with, so that the answer takes as long as for a known one.
NOBODY = HASHER.hash(secrets.token_urlsafe(16))

LONGEST_EMAIL = 254
LONGEST_NAME = 100
# Signs that turn the reading direction around: a name could look like another's.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
EMAIL = re.compile(r"[^\s@<>\"\x00-\x1f]+@[^\s@<>\"\x00-\x1f]+\.[^\s@<>\"\x00-\x1f]{2,}")
PROJECT = re.compile(r"[A-Za-z0-9._~-]{1,100}")
ENVIRONMENT = re.compile(r"[a-z][a-z0-9-]{0,49}")


def clean_email(text: str) -> str:
    """How an address is compared and counted, however it is typed."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode().strip().lower()


def clean_name(text: str) -> str:
    """One line, without what cannot be seen or turns the line around."""
    plain = " ".join(text.encode("utf-8", "replace").decode().split())
    return "".join(sign for sign in plain if unicodedata.category(sign) != "Cc" and sign not in TURNING)


def wrong_name(name: str) -> LazyString | None:
    return _l("Use at most 100 characters.") if len(name) > LONGEST_NAME else None


def wrong_email(email: str) -> LazyString | None:
    if len(email) > LONGEST_EMAIL or not EMAIL.fullmatch(email):
        return _l("Enter an e-mail address such as ada@example.org.")
    return None


def new_password() -> str:
    """Seven groups that can be read out on the telephone: 138 random bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(7))


def hash_password(password: str) -> str:
    return HASHER.hash(normal(password))


def fits(password: str, kept: str | None) -> bool:
    """Whether the password is the kept one. Takes the same time where there is none."""
    try:
        # What is too long to be anybody's is compared all the same, but not at any length.
        return HASHER.verify(kept or NOBODY, normal(password[: LONGEST_PASSWORD * 4])) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether it was hashed with other parameters than are used now."""
    return HASHER.check_needs_rehash(kept)


def new_cookie() -> str:
    return secrets.token_urlsafe(32)


def new_link() -> str:
    """What stands at the end of a link that works once; masked in logs and traces by its first letters."""
    return f"backroom_link_{secrets.token_urlsafe(32)}"


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

"""Secrets at rest: sealed with the first of ENCRYPTION_KEYS, opened with whichever of them sealed it.

A sealed text is `v1.<key>.<nonce and ciphertext>`: AES-256-GCM (NIST SP 800-38D) under a key that HKDF-SHA256
(RFC 5869) makes of the setting. The place that a secret belongs to is authenticated with it, so that a
row copied into another table does not open there. To change keys: put the new one first, start, run
`backroom secrets rotate`, then leave the old one out.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Any, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

VERSION = "v1"
NONCE_BYTES, KEY_BYTES = 12, 32


class Unsealable(Exception):
    """Sealed with a key that is not among ENCRYPTION_KEYS, or altered since. The message says which."""


class Vault:
    """The keys of one installation: the first seals and signs, all of them open and prove."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ValueError("a vault needs a key")
        self._keys = {key_name(key): key for key in keys}
        self.current = key_name(keys[0])

    def seal(self, text: str, place: str) -> str:
        """`place` names where the secret is kept, such as "webhooks.secret"; `open` needs the same."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        cipher = AESGCM(self.key(self.current, "seal"))
        closed = cipher.encrypt(nonce, text.encode(), place.encode())
        return f"{VERSION}.{self.current}.{base64.urlsafe_b64encode(nonce + closed).decode()}"

    def open(self, sealed: str, place: str) -> str:
        """Raises `Unsealable`; the message holds nothing of the secret."""
        version, _, rest = sealed.partition(".")
        name, _, body = rest.partition(".")
        if version != VERSION or name not in self._keys:
            raise Unsealable(f"{place} was sealed with the key {name!r}, which is not in ENCRYPTION_KEYS")
        try:
            raw = base64.urlsafe_b64decode(body)
            return (
                AESGCM(self.key(name, "seal"))
                .decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], place.encode())
                .decode()
            )
        except (InvalidTag, ValueError) as error:
            raise Unsealable(f"{place} was altered since it was sealed") from error

    @property
    def prefix(self) -> str:
        """How everything begins that the first key sealed."""
        return f"{VERSION}.{self.current}."

    def is_current(self, sealed: str) -> bool:
        """Whether it needs no new seal: the first key made it."""
        return sealed.startswith(self.prefix)

    def knows(self, name: str) -> bool:
        return name in self._keys

    def sign(self, purpose: str, data: bytes) -> str:
        """`<key>.<HMAC-SHA256 in hex>`; nobody without the key can make it, not even with the database."""
        return f"{self.current}.{self._mac(self.current, purpose, data)}"

    def proves(self, signature: str, purpose: str, data: bytes) -> bool:
        name, _, mac = signature.partition(".")
        return name in self._keys and hmac.compare_digest(self._mac(name, purpose, data), mac)

    def key(self, name: str, purpose: str) -> bytes:
        """32 bytes for one purpose: what signs never seals."""
        derive = HKDF(SHA256(), KEY_BYTES, salt=None, info=f"backroom {purpose}".encode())
        return derive.derive(self._keys[name].encode())

    def _mac(self, name: str, purpose: str, data: bytes) -> str:
        return hmac.new(self.key(name, f"sign {purpose}"), data, hashlib.sha256).hexdigest()


def key_name(key: str) -> str:
    """Eight signs that tell keys apart and say nothing of them."""
    return hashlib.sha256(b"backroom key name " + key.encode()).hexdigest()[:8]


class _Held:
    vault: Vault | None = None


def use(vault: Vault) -> None:
    """Once a process, like logging: columns of the type `Sealed` have nobody else to ask."""
    _Held.vault = vault


def held() -> Vault:
    if _Held.vault is None:
        raise RuntimeError("vault.use() comes before the first secret")
    return _Held.vault


class Unreadable:
    """In place of a text that does not open: `Unsealable` for whoever uses it, nothing for who reads its row.

    So a key that was lost stops what it sealed, and nothing else.
    """

    def __init__(self, why: Unsealable) -> None:
        self._why = str(why)

    def __str__(self) -> str:
        raise Unsealable(self._why)

    def __bool__(self) -> bool:
        raise Unsealable(self._why)

    def __getattr__(self, name: str) -> Any:
        raise Unsealable(self._why)


def is_readable(value: object) -> bool:
    return not isinstance(value, Unreadable)


class Sealed(TypeDecorator[str]):
    """A column of text that is plain in Python and sealed in the database. `place`: "<table>.<column>".

    What does not open is an `Unreadable`.
    """

    impl = Text
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else held().seal(value, self.place)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        try:
            return held().open(value, self.place)
        except Unsealable as error:
            return cast(str, Unreadable(error))

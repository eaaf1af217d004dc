"""Sealing what has no end in sight: pieces of one size, in their order, with a mark on the last. Pure.

The construction is STREAM of Hoang, Reyhanitabar, Rogaway and Vizár, "Online Authenticated-Encryption and its
Nonce-Reuse Misuse-Resistance" (CRYPTO 2015), over AES-256-GCM: the nonce of a piece is its number (11 bytes,
big-endian) and a last byte that is 1 for the last piece alone. The key serves one file only, so numbers may
begin at 0. A piece that is changed, missing, moved or cut off does not open, whichever it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.errors import Refused

PIECE_BYTES = 1 << 20
TAG_BYTES = 16
KEY_BYTES = 32

Read = Callable[[int], bytes]  # like `read` of a file: fewer bytes only at the end


def key_of_file(key: bytes, salt: bytes) -> bytes:
    """HKDF-SHA256 (RFC 5869): 32 bytes that no other file has."""
    return HKDF(SHA256(), KEY_BYTES, salt=salt, info=b"backroom backup file").derive(key)


def seal(pieces: Iterable[bytes], key: bytes, header: bytes) -> Iterator[bytes]:
    """Sealed pieces of whatever pieces come. `header` is authenticated with each."""
    cipher, number, held = AESGCM(key), 0, None
    for piece in of_one_size(pieces):
        if held is not None:
            yield cipher.encrypt(_nonce(number, is_last=False), held, header)
            number += 1
        held = piece
    yield cipher.encrypt(_nonce(number, is_last=True), held or b"", header)


def open_all(read: Read, key: bytes, header: bytes) -> Iterator[bytes]:
    """The pieces that were sealed. Raises `Refused` at the first that is not as it was."""
    cipher, number, size = AESGCM(key), 0, PIECE_BYTES + TAG_BYTES
    piece = read(size)
    while True:
        after = read(size) if len(piece) == size else b""
        try:
            yield cipher.decrypt(_nonce(number, is_last=not after), piece, header)
        except (InvalidTag, ValueError) as error:
            raise Refused(f"the backup is damaged or cut off in its piece {number + 1}") from error
        if not after:
            return
        number, piece = number + 1, after


def of_one_size(pieces: Iterable[bytes], size: int = PIECE_BYTES) -> Iterator[bytes]:
    """The same bytes in pieces of `size`, the last one shorter."""
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= size:
            yield bytes(held[:size])
            del held[:size]
    if held:
        yield bytes(held)


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])

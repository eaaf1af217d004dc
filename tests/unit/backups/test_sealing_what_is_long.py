from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.backups import stream
from app.backups.stream import PIECE_BYTES, TAG_BYTES
from app.errors import Refused

KEY = stream.key_of_file(b"k" * 32, b"salt")
HEAD = b"what it is"


def sealed(plain: bytes) -> bytes:
    return b"".join(stream.seal([plain], KEY, HEAD))


def opened(raw: bytes, key: bytes = KEY, head: bytes = HEAD) -> bytes:
    return b"".join(stream.open_all(io.BytesIO(raw).read, key, head))


LONG = bytes(range(256)) * (PIECE_BYTES // 256) * 2 + b"tail"


@pytest.mark.parametrize(
    "size", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 2 * PIECE_BYTES, 2 * PIECE_BYTES + 5]
)
def test_what_is_sealed_opens_whatever_its_length(size):
    assert opened(sealed(b"x" * size)) == b"x" * size


@given(st.lists(st.binary(max_size=50), max_size=20), st.integers(1, 40))
def test_pieces_of_one_size_are_the_same_bytes(pieces, size):
    found = list(stream.of_one_size(pieces, size))
    assert b"".join(found) == b"".join(pieces)
    assert all(len(piece) == size for piece in found[:-1])


@given(st.integers(0, len(LONG) + 3 * TAG_BYTES - 1), st.integers(1, 255))
def test_one_changed_bit_anywhere_shows(position, mask):
    raw = bytearray(SEALED)
    raw[position] ^= mask
    with pytest.raises(Refused):
        opened(bytes(raw))


@pytest.mark.parametrize("left", [0, 1, TAG_BYTES, PIECE_BYTES + TAG_BYTES, 2 * (PIECE_BYTES + TAG_BYTES)])
def test_cut_off_anywhere_it_does_not_open(left):
    with pytest.raises(Refused):
        opened(SEALED[:left])


def test_pieces_in_another_order_or_twice_do_not_open():
    size = PIECE_BYTES + TAG_BYTES
    first, second, last = SEALED[:size], SEALED[size : 2 * size], SEALED[2 * size :]
    for wrong in (second + first + last, first + first + last, first + last, first + second + last + last):
        with pytest.raises(Refused):
            opened(wrong)


def test_another_key_or_another_header_does_not_open_it():
    with pytest.raises(Refused):
        opened(SEALED, key=stream.key_of_file(b"k" * 32, b"pepper"))
    with pytest.raises(Refused):
        opened(SEALED, head=b"something else")


SEALED = sealed(LONG)

"""The hash by which SDKs draw lots: everybody's number stays the same. Pure: no I/O, no clock.

MurmurHash3, x86, 32 bits, by Austin Appleby (public domain); the number of somebody in a group is the hash
of "group:identifier" modulo the size, plus one.
"""

from __future__ import annotations

C1, C2 = 0xCC9E2D51, 0x1B873593
MASK = 0xFFFFFFFF
VARIANT_SEED = 86_028_157  # variants are drawn apart from percentages


def bucket(group: str, identifier: str, size: int, seed: int = 0) -> int:
    """The number of somebody, from 1 to `size`."""
    return murmur3_32(f"{group}:{identifier}".encode(), seed) % size + 1


def murmur3_32(data: bytes, seed: int = 0) -> int:
    hashed = seed
    whole = len(data) & ~3
    for start in range(0, whole, 4):
        hashed ^= _scrambled(int.from_bytes(data[start : start + 4], "little"))
        hashed = (_rotated(hashed, 13) * 5 + 0xE6546B64) & MASK
    if data[whole:]:
        hashed ^= _scrambled(int.from_bytes(data[whole:], "little"))
    return _finished(hashed ^ len(data))


def _scrambled(block: int) -> int:
    return _rotated(block * C1 & MASK, 15) * C2 & MASK


def _rotated(value: int, bits: int) -> int:
    return (value << bits | value >> 32 - bits) & MASK


def _finished(hashed: int) -> int:
    hashed ^= hashed >> 16
    hashed = hashed * 0x85EBCA6B & MASK
    hashed ^= hashed >> 13
    hashed = hashed * 0xC2B2AE35 & MASK
    return hashed ^ hashed >> 16

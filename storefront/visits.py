"""How often one visit may count: a browser that fails again and again is one unlucky visit, not ten."""

from __future__ import annotations

from mmap import mmap
from zlib import crc32

SLOTS = 2**18  # one megabyte; two visits of one slot count as one, on whatever side they are


class Allowance:
    """Each key once within one span of time, in all processes that are forked after this was made.

    Spans follow each other and share nothing. What is kept is the span in which a slot was last taken.
    """

    def __init__(self, span_seconds: float) -> None:
        self._span_seconds = span_seconds
        self._taken_in = memoryview(mmap(-1, 4 * SLOTS)).cast("I")

    def take(self, key: str, seconds: float) -> bool:
        """Whether `key` may count at this moment of a clock that all processes share."""
        span = int(seconds // self._span_seconds) + 1  # 0: never taken
        slot = crc32(key.encode()) % SLOTS
        if self._taken_in[slot] == span:
            return False
        self._taken_in[slot] = span
        return True

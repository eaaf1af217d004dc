"""How often one visit may count: a browser that fails again and again is one unlucky visit, not ten."""

from __future__ import annotations

import threading
from collections import Counter


class Allowance:
    """At most `most` of each key within one span of time; spans follow each other and share nothing."""

    def __init__(self, most: int, span_seconds: float) -> None:
        self._most, self._span_seconds = most, span_seconds
        self._taken: Counter[object] = Counter()
        self._span = 0
        self._lock = threading.Lock()

    def take(self, key: object, seconds: float) -> bool:
        """Whether `key` may count once more at this moment of a clock that only goes forward."""
        span = int(seconds // self._span_seconds)
        with self._lock:
            if span != self._span:
                self._span = span
                self._taken.clear()
            if self._taken[key] >= self._most:
                return False
            self._taken[key] += 1
            return True

"""How long a translation may be: by a comment of the programmer, else by its source. Pure: no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

LIMIT = re.compile(r"\bmax(?:imum|[-_ ]?length)?\s*[:=]\s*(\d{1,5})\b", re.IGNORECASE)

# Up to so many characters of source, a translation grows to so many times its length: short words most.
GROWTH: tuple[tuple[float, float], ...] = (
    (10, 3.0),
    (20, 2.0),
    (30, 1.8),
    (50, 1.6),
    (70, 1.5),
    (float("inf"), 1.3),
)
NEAR = 0.9  # of a limit: worth a look


@dataclass(frozen=True)
class Meter:
    length: int
    most: int
    is_limit: bool  # said by the programmer; else only what is usual

    @property
    def look(self) -> str:
        """A state of app/ui/states.py."""
        if self.length > self.most:
            return "failed" if self.is_limit else "risk"
        return "risk" if self.is_limit and self.length > self.most * NEAR else "ok"

    @property
    def share(self) -> float:
        return min(1.0, self.length / self.most) if self.most else 1.0


def limit_of(comments: Iterable[str]) -> int | None:
    """`max: 20` in a comment."""
    found = (LIMIT.search(comment) for comment in comments)
    return next((int(match[1]) for match in found if match), None)


def meter(text: str, source: str, limit: int | None) -> Meter:
    if limit is not None:
        return Meter(len(text), limit, is_limit=True)
    growth = next(factor for most, factor in GROWTH if len(source) <= most)
    return Meter(len(text), max(1, round(len(source) * growth)), is_limit=False)

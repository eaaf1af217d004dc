"""How many shoppers a percentage is. Pure: no I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

FRESH = timedelta(minutes=10)


@dataclass(frozen=True)
class Audience:
    """The shoppers of one hour, counted at a moment."""

    shoppers: int
    at: datetime

    def is_fresh(self, now: datetime) -> bool:
        return now - self.at <= FRESH

    def reached(self, percent: int | None) -> int | None:
        """About how many of them get the flag; None where no percentage says it."""
        return None if percent is None else round(self.shoppers * percent / 100)

"""Whether it pays: effect × margin − marginal cost, with its interval. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.experiments.stats import Comparison

Line = Literal["ship", "kill", "open"]


@dataclass(frozen=True)
class Gain:
    """What one more shopper with the variant brings, in cents, with its interval."""

    cents: float
    low: float
    high: float

    @property
    def line(self) -> Line:
        """ship: all of the interval above 0; kill: all of it below."""
        if self.low > 0:
            return "ship"
        return "kill" if self.high < 0 else "open"


def gain(revenue: Comparison, margin: float, exposure_cents: float) -> Gain | None:
    """`revenue`: absolute difference of revenue per shopper, in cents; `margin`: share of it that is kept.

    None while the difference is unknown.
    """
    if revenue.effect is None or revenue.ci is None:
        return None
    cents, low, high = (value * margin - exposure_cents for value in (revenue.effect, *revenue.ci))
    return Gain(cents, low, high)

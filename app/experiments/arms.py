"""What each variant's shoppers did, and what may be said of it. Pure: no I/O, no clock.

An arm is the shoppers who met one variant. Nothing here is a verdict: intervals that may be read every day
are not computed yet, so the difference is shown as what it is, a difference of two shares.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

CONTROL = "off"
TREATED = "on"
MISMATCH_THRESHOLD = 0.001  # below this, chance does not explain the split


@dataclass(frozen=True)
class Arm:
    variant: str
    exposures: int  # different shoppers who met the variant
    converted: int  # of those, who placed an order afterwards

    @property
    def conversion(self) -> float | None:
        """Share of the exposed who bought; None while nobody was exposed."""
        return self.converted / self.exposures if self.exposures else None


def control_of(arms: Sequence[Arm]) -> Arm | None:
    """Those who did not get the feature; where all got a variant, the first by name."""
    named = sorted(arms, key=lambda arm: arm.variant)
    return next((arm for arm in named if arm.variant == CONTROL), named[0] if len(named) > 1 else None)


def difference(arm: Arm, control: Arm | None) -> float | None:
    """Conversion of the arm less that of the control, as a ratio; None where either is unknown."""
    if control is None or arm == control or arm.conversion is None or control.conversion is None:
        return None
    return arm.conversion - control.conversion


def split_p(arms: Sequence[Arm], share: float | None) -> float | None:
    """How likely chance alone splits shoppers this far from the configured share (chi-square, 1 degree).

    None: nothing to check, because there are not the two arms on and off, nobody was exposed, or the share
    is unknown, 0 or 1.
    """
    counts = {arm.variant: arm.exposures for arm in arms}
    total = sum(counts.values())
    if set(counts) != {CONTROL, TREATED} or not total or share is None or not 0 < share < 1:
        return None
    expected = total * share
    distance = counts[TREATED] - expected
    return math.erfc(math.sqrt(distance**2 / (2 * total * share * (1 - share))))


def is_mismatch(p: float | None) -> bool:
    """The two groups were not drawn as configured: no comparison of them means anything."""
    return p is not None and p < MISMATCH_THRESHOLD

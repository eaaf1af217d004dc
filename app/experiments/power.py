"""How many shoppers an answer takes. Pure.

Planned for the interval that is shown: an always-valid one is wider than a fixed one, and so needs more.
A shopper is one of control or treatment; `Arms` says how they are split. None where there is nothing to plan:
no effect, no variance, a control of 0, or a share of 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import ndtr, ndtri

from app.experiments.moments import Sample, Statistic
from app.experiments.stats import ALPHA, TUNING, Test, always_valid_half_width

POWER = 0.8
MOST_SHOPPERS = 1e15  # beyond this nobody waits


@dataclass(frozen=True)
class Arms:
    """What one shopper of each side is like, and the share of each side among both."""

    mean: float  # of the control
    control_variance: float
    treatment_variance: float
    control_share: float = 0.5

    def error(self, n: float) -> float:
        """Standard error of the absolute effect with n shoppers on both sides together."""
        control, treatment = self.control_share, 1 - self.control_share
        return math.sqrt((self.control_variance / control + self.treatment_variance / treatment) / n)


def arms_of(control: Statistic, relative_effect: float, control_share: float = 0.5) -> Arms | None:
    """As they will be if the effect is there: a share's variance moves with it, other variances stay."""
    try:
        treated = control.variance
    except (OverflowError, ZeroDivisionError):
        return None
    if isinstance(control, Sample) and control.squares is None:
        share = control.mean * (1 + relative_effect)
        treated = share * (1 - share)
    if min(control.variance, treated) <= 0 or not control.mean or not 0 < control_share < 1:
        return None
    return Arms(control.unadjusted_mean, control.variance, treated, control_share)


def chance_to_see(
    arms: Arms, relative_effect: float, n: float, *, test: Test, alpha: float, tuning: float
) -> float:
    """Power: how likely the interval with n shoppers leaves out 0 if the effect is there."""
    error, effect = arms.error(n), abs(relative_effect * arms.mean)
    half_width = _half_width(error, n, test, alpha, tuning)
    return float(ndtr((effect - half_width) / error)) + float(ndtr((-effect - half_width) / error))


def shoppers_needed(
    arms: Arms | None,
    relative_effect: float,
    *,
    test: Test = "always_valid",
    alpha: float = ALPHA,
    power: float = POWER,
    tuning: float = TUNING,
) -> int | None:
    """On both sides together. Fixed test: (z₁₋α/₂ + z_power)² · Σ variance/share / effect²."""
    if arms is None or relative_effect == 0:
        return None
    reach = float(ndtri(1 - alpha / 2)) + float(ndtri(power))
    fixed = (reach * arms.error(1) / (relative_effect * arms.mean)) ** 2
    if test == "welch":
        return math.ceil(fixed)
    low, high = 1.0, max(fixed, 2.0)
    while chance_to_see(arms, relative_effect, high, test=test, alpha=alpha, tuning=tuning) < power:
        low, high = high, high * 2
        if high > MOST_SHOPPERS:
            return None
    while high - low > 0.5:
        middle = (low + high) / 2
        if chance_to_see(arms, relative_effect, middle, test=test, alpha=alpha, tuning=tuning) < power:
            low = middle
        else:
            high = middle
    return math.ceil(high)


def smallest_effect(
    arms: Arms | None,
    n: int,
    *,
    test: Test = "always_valid",
    alpha: float = ALPHA,
    power: float = POWER,
    tuning: float = TUNING,
) -> float | None:
    """The relative effect that n shoppers would show with that power."""
    if arms is None or n < 4:
        return None
    error = arms.error(n)
    return (_half_width(error, n, test, alpha, tuning) + float(ndtri(power)) * error) / abs(arms.mean)


def days_needed(shoppers: int | None, shoppers_a_day: float | None) -> int | None:
    """Whole days; None without traffic."""
    if shoppers is None or not shoppers_a_day or shoppers_a_day <= 0:
        return None
    return math.ceil(shoppers / shoppers_a_day)


def _half_width(error: float, n: float, test: Test, alpha: float, tuning: float) -> float:
    if test == "welch":
        return float(ndtri(1 - alpha / 2)) * error
    return always_valid_half_width(error, n, alpha, tuning)

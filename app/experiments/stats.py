"""The statistics of experiments. Pure: moments in, answers out; no I/O, no clock, no randomness.

    compare(control, treatment)                  is it different: effect, interval, p
    compare(…, test="welch", side="greater")     read once, or one-sided
    chance_to_beat(control, treatment)           the Bayesian second reading
    sample_ratio_p(users, weights)               are the groups as large as configured
    holm(p_values), benjamini_hochberg(…)        many questions at once
    non_inferiority(comparison, margin, …)       a guard: not worse than by the margin

A question without a meaning (nobody exposed, fewer than two a side, no variance, a control of 0) is answered
by None in every figure and the reason in `error`, never by 0 or 1.

Answers agree with GrowthBook's gbstats to 1e-9 (tests/unit/experiments). Sources: Welch (1947); linear delta
method for relative effects; asymptotic confidence sequences, Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas,
arXiv 2103.06476, equations 9, 134, 155 and 161.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from scipy.special import chdtrc, ndtr, ndtri, stdtr, stdtrit

from app.experiments.moments import Adjusted, Statistic, adjust

Test = Literal["always_valid", "welch"]
Side = Literal["two_sided", "greater", "lesser"]  # is the treatment other, greater, lesser
Difference = Literal["relative", "absolute"]

ALPHA = 0.05  # share of false alarms that is accepted
TUNING = 5_000.0  # shoppers at which an always-valid interval is narrowest
MISMATCH_THRESHOLD = 0.001  # a split that chance gives less often than this is a fault
# A one-sided always-valid p is looked for between these, until the interval's bound is this close to 0.
ONE_SIDED_LEAST, ONE_SIDED_GREATEST, ONE_SIDED_NEAR = 1e-5, 0.4999, 1e-6
ONE_SIDED_STEPS = 100


class Meaningless(StrEnum):
    """Why a question has no answer; the codes are those of gbstats."""

    NO_VARIANCE = "ZERO_NEGATIVE_VARIANCE"  # a side all alike, fewer than two, or relative to 0
    ZERO_CONTROL = "ZERO_NEGATIVE_BASELINE_VARIATION"  # a change of nothing has no size
    OUT_OF_RANGE = "OUT_OF_RANGE"  # numbers so large or small that their squares are none; ours
    LARGE_ALPHA = "ALPHA_GREATER_THAN_0.5_FOR_SEQUENTIAL_ONE_SIDED_TEST"


@dataclass(frozen=True)
class Comparison:
    """Treatment against control. All None where `error` says why there is no answer."""

    effect: float | None = None  # relative: a share of the control's mean; absolute: in the metric's unit
    ci: tuple[float, float] | None = None  # an open side is ±infinity
    p_value: float | None = None
    stddev: float | None = None  # standard error of the effect
    error: Meaningless | None = None

    @property
    def is_significant(self) -> bool:
        return self.ci is not None and not self.ci[0] <= 0 <= self.ci[1]


@dataclass(frozen=True)
class _Effect:
    """What every test begins with."""

    control: Statistic
    treatment: Statistic
    effect: float
    error: float  # standard error

    @property
    def n(self) -> int:
        return self.control.n + self.treatment.n


def compare(
    control: Statistic,
    treatment: Statistic,
    *,
    test: Test = "always_valid",
    side: Side = "two_sided",
    difference: Difference = "relative",
    alpha: float = ALPHA,
    tuning: float = TUNING,
) -> Comparison:
    """Difference of the means, its interval at 1 − alpha, and its p.

    always_valid: may be read as often as one likes. welch: holds for one reading that was planned before.
    Both groups are of one kind; two `Adjusted` get their shared theta here. Raises ValueError for an alpha
    outside (0, 1), a tuning that is not positive, or two kinds.
    """
    if not 0 < alpha < 1 or not 0 < tuning < math.inf:
        raise ValueError("alpha lies between 0 and 1, the tuning parameter above 0")
    if test == "always_valid" and side != "two_sided" and alpha >= 0.5:
        return Comparison(error=Meaningless.LARGE_ALPHA)
    measured = _measure(control, treatment, difference)
    if isinstance(measured, Meaningless):
        return Comparison(error=measured)
    p: float | None
    if test == "welch":
        ci, p = _welch(measured, side, alpha)
    elif side == "two_sided":
        ci, p = _always_valid(measured, alpha, tuning)
    else:
        ci, p = _always_valid_one_sided(measured, side, alpha, tuning)
    return Comparison(measured.effect, ci, p, measured.error)


def _measure(control: Statistic, treatment: Statistic, difference: Difference) -> _Effect | Meaningless:
    if type(control) is not type(treatment):
        raise ValueError("both groups must be of one kind")
    try:
        return _effect(control, treatment, difference)
    except (OverflowError, ZeroDivisionError):
        return Meaningless.OUT_OF_RANGE


def _effect(control: Statistic, treatment: Statistic, difference: Difference) -> _Effect | Meaningless:
    if isinstance(control, Adjusted) and isinstance(treatment, Adjusted):
        control, treatment = adjust(control, treatment)
    if min(control.n, treatment.n) < 1 or min(control.variance, treatment.variance) <= 0:
        return Meaningless.NO_VARIANCE
    if control.mean == 0 or control.unadjusted_mean == 0:
        return _of_nothing(control, difference)
    effect = treatment.mean - control.mean
    variance = control.variance / control.n + treatment.variance / treatment.n
    if difference == "relative":
        effect /= abs(control.unadjusted_mean)
        variance = _relative_variance(control, treatment)
    if variance <= 0:
        return Meaningless.NO_VARIANCE
    score = effect / math.sqrt(variance)
    if not all(map(math.isfinite, (effect, variance, score**2))):
        return Meaningless.OUT_OF_RANGE
    return _Effect(control, treatment, effect, math.sqrt(variance))


def _of_nothing(control: Statistic, difference: Difference) -> Meaningless:
    """gbstats tells a relative change of 0, which has no variance to tell, by that name."""
    is_sizeless = difference == "relative" and control.unadjusted_mean == 0
    return Meaningless.NO_VARIANCE if is_sizeless else Meaningless.ZERO_CONTROL


def _relative_variance(control: Statistic, treatment: Statistic) -> float:
    """Of (treatment − control) / control by the linear delta method, with the past's share where adjusted."""
    base = control.unadjusted_mean
    times = treatment.unadjusted_mean / base
    if isinstance(control, Adjusted):
        of_control = control.scaled_variance(times)
    else:
        of_control = control.variance * times**2
    return (treatment.variance / treatment.n + of_control / control.n) / base**2


def _welch(measured: _Effect, side: Side, alpha: float) -> tuple[tuple[float, float], float]:
    freedom = _degrees_of_freedom(measured.control, measured.treatment)
    score = measured.effect / measured.error
    if side == "two_sided":
        half_width = float(stdtrit(freedom, 1 - alpha / 2)) * measured.error
        return _interval(measured.effect, half_width, side), 2 * float(stdtr(freedom, -abs(score)))
    half_width = float(stdtrit(freedom, 1 - alpha)) * measured.error
    p = float(stdtr(freedom, score if side == "lesser" else -score))
    return _interval(measured.effect, half_width, side), p


def _degrees_of_freedom(control: Statistic, treatment: Statistic) -> float:
    """Welch and Satterthwaite."""
    parts = [one.variance / one.n for one in (control, treatment)]
    shares = [part / sum(parts) for part in parts]
    below = sum(s**2 / (one.n - 1) for s, one in zip(shares, (control, treatment), strict=True))
    return 1 / below


def _interval(effect: float, half_width: float, side: Side) -> tuple[float, float]:
    low = -math.inf if side == "lesser" else effect - half_width
    high = math.inf if side == "greater" else effect + half_width
    return low, high


def _rho_squared(alpha: float, tuning: float) -> float:
    """Equation 161: where the interval is narrowest."""
    return (-2 * math.log(alpha) + math.log(1 - 2 * math.log(alpha))) / tuning


def always_valid_half_width(error: float, n: int | float, alpha: float, tuning: float = TUNING) -> float:
    """Equation 9, for a standard error that was reached with n shoppers on both sides together."""
    rho2 = _rho_squared(alpha, tuning)
    grown = n * rho2 + 1
    return error * math.sqrt(2 * grown / (n * rho2) * math.log(math.sqrt(grown) / alpha))


def _always_valid(measured: _Effect, alpha: float, tuning: float) -> tuple[tuple[float, float], float]:
    half_width = always_valid_half_width(measured.error, measured.n, alpha, tuning)
    seen = measured.n * _rho_squared(alpha, tuning)
    evidence = seen * (measured.effect / measured.error) ** 2 / (2 * (seen + 1))  # equation 155
    p = min(1.0, math.sqrt(seen + 1) * math.exp(-evidence))
    return _interval(measured.effect, half_width, "two_sided"), p


def _always_valid_one_sided(
    measured: _Effect, side: Side, alpha: float, tuning: float
) -> tuple[tuple[float, float], float | None]:
    seen = measured.n * _rho_squared(2 * alpha, tuning)
    scale = measured.error * math.sqrt(2 * (seen + 1) / seen)

    def half_width(at: float) -> float:  # equation 134
        return scale * math.sqrt(math.log1p(math.sqrt(seen + 1) / (2 * at)))

    towards = measured.effect if side == "greater" else -measured.effect
    return _interval(measured.effect, half_width(alpha), side), _one_sided_p(
        lambda at: towards - half_width(at)
    )


def _one_sided_p(bound: Callable[[float], float]) -> float | None:
    """The alpha at which the interval's bound is 0, by halving; never outside the two limits."""
    least, greatest = ONE_SIDED_LEAST, ONE_SIDED_GREATEST
    if bound(least) > 0:
        return least
    if bound(greatest) < 0:
        return greatest
    for _ in range(ONE_SIDED_STEPS):
        middle = (least + greatest) / 2
        distance = bound(middle)
        least, greatest = (middle, greatest) if distance < 0 else (least, middle)
        if abs(distance) < ONE_SIDED_NEAR:
            return (least + greatest) / 2
    return None


# The Bayesian second reading.


@dataclass(frozen=True)
class Prior:
    """What was believed of the effect before; flat unless it is proper."""

    mean: float = 0.0
    variance: float = 1.0
    is_proper: bool = False
    difference: Difference = "relative"  # the unit that mean and variance are in


FLAT = Prior()


@dataclass(frozen=True)
class Belief:
    """What is believed of the effect now. All None where `error` says why."""

    chance_to_beat: float | None = None  # that the treatment is better than the control
    effect: float | None = None
    ci: tuple[float, float] | None = None  # credible interval
    stddev: float | None = None
    risk_of_control: float | None = None  # what staying with the control is expected to lose
    risk_of_treatment: float | None = None  # what shipping the treatment is expected to lose
    error: Meaningless | None = None


def chance_to_beat(
    control: Statistic,
    treatment: Statistic,
    *,
    difference: Difference = "relative",
    alpha: float = ALPHA,
    less_is_better: bool = False,
    prior: Prior = FLAT,
) -> Belief:
    """Normal posterior of the effect from its mean and standard error. Same errors as `compare`."""
    if not 0 < alpha < 1 or prior.variance <= 0:
        raise ValueError("alpha lies between 0 and 1, a prior's variance above 0")
    measured = _measure(control, treatment, difference)
    if isinstance(measured, Meaningless):
        return Belief(error=measured)
    mean, stddev = _posterior(measured, _in_unit(prior, difference, measured.control.unadjusted_mean))
    reach = float(ndtri(1 - alpha / 2)) * stddev
    gain, loss = _expected_beyond_zero(mean, stddev), _expected_beyond_zero(-mean, stddev)
    if less_is_better:
        gain, loss = loss, gain
    chance = float(ndtr((-mean if less_is_better else mean) / stddev))
    return Belief(chance, mean, (mean - reach, mean + reach), stddev, gain, loss)


def _in_unit(prior: Prior, difference: Difference, control_mean: float) -> Prior:
    if prior.difference == difference:
        return prior
    factor = abs(control_mean) if difference == "absolute" else 1 / abs(control_mean)
    return Prior(prior.mean * factor, prior.variance * factor**2, prior.is_proper, difference)


def _posterior(measured: _Effect, prior: Prior) -> tuple[float, float]:
    if not prior.is_proper:
        return measured.effect, measured.error
    seen, believed = 1 / measured.error**2, 1 / prior.variance
    mean = (measured.effect * seen + prior.mean * believed) / (seen + believed)
    return mean, math.sqrt(1 / (seen + believed))


def _expected_beyond_zero(mean: float, stddev: float) -> float:
    """E[max(X, 0)] of a normal X."""
    score = mean / stddev
    density = math.exp(-(score**2) / 2) / math.sqrt(2 * math.pi)
    return mean * float(ndtr(score)) + stddev * density


# Are the groups as configured; many questions at once; guards.


def sample_ratio_p(users: Sequence[int], weights: Sequence[float]) -> float | None:
    """How likely chance splits users this far from the weights (chi-square). None: nobody, or one group."""
    if len(users) != len(weights):
        raise ValueError("as many weights as groups")
    total, weight_total = sum(users), sum(weights)
    if not total or weight_total <= 0 or len(users) < 2:
        return None
    expected = [total * weight / weight_total for weight in weights]
    distance = sum((n - e) ** 2 / e for n, e in zip(users, expected, strict=True) if e > 0)
    return float(chdtrc(len(users) - 1, distance))


def is_mismatch(p: float | None, threshold: float = MISMATCH_THRESHOLD) -> bool:
    """The groups were not drawn as configured: no comparison of them means anything."""
    return p is not None and p < threshold


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Adjusted so that a single false alarm among all of them is as rare as alpha. None stays."""
    order = _ascending(p_values)
    adjusted: list[float | None] = [None] * len(p_values)
    highest = 0.0
    for rank, (index, p) in enumerate(order):
        highest = max(highest, min(1.0, p * (len(order) - rank)))
        adjusted[index] = highest
    return adjusted


def benjamini_hochberg(p_values: Sequence[float | None]) -> list[float | None]:
    """Adjusted so that of what is called different at most the share alpha is not. None stays."""
    order = _ascending(p_values)
    adjusted: list[float | None] = [None] * len(p_values)
    lowest = 1.0
    for rank, (index, p) in reversed(list(enumerate(order, start=1))):
        lowest = min(lowest, p * len(order) / rank)
        adjusted[index] = lowest
    return adjusted


def _ascending(p_values: Sequence[float | None]) -> list[tuple[int, float]]:
    known = [(index, p) for index, p in enumerate(p_values) if p is not None]
    return sorted(known, key=lambda pair: pair[1])


def non_inferiority(
    comparison: Comparison, margin: float, *, less_is_better: bool = False
) -> Literal["holds", "broken", "open"] | None:
    """Whether the treatment is not worse by `margin` (≥ 0, in the comparison's unit) or more.

    holds: the whole interval is better than −margin; broken: all of it is worse; open: it lies on both sides.
    None: there is no interval.
    """
    if margin < 0:
        raise ValueError("a margin is 0 or more")
    if comparison.ci is None:
        return None
    low, high = comparison.ci
    worst, best = (-high, -low) if less_is_better else (low, high)
    if worst > -margin:
        return "holds"
    return "broken" if best < -margin else "open"

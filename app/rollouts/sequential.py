"""Is one side worse? Answers that may be looked at every five seconds and are right for small counts. Pure.

**Bad events: a bet on whose they are.** While the feature does no harm, a bad event (a failed or a slow
journey) belongs to the treated side with the probability π, that side's share of all journeys of the same
seconds, however many fail at the moment. A capital of 1 is bet on "treated" at fair odds: with b bad events
on the treated and c on the control side it is multiplied by

    (q / π)^b · ((1 − q) / (1 − π))^c          q = ρ·π / (ρ·π + 1 − π)

for a risk that is ρ times as high. Bad hours of the whole shop win nothing, and good journeys change nothing.
Because nobody knows ρ or when the harm begins, the capital is divided over several ρ and over the beginnings
k = 1, 2, 3 … with the shares 1 / (k·(k + 1)). The capital is a supermartingale that starts at 1, so the
probability that it ever reaches 1/α without harm is at most α (Ville's inequality), however often one looks.
Within one look the side of each bad event is drawn without replacement; that only makes it safer (Hoeffding).
Sources: Shafer, "Testing by betting" (2021); Ramdas et al., "Game-theoretic statistics" (2023); Shin, Ramdas,
Rinaldo, "E-detectors" (2023) for the beginnings.

**Means** (orders, money): the always-valid interval of the experiments, see app/experiments/stats.py.

**Sizes of the groups**: a mixture of the split that was asked for against any other (Lindon and Malek, 2022).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.experiments.moments import Sample
from app.experiments.stats import always_valid_half_width

#        risk ρ, share of the capital
RISKS = ((3.0, 0.15), (20.0, 0.35), (500.0, 0.5))
MOST = 1e12  # capital beyond this says nothing new
PRIOR_SHOPPERS = 100.0  # how firmly the mixture of splits believes in the one that was asked for


@dataclass(frozen=True)
class Batch:
    """What happened between two looks."""

    treated_bad: float = 0.0
    treated: float = 0.0
    control_bad: float = 0.0
    control: float = 0.0


@dataclass(frozen=True)
class Bet:
    """The capital of one question, carried from look to look."""

    stakes: tuple[float, ...] = (0.0,) * len(RISKS)  # what each ρ has won so far
    beginnings: int = 0  # batches with a bad event so far

    @property
    def capital(self) -> float:
        """≥ 1/α: harm, wrong with the probability α at most."""
        return sum(self.stakes) + 1 / (self.beginnings + 1)


def bet(before: Bet, batch: Batch) -> Bet:
    """The capital after one more batch; without bad events, or with one side alone, it stays."""
    if batch.treated <= 0 or batch.control <= 0 or batch.treated_bad + batch.control_bad <= 0:
        return before
    k = before.beginnings + 1
    share = batch.treated / (batch.treated + batch.control)
    new = 1 / (k * (k + 1))
    stakes = tuple(
        min(MOST, (old + weight * new) * _odds(share, risk, batch))
        for (risk, weight), old in zip(RISKS, before.stakes, strict=True)
    )
    return Bet(stakes, k)


def _odds(share: float, risk: float, batch: Batch) -> float:
    q = risk * share / (risk * share + 1 - share)
    gain = batch.treated_bad * math.log(q / share) + batch.control_bad * math.log((1 - q) / (1 - share))
    return math.exp(min(gain, math.log(MOST)))


def split_capital(treated: int, control: int, share: float) -> float:
    """Capital against "the groups are drawn as asked for": ≥ 1/α is a mismatch. 1 while nobody came."""
    if not 0 < share < 1 or treated + control == 0:
        return 1.0
    a, b = PRIOR_SHOPPERS * share, PRIOR_SHOPPERS * (1 - share)
    mixed = _log_beta(a + treated, b + control) - _log_beta(a, b)
    asked = treated * math.log(share) + control * math.log(1 - share)
    return math.exp(min(mixed - asked, math.log(MOST)))


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


@dataclass(frozen=True)
class Difference:
    """Treated less control, with an interval that holds at all looks together."""

    mean: float
    low: float
    high: float


def difference(treated: Sample, control: Sample, alpha: float) -> Difference | None:
    """At the confidence 1 − alpha. None: fewer than two shoppers on a side, or all of both did the same."""
    if min(treated.n, control.n) < 2:
        return None
    error = math.sqrt(max(0.0, treated.variance / treated.n + control.variance / control.n))
    if error == 0:
        return None
    mean = treated.mean - control.mean
    half = always_valid_half_width(error, treated.n + control.n, alpha)
    return Difference(mean, mean - half, mean + half)


def quantile(bounds: Sequence[float], counts: Sequence[float], share: float) -> float | None:
    """From a histogram's cumulative counts up to each bound, evenly spread within a bucket. None: no events.

    The last bound may be infinite; what lies there is told as the last finite bound.
    """
    if not counts or counts[-1] <= 0:
        return None
    wanted, low, below = share * counts[-1], 0.0, 0.0
    for bound, count in zip(bounds, counts, strict=True):
        if count >= wanted:
            if math.isinf(bound):
                return low
            part = (wanted - below) / (count - below) if count > below else 1.0
            return low + (bound - low) * part
        low, below = bound, count
    return low

"""Whether a change between two periods is more than chance makes. Pure: numbers in, answers out.

    of_sums(now, before, history)          orders, sessions, revenue, mean daily users: one number a day
    of_ratios(now, before, history)        average order value, refund rate: (above, below) a day
    of_ratios(…, proportion=True)          conversion: what is above the line is part of what is below
    of_people(now, before, history, lag)   different people of a trailing window: one number
    more_than_chance({tile: p})            which of many tiles, all at once

`now` and `before` are the same weekdays, day by day; `history` is the (about eight) weeks before `now`, one
entry a day, the newest last, None for a day without data. Days that either side lacks are left out of both.

**How much chance moves a day** is not assumed but read from the days themselves. A day with the mean μ has
the variance φ·μ; φ is the variance of (xₜ − xₜ₋₇) / √(xₜ + xₜ₋₇) over the history. That compares like
weekdays, forgets a slow trend, and holds for counts (φ is 1 where only chance is at work, more where days
differ for their own reasons) as for money (φ has cents in it). A count's φ is never taken below 1. Then

    sums     z = (S₁ − S₀) / √(φ·(S₁ + S₀)·f)
    ratios   z = (R₁ − R₀) / √(φ·(1/W₁ + 1/W₀)·f)      φ: variance of (rₜ − rₜ₋₇) / √(1/wₜ + 1/wₜ₋₇)

where the second is the delta method for R = ΣA/ΣW; a proportion's φ is never below R·(1 − R), the binomial
one. f ≥ 1 answers for good and bad days that come in a row (first-order correlation of the differences).
The p is Student's, two-sided, with a third as many degrees of freedom as there are differences: every day
is in two of them, and days have longer tails than normal numbers.

**Many tiles at once**: Holm's step-down at 5 % over all tiles of a dashboard that can be judged. It keeps
the chance that *any* tile calls noise a change below 5 %, whatever hangs together with whatever (revenue is
orders times their value). Benjamini and Hochberg's rule would keep only the share of wrong ones among those
called.

No answer, with its reason, where there is too little: fewer than 14 differences in the history, fewer than
half of the days on both sides, fewer than ten events.

Sources: Wedderburn (1974) for the quasi-likelihood φ; von Neumann (1941) for variance from differences;
Holm (1979).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import Literal

from scipy.special import stdtr, stdtrit

Values = Sequence[float | None]
Ratios = Sequence[tuple[float, float] | None]  # above and below the line
Reason = Literal["history", "days", "few", "same"]

WEEK = 7
LEAST_DIFFERENCES = 14
LEAST_EVENTS = 10
ALPHA = 0.05
MOST_CORRELATION = 0.9


@dataclass(frozen=True)
class Change:
    """A difference with what chance alone makes of it."""

    now: float
    before: float
    low: float  # 95 % interval of the difference, of this tile by itself
    high: float
    p: float

    @property
    def difference(self) -> float:
        return self.now - self.before

    @property
    def relative(self) -> float | None:
        """None where there was nothing before."""
        return self.difference / self.before if self.before else None


@dataclass(frozen=True)
class Unknown:
    """Too little to judge: history, days, few (events), same (nothing ever moved)."""

    reason: Reason


def of_sums(now: Values, before: Values, history: Values, *, counts: bool = False) -> Change | Unknown:
    """The difference of two sums over days; a mean over the same days has the same p."""
    pairs = [(a, b) for a, b in zip(now, before, strict=True) if a is not None and b is not None]
    if not pairs or 2 * len(pairs) < len(now):
        return Unknown("days")
    sum_now, sum_before = sum(a for a, _ in pairs), sum(b for _, b in pairs)
    if counts and sum_now + sum_before < LEAST_EVENTS:
        return Unknown("few")
    moved = _moves(history, WEEK, is_signed=any(value is not None and value < 0 for value in history))
    if len(moved) < LEAST_DIFFERENCES:
        return Unknown("history")
    dispersion = max(_variance(moved), 1.0 if counts else 0.0)
    is_signed = any(value is not None and value < 0 for value in (*history, *now, *before))
    size = 2 * len(pairs) if is_signed else sum_now + sum_before
    error = sqrt(dispersion * size * _in_a_row(moved, len(pairs)))
    return _change(sum_now, sum_before, error, _freedom(moved))


def of_ratios(now: Ratios, before: Ratios, history: Ratios, *, proportion: bool = False) -> Change | Unknown:
    """The difference of two ratios of sums. Days without anything below the line weigh nothing."""
    pairs = [(a, b) for a, b in zip(now, before, strict=True) if a is not None and b is not None]
    if not pairs or 2 * len(pairs) < len(now):
        return Unknown("days")
    above_now, below_now = _totals(a for a, _ in pairs)
    above_before, below_before = _totals(b for _, b in pairs)
    if below_now <= 0 or below_before <= 0 or below_now + below_before < LEAST_EVENTS:
        return Unknown("few")
    moved = _ratio_moves(history)
    if len(moved) < LEAST_DIFFERENCES:
        return Unknown("history")
    dispersion = _variance(moved)
    if proportion:
        share = (above_now + above_before) / (below_now + below_before)
        dispersion = max(dispersion, share * (1 - share))
    error = sqrt(dispersion * (1 / below_now + 1 / below_before) * _in_a_row(moved, len(pairs)))
    return _change(above_now / below_now, above_before / below_before, error, _freedom(moved))


def of_people(now: float | None, before: float | None, history: Values, lag: int) -> Change | Unknown:
    """Different people of two trailing windows that end `lag` days apart; `history`: one such count a day.

    Windows overlap, so that differences of neighbouring days tell the same once more: the degrees of
    freedom are those of whole lags. People come independently at least as chance has it, so φ ≥ 1.
    """
    if now is None or before is None:
        return Unknown("days")
    if now + before < LEAST_EVENTS:
        return Unknown("few")
    moved = _moves(history, lag, is_signed=False)
    if len(moved) < LEAST_DIFFERENCES:
        return Unknown("history")
    error = sqrt(max(_variance(moved), 1.0) * (now + before))
    return _change(now, before, error, max(2.0, len(moved) / lag))


def more_than_chance(p_values: Mapping[str, float], alpha: float = ALPHA) -> frozenset[str]:
    """Which changes are more than noise, by Holm's step-down over all that are given."""
    found: set[str] = set()
    for place, (name, p) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        if p > alpha / (len(p_values) - place):
            break
        found.add(name)
    return frozenset(found)


def _moves(history: Values, lag: int, *, is_signed: bool) -> list[float]:
    """(xₜ − xₜ₋ₗ) / √(xₜ + xₜ₋ₗ), or / √2 where days may be negative; days that were both 0 tell nothing."""
    found = []
    for new, old in zip(history[lag:], history, strict=False):
        if new is None or old is None:
            continue
        size = 2.0 if is_signed else new + old
        if size > 0:
            found.append((new - old) / sqrt(size))
    return found


def _ratio_moves(history: Ratios) -> list[float]:
    found = []
    for new, old in zip(history[WEEK:], history, strict=False):
        if new is not None and old is not None and new[1] > 0 and old[1] > 0:
            size = 1 / new[1] + 1 / old[1]
            found.append((new[0] / new[1] - old[0] / old[1]) / sqrt(size))
    return found


def _totals(days: Iterable[tuple[float, float]]) -> tuple[float, float]:
    above = below = 0.0
    for part, whole in days:
        above, below = above + part, below + whole
    return above, below


def _variance(moved: Sequence[float]) -> float:
    mean = sum(moved) / len(moved)
    return sum((move - mean) ** 2 for move in moved) / (len(moved) - 1)


def _in_a_row(moved: Sequence[float], days: int) -> float:
    """By how much the variance of a sum over `days` exceeds that of independent days; at least 1."""
    mean = sum(moved) / len(moved)
    rest = [move - mean for move in moved]
    whole = sum(move * move for move in rest)
    together = sum(a * b for a, b in pairwise(rest))
    correlation = min(MOST_CORRELATION, max(0.0, together / whole)) if whole else 0.0
    return 1 + 2 * sum((1 - step / days) * correlation**step for step in range(1, days))


def _freedom(moved: Sequence[float]) -> float:
    return len(moved) / 3


def _change(now: float, before: float, error: float, freedom: float) -> Change | Unknown:
    if error <= 0:
        return Unknown("same")
    p = 2 * float(stdtr(freedom, -abs(now - before) / error))
    half = float(stdtrit(freedom, 1 - ALPHA / 2)) * error
    return Change(now, before, now - before - half, now - before + half, p)

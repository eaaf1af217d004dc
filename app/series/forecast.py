"""What a series comes to in the days ahead, and how sure that is. Pure: numbers in, numbers out.

    forecast(values, horizon=14)      a Forecast, or the reason why there is none
    naive(values, horizon)            the weekly seasonal naive, against which everything is judged
    mase(errors, scale)               the measure of the judgement

`values`: one number a step (a day), oldest first; None is a gap and stays one: it moves no level, and an
error of a step that is a gap is not counted. `season`: steps after which things repeat, 7 for days of the
week.

**Seasonal naive**: what was known last for the same weekday.

**Damped Holt-Winters**, additive, in its error-correcting form, with e = y − (l + φ·b + s):

    l ← l + φ·b + α·e      b ← φ·b + α·β·e      s ← s + γ·(1 − α)·e
    forecast of h steps    l + (φ + φ² + … + φʰ)·b + s of that weekday

Every (α, β, γ, φ) of a small grid runs through the series side by side; at each moment the one whose one-step
errors were smallest so far speaks, so one pass fits the model at every origin and none sees what came later.

**Which of them**: a rolling back-test (12 origins, two seasons apart, the whole horizon each). The error is
the mean absolute scaled error: mean |error| / mean |yₜ − yₜ₋ₛ| before the origin. Holt-Winters is shown
only where it is strictly better; where both are equal or it loses, the naive is.

**How sure**: split conformal from the residuals of the weekly origins of up to a year, for each number of
steps ahead by itself: with k residuals the ⌈(k + 1)·share⌉-th smallest of their sizes, so that about that
share of true values lies inside. Few residuals are pooled over the steps of the same season ahead; a share
that even those cannot tell (95 % needs 19) has no band.

Sources: Gardner and McKenzie (1985) for the damped trend; Hyndman and Koehler (2006) for the scaled error;
Vovk, Gammerman and Shafer (2005), Lei et al. (2018) for split conformal. Measured on two years of real orders
in tests/unit/series.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Values = Sequence[float | None]
Array = NDArray[np.float64]
Method = Literal["seasonal_naive", "holt_winters"]
Reason = Literal["short", "gaps", "old", "zeros", "constant"]

SEASON_STEPS = 7
HORIZON_STEPS = 14
SHARES = (0.8, 0.95)
LEARNING_SEASONS = 4  # before the first origin
LEAST_ORIGINS = 4
JUDGED_ORIGINS = 12
MOST_ORIGINS = 52
MOST_GAPS = 0.5  # of the steps; with more there is no rhythm to go by
OLDEST_SEASONS = 2  # a series whose last value is older than this is not carried on

GRID = np.array(
    list(product((0.05, 0.1, 0.2, 0.35, 0.6), (0.0, 0.05, 0.2), (0.05, 0.15, 0.35), (0.8, 0.9, 0.98)))
)


@dataclass(frozen=True)
class Band:
    """Between `low` and `high` lies the true value with about the probability `share`."""

    share: float
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class Forecast:
    method: Method
    mid: tuple[float, ...]  # one value a step, the first one step after the last given
    bands: tuple[Band, ...]  # those that the residuals can tell, the narrowest first
    mase: float  # of the method, in the back-test; below 1: better than the naive was in its own past
    naive_mase: float
    origins: int  # of the back-test

    def band(self, share: float) -> Band | None:
        """None where the residuals were too few to tell it."""
        return next((band for band in self.bands if band.share == share), None)


@dataclass(frozen=True)
class NoForecast:
    """Why: too short, too many gaps, too old, never anything but 0, never anything else than one value."""

    reason: Reason


def forecast(
    values: Values,
    horizon: int = HORIZON_STEPS,
    season: int = SEASON_STEPS,
    shares: Sequence[float] = SHARES,
) -> Forecast | NoForecast:
    """The next `horizon` steps by whichever method did better. A series that was never negative stays so."""
    known = _numbers(values)
    if (reason := _why_not(known, horizon, season)) is not None:
        return NoForecast(reason)
    tests = _back_tests(known, horizon, season)
    is_better = tests["holt_winters"].mase < tests["seasonal_naive"].mase
    method: Method = "holt_winters" if is_better else "seasonal_naive"
    floor = 0.0 if np.nanmin(known) >= 0 else -np.inf
    mid = np.maximum(_made(method, known, horizon, season), floor)
    test = tests[method]
    sizes = np.abs(np.maximum(test.made, floor) - test.truth)
    return Forecast(
        method=method,
        mid=tuple(mid.tolist()),
        bands=_bands(mid, sizes, season, shares, floor),
        mase=test.mase,
        naive_mase=tests["seasonal_naive"].mase,
        origins=min(len(sizes), JUDGED_ORIGINS),
    )


@dataclass(frozen=True)
class _BackTest:
    made: Array  # a row an origin, the newest first; a column a step ahead
    truth: Array
    mase: float  # over the judged origins


def _back_tests(known: Array, horizon: int, season: int) -> dict[Method, _BackTest]:
    origins = _origins(len(known), horizon, season)
    truth = np.array([known[at : at + horizon] for at in origins])
    scales = np.array([_scale(known[:at], season) for at in origins])
    step = 2 if len(origins) >= 2 * JUDGED_ORIGINS else 1
    judged = slice(0, step * JUDGED_ORIGINS, step)
    made: dict[Method, Array] = {
        "seasonal_naive": np.array([naive(known[:at], horizon, season) for at in origins]),
        "holt_winters": _holt_winters(known, horizon, season, origins),
    }
    return {
        method: _BackTest(rows, truth, mase((rows - truth)[judged], scales[judged]))
        for method, rows in made.items()
    }


def _made(method: Method, known: Array, horizon: int, season: int) -> Array:
    if method == "seasonal_naive":
        return naive(known, horizon, season)
    row: Array = _holt_winters(known, horizon, season, [len(known)])[0]
    return row


def least_steps(horizon: int = HORIZON_STEPS, season: int = SEASON_STEPS) -> int:
    """How many steps a series needs before it is carried on."""
    return (LEARNING_SEASONS + LEAST_ORIGINS - 1) * season + horizon


def naive(values: Values | Array, horizon: int, season: int = SEASON_STEPS) -> Array:
    """For each step ahead the last known value of its place in the season; NaN where none is known."""
    known = _numbers(values)
    made = np.full(horizon, np.nan)
    for ahead in range(horizon):
        place = known[(len(known) + ahead) % season :: season]
        place = place[~np.isnan(place)]
        if len(place):
            made[ahead] = place[-1]
    return made


def mase(errors: Array, scales: Array) -> float:
    """Mean absolute scaled error: `errors` a row an origin, `scales` one number a row. Gaps (NaN) are left
    out.

    NaN where nothing is known: a comparison with it is false, so that it never wins.
    """
    scaled = np.abs(errors) / scales[:, None]
    found = scaled[np.isfinite(scaled)]
    return float(found.mean()) if len(found) else float("nan")


def _numbers(values: Values | Array) -> Array:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _why_not(known: Array, horizon: int, season: int) -> Reason | None:
    there = np.flatnonzero(~np.isnan(known))
    if len(known) < least_steps(horizon, season) or not len(there):
        return "short"
    if len(known) - there[-1] > OLDEST_SEASONS * season:
        return "old"
    recent = known[-least_steps(horizon, season) :]
    if np.isnan(recent).mean() > MOST_GAPS:
        return "gaps"
    if not np.nan_to_num(recent).any():
        return "zeros"
    return "constant" if np.nanmin(recent) == np.nanmax(recent) else None


def _origins(count: int, horizon: int, season: int) -> list[int]:
    """How much is known at each origin, the newest first, a season apart: all end on the weekday of today."""
    first = LEARNING_SEASONS * season
    return list(range(count - horizon, first - 1, -season))[:MOST_ORIGINS]


def _scale(known: Array, season: int) -> float:
    """The mean change from one season to the next; NaN where none is known or none ever changed."""
    changes = np.abs(known[season:] - known[:-season])
    changes = changes[~np.isnan(changes)]
    return float(changes.mean()) if len(changes) and changes.any() else float("nan")


def _holt_winters(known: Array, horizon: int, season: int, origins: Sequence[int]) -> Array:
    """Forecasts made at each of `origins` (how many steps are known there), a row each, in one pass."""
    alpha, beta, gamma, phi = GRID.T
    level, places = _start(known, season)
    levels, trends = np.full(len(GRID), level), np.zeros(len(GRID))
    seasonal = np.tile(places, (len(GRID), 1))
    missed = np.zeros(len(GRID))
    wanted = {at: row for row, at in enumerate(origins)}
    made = np.empty((len(origins), horizon))
    for step in range(max(origins) + 1):
        if step in wanted:
            best = int(missed.argmin())
            damped = np.cumsum(phi[best] ** np.arange(1, horizon + 1))
            turn = seasonal[best, np.arange(step, step + horizon) % season]
            made[wanted[step]] = levels[best] + damped * trends[best] + turn
        if step == len(known):
            break
        place = step % season
        ahead = levels + phi * trends
        error = np.zeros(len(GRID))
        if not np.isnan(known[step]):
            error = known[step] - ahead - seasonal[:, place]
        if step >= 2 * season:
            missed += np.abs(error)
        levels, trends = ahead + alpha * error, phi * trends + alpha * beta * error
        seasonal[:, place] += gamma * (1 - alpha) * error
    return made


def _start(known: Array, season: int) -> tuple[float, Array]:
    """Level and seasonal places of the first two seasons that hold anything."""
    first = int(np.flatnonzero(~np.isnan(known))[0])
    early = known[: first + 2 * season]
    level = float(np.nanmean(early))
    places = np.zeros(season)
    for place in range(season):
        there = early[place::season]
        there = there[~np.isnan(there)]
        places[place] = there.mean() - level if len(there) else 0.0
    return level, places


def _bands(mid: Array, sizes: Array, season: int, shares: Sequence[float], floor: float) -> tuple[Band, ...]:
    """`sizes`: |residual|, a row an origin, a column a step ahead."""
    found = []
    for share in sorted(shares):
        widths = [_width(sizes, ahead, season, share) for ahead in range(len(mid))]
        if all(width is not None for width in widths):
            half = np.array(widths, dtype=np.float64)
            found.append(Band(share, tuple(np.maximum(mid - half, floor)), tuple(mid + half)))
    return tuple(found)


def _width(sizes: Array, ahead: int, season: int, share: float) -> float | None:
    begin = ahead // season * season
    for columns in (sizes[:, ahead : ahead + 1], sizes[:, begin : begin + season]):
        there = np.sort(columns[~np.isnan(columns)])
        place = ceil((len(there) + 1) * share)
        if 0 < place <= len(there):
            return float(there[place - 1])
    return None

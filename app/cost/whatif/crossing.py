"""When the next phase of growth begins. Pure: no I/O, no clock, no Flask.

By the forecast of daily monthly users where it was better than the seasonal naive and reaches the phase;
otherwise by the mean growth of the months, with a band as wide as the mean is unsure (80 %).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import ceil, exp, log, sqrt
from statistics import mean, stdev
from typing import Literal

from app.cost.whatif.growth import Phase, next_phase
from app.series.forecast import Forecast

HORIZON_DAYS = 90
SHARE = 0.8
SPREAD = 1.2816  # of a normal distribution, four fifths lie within so many deviations
MONTH_DAYS = 30.44
FARTHEST_DAYS = 36_500


@dataclass(frozen=True)
class Crossing:
    """`on` is None where users do not grow, or only beyond a hundred years; `latest`: not surely before."""

    phase: Phase
    on: date | None
    growth: float  # a month, as a ratio
    earliest: date | None = None
    latest: date | None = None
    by: Literal["forecast", "mean growth"] = "mean growth"


def crossing(
    monthly_users: Sequence[float],
    last_month: date,
    made: Forecast | None = None,
    last_day: date | None = None,
) -> Crossing | None:
    """`monthly_users`, the newest last; `made` begins the day after `last_day`. None: too little is known."""
    known = [users for users in monthly_users if users > 0]
    if len(known) < 2 or (phase := next_phase(known[-1])) is None:
        return None
    steps = [log(after / before) for before, after in pairwise(known)]
    growth = exp(mean(steps)) - 1
    if made and last_day and (found := _by_forecast(phase, growth, made, last_day)):
        return found
    slack = SPREAD * stdev(steps) / sqrt(len(steps)) if len(steps) > 1 else 0.0
    far = log(phase.from_users / known[-1])
    on, earliest, latest = (
        _at(last_month, far, step) for step in (mean(steps), mean(steps) + slack, mean(steps) - slack)
    )
    return Crossing(phase, on, growth, earliest, latest)


def _at(last_month: date, far: float, step: float) -> date | None:
    if step <= 0 or far / step * MONTH_DAYS > FARTHEST_DAYS:
        return None
    return last_month + timedelta(days=ceil(far / step * MONTH_DAYS))


def _by_forecast(phase: Phase, growth: float, made: Forecast, last_day: date) -> Crossing | None:
    on = _first(made.mid, phase.from_users, last_day)
    if made.method != "holt_winters" or on is None:
        return None
    band = made.band(SHARE)
    earliest = _first(band.high, phase.from_users, last_day) if band else None
    latest = _first(band.low, phase.from_users, last_day) if band else None
    return Crossing(phase, on, growth, earliest, latest, "forecast")


def _first(values: Sequence[float], wanted: float, last_day: date) -> date | None:
    return next(
        (last_day + timedelta(days=index) for index, value in enumerate(values, 1) if value >= wanted), None
    )

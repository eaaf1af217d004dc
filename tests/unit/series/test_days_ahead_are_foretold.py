"""A forecast is made by whichever method did better, and not where it cannot be; it says how sure it is."""

from __future__ import annotations

import csv
import lzma
import math
import random
from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.series import forecast as forecasting
from app.series.forecast import Forecast, NoForecast, forecast, least_steps, mase, naive
from local.machine import ROOT

ORDERS = ROOT.parent / "shared" / "data" / "orders" / "online_retail_ii.csv.xz"


def made(values: list[float | None], **options: int) -> Forecast:
    found = forecast(values, **options)
    assert isinstance(found, Forecast), found
    return found


def weekly(weeks: int, noise: float = 5.0, growth: float = 0.0, seed: int = 3) -> list[float | None]:
    rng = random.Random(seed)
    shape = (100, 90, 95, 100, 130, 60, 40)
    return [shape[day % 7] + growth * day + rng.gauss(0, noise) for day in range(7 * weeks)]


@pytest.fixture(scope="module")
def real_orders() -> list[float]:
    """Orders a day of the two years, closed days as zeros."""
    if not ORDERS.exists():
        pytest.skip("the two years of real orders are not beside the checkout")
    seen: dict[str, str] = {}
    with lzma.open(ORDERS, "rt") as file:
        for row in csv.DictReader(file):
            if row["invoice"][0] not in "CA" and int(row["quantity"]) > 0 and float(row["unit_price"]) > 0:
                seen.setdefault(row["invoice"], row["invoice_date"][:10])
    daily = Counter(seen.values())
    first, last = date(2009, 12, 1), date(2011, 12, 9)
    days = [first + timedelta(days=index) for index in range((last - first).days + 1)]
    return [float(daily[day.isoformat()]) for day in days]


def test_the_same_weekday_is_carried_on() -> None:
    values = [float(index % 7) for index in range(70)] + [None, 9.0]
    assert list(naive(values, 9)) == [2, 3, 4, 5, 6, 0, 9, 2, 3]


def test_an_exact_rhythm_is_foretold_exactly() -> None:
    found = made(weekly(20, noise=0.0))
    assert found.mid == pytest.approx([100, 90, 95, 100, 130, 60, 40] * 2)


def test_growth_is_followed_better_than_by_the_week_before() -> None:
    found = made(weekly(40, growth=1.0))
    assert found.method == "holt_winters"
    assert found.mase < found.naive_mase
    assert found.mid[6] > 40 + 280  # the next Sunday is above what growth had reached


def test_a_forecast_never_loses_to_the_naive() -> None:
    for seed in range(6):
        rng = random.Random(seed)
        walk = np.cumsum([rng.gauss(0, 3) for _ in range(200)]) + 500
        found = made([float(value) for value in walk])
        assert found.mase <= found.naive_mase


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([], "short"),
        ([None] * 200, "short"),
        ([5.0, 6.0] * 20, "short"),
        ([0.0] * 100, "zeros"),
        ([4.0] * 100, "constant"),
        ([*([5.0, 6.0, 7.0] * 50), *([None] * 15)], "old"),
        ([5.0 if index % 3 == 0 else None for index in range(200)], "gaps"),
    ],
)
def test_what_cannot_be_carried_on_says_why(values: list[float | None], reason: str) -> None:
    assert forecast(values) == NoForecast(reason)  # type: ignore[arg-type]


def test_the_shortest_series_has_a_forecast_with_a_narrower_promise() -> None:
    values = weekly(20)[: least_steps()]
    found = made(values)
    assert found.band(0.8) is not None
    assert found.origins == 4
    assert isinstance(forecast(values[1:]), NoForecast)


def test_gaps_stay_gaps() -> None:
    values = weekly(30, noise=0.0)
    for index in (50, 51, 120, 150, 151, 152, 209):
        values[index] = None
    assert made(values).mid == pytest.approx([100, 90, 95, 100, 130, 60, 40] * 2)


def test_nothing_below_zero_is_foretold_of_what_never_was() -> None:
    values = [max(0.0, value - 90.0) for value in weekly(30, noise=30) if value is not None]
    found = made(values)  # type: ignore[arg-type]
    assert min(found.mid) >= 0
    assert all(min(band.low) >= 0 for band in found.bands)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.none() | st.floats(-1e9, 1e9), max_size=120), st.integers(1, 20), st.sampled_from([1, 7]))
def test_whatever_comes_there_is_a_forecast_or_a_reason(
    values: list[float | None], horizon: int, season: int
) -> None:
    found = forecast(values, horizon, season)
    if isinstance(found, Forecast):
        assert len(found.mid) == horizon
        for band in found.bands:
            assert all(low <= high for low, high in zip(band.low, band.high, strict=True))


def test_the_bands_hold_what_they_promise() -> None:
    values = weekly(120, noise=12, seed=9)
    hits = {0.8: [0, 0], 0.95: [0, 0]}
    for origin in range(60 * 7, 118 * 7, 7):
        truth = values[origin : origin + 14]
        for band in made(values[:origin]).bands:
            inside = [
                low <= (true or 0) <= high for low, true, high in zip(band.low, truth, band.high, strict=True)
            ]
            hits[band.share][0] += sum(inside)
            hits[band.share][1] += len(inside)
    assert hits[0.8][0] / hits[0.8][1] == pytest.approx(0.8, abs=0.05)
    assert hits[0.95][0] / hits[0.95][1] == pytest.approx(0.95, abs=0.03)


def test_real_orders_before_the_last_weeks_are_as_hard_as_others_found(real_orders: list[float]) -> None:
    """Twelve origins, fourteen days each, up to November: the naive wins, as published for such series."""
    naive_score, holt_winters_score = scores(real_orders[:-9])
    assert naive_score == pytest.approx(0.781, abs=0.005)
    assert holt_winters_score == pytest.approx(0.812, abs=0.01)
    assert made(real_orders[:-9]).method == "seasonal_naive"


def test_real_orders_in_the_season_are_foretold_better_than_by_the_week_before(
    real_orders: list[float],
) -> None:
    found = made(real_orders)
    assert found.method == "holt_winters"
    assert found.naive_mase == pytest.approx(0.875, abs=0.005)
    assert found.mase < 0.85


def test_the_bands_of_real_orders_hold_what_they_promise(real_orders: list[float]) -> None:
    inside = []
    for origin in range(len(real_orders) - 14, len(real_orders) - 14 - 40 * 7, -7):
        band = made(real_orders[:origin]).band(0.8)
        assert band is not None
        truth = real_orders[origin : origin + 14]
        inside += [low <= true <= high for low, true, high in zip(band.low, truth, band.high, strict=True)]
    assert 0.78 <= sum(inside) / len(inside) <= 0.88


def scores(values: list[float]) -> tuple[float, float]:
    known = np.array(values)
    origins = [len(known) - 14 - 14 * index for index in range(12)]
    truth = np.array([known[at : at + 14] for at in origins])
    scales = np.array([np.abs(known[7:at] - known[: at - 7]).mean() for at in origins])
    by_week = np.array([naive(known[:at], 14) for at in origins])
    fitted = forecasting._holt_winters(known, 14, 7, origins)
    return mase(by_week - truth, scales), mase(fitted - truth, scales)


def test_an_error_without_a_scale_is_no_score() -> None:
    assert math.isnan(mase(np.array([[1.0]]), np.array([float("nan")])))

"""A tile says "more than noise" when it is: rarely by chance on a whole dashboard, surely when it matters."""

from __future__ import annotations

import numpy as np
import pytest

from app.series.noise import Change, Unknown, more_than_chance, of_people, of_ratios, of_sums

WEEKDAYS = np.array([1.1, 1.0, 1.0, 1.0, 1.2, 0.6, 0.5])
HISTORY_DAYS = 56


def dashboard(
    rng: np.random.Generator, days: int, sessions_a_day: float, lift: float = 1.0
) -> dict[str, float]:
    """p by tile: five parts of a shop with sessions, orders, revenue, conversion and order value each.

    Days differ for reasons of their own (15 %), conversion too (10 %), and orders are worth very different
    sums. `lift` multiplies conversion in the last `days`.
    """
    count = HISTORY_DAYS + days
    busy = WEEKDAYS[np.arange(count) % 7] * rng.gamma(1 / 0.15**2, 0.15**2, count)
    lifted = np.where(np.arange(count) >= HISTORY_DAYS, lift, 1.0)
    found: dict[str, float] = {}
    for part in range(5):
        sessions = rng.poisson(sessions_a_day * busy)
        orders = rng.binomial(sessions, 0.03 * np.exp(rng.normal(0, 0.1, count)) * lifted)
        revenue = np.array([rng.lognormal(8, 1, number).sum() for number in orders])
        tiles = {
            "sessions": of_sums(*cut(sessions, days), counts=True),
            "orders": of_sums(*cut(orders, days), counts=True),
            "revenue": of_sums(*cut(revenue, days)),
            "conversion": of_ratios(*cut(orders, days, sessions), proportion=True),
            "aov": of_ratios(*cut(revenue, days, orders)),
        }
        found |= {f"{name} {part}": one.p for name, one in tiles.items() if isinstance(one, Change)}
    return found


def cut(values: np.ndarray, days: int, below: np.ndarray | None = None) -> tuple[list, list, list]:
    """now, the same weekdays before, and the eight weeks before now."""
    rows = [float(value) for value in values]
    if below is not None:
        rows = [(value, float(whole)) for value, whole in zip(rows, below, strict=True)]  # type: ignore[misc]
    start = len(rows) - days
    before = start - -(-days // 7) * 7
    return rows[start:], rows[before : before + days], rows[:start]


@pytest.mark.parametrize("days", [1, 7, 28])
def test_few_dashboards_call_noise_a_change(days: int) -> None:
    """Family-wise: one wrong tile makes a dashboard wrong. 5 % plus what 300 drawings scatter."""
    rng = np.random.default_rng(20)
    wrong = sum(bool(more_than_chance(dashboard(rng, days, 800))) for _ in range(300))
    assert wrong / 300 <= 0.075


def test_few_single_tiles_call_noise_a_change() -> None:
    rng = np.random.default_rng(21)
    p_values = np.array([p for _ in range(100) for p in dashboard(rng, 7, 800).values()])
    assert (p_values < 0.05).mean() <= 0.06


def test_a_change_that_matters_is_found_on_a_whole_dashboard() -> None:
    rng = np.random.default_rng(22)
    found = total = 0
    for _ in range(20):
        called = more_than_chance(dashboard(rng, 28, 2_000, lift=1.3))
        found += sum(f"conversion {part}" in called for part in range(5))
        total += 5
    assert found / total > 0.95


def test_a_slow_trend_does_not_pass_for_scatter() -> None:
    days = np.arange(63)
    values = [float(value) for value in 1_000 + 10 * days + np.random.default_rng(1).normal(0, 30, 63)]
    found = of_sums(values[56:], values[49:56], values[:56], counts=True)
    assert isinstance(found, Change)
    assert found.low < 490 < found.high
    assert found.p < 0.05


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (of_sums([5.0] * 7, [5.0] * 7, [5.0] * 10), "history"),
        (of_sums([None] * 7, [5.0] * 7, [5.0] * 56), "days"),
        (of_sums([0.0] * 7, [1.0] * 7, [1.0] * 56, counts=True), "few"),
        (of_sums([5.0] * 7, [5.0] * 7, [5.0] * 56), "same"),
        (of_ratios([(0.0, 0.0)], [(1.0, 30.0)], [(1.0, 30.0)] * 56), "few"),
        (of_ratios([], [], []), "days"),
        (of_people(None, 4.0, [], 7), "days"),
        (of_people(2.0, 3.0, [3.0] * 60, 7), "few"),
        (of_people(200.0, 300.0, [3.0] * 8, 7), "history"),
    ],
)
def test_too_little_is_no_answer(found: Change | Unknown, reason: str) -> None:
    assert found == Unknown(reason)  # type: ignore[arg-type]


def test_different_people_are_compared_by_their_own_scatter() -> None:
    rng = np.random.default_rng(4)
    history = [float(value) for value in rng.poisson(1_000, 84)]
    steady, grown = of_people(1_010, 1_000, history, 7), of_people(1_400, 1_000, history, 7)
    assert isinstance(steady, Change)
    assert isinstance(grown, Change)
    assert steady.p > 0.3
    assert grown.p < 0.001
    assert grown.relative == pytest.approx(0.4)


def test_refunds_may_make_a_day_negative() -> None:
    rng = np.random.default_rng(6)
    days = [float(value) for value in rng.normal(50, 100, 63)]
    found = of_sums(days[56:], days[49:56], days[:56])
    assert isinstance(found, Change)
    assert found.p > 0.01


def test_many_tiles_share_what_chance_is_allowed() -> None:
    assert more_than_chance({"a": 0.03, "b": 0.9}) == set()
    assert more_than_chance({"a": 0.02, "b": 0.9}) == {"a"}
    assert more_than_chance({"a": 0.01, "b": 0.04, "c": 0.02}) == {"a", "b", "c"}
    assert more_than_chance({}) == set()

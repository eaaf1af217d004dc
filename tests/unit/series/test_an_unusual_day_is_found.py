"""A day is unusual beside its weekday; the members that made it so are named, and their parts add up."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.series.anomaly import contributors, judge, ratio_contributors

names = st.sampled_from("abcdef")
amounts = st.floats(0, 1e6)


def test_a_monday_is_judged_by_mondays() -> None:
    week = [100.0, 50.0, 50.0, 50.0, 50.0, 10.0, 10.0]
    quiet = judge(week * 9)[-7:]
    assert all(day is not None and not day.is_unusual for day in quiet)
    sunday_like_a_monday = judge([*(week * 8), *week[:6], 100.0])[-1]
    assert sunday_like_a_monday is not None
    assert sunday_like_a_monday.is_unusual
    assert sunday_like_a_monday.usual == 10


def test_of_quiet_days_few_are_called_unusual() -> None:
    rng = random.Random(11)
    found = [day for day in judge([rng.gauss(100, 20) for _ in range(6_000)]) if day is not None]
    assert sum(day.is_unusual for day in found) / len(found) < 0.01


def test_one_outage_does_not_hide_the_next() -> None:
    values = [100.0 + index % 3 for index in range(70)]
    values[49] = 0.0
    values[63] = 0.0
    assert judge(values)[63].is_unusual  # type: ignore[union-attr]


@pytest.mark.parametrize(("last", "is_unusual"), [(0.0, False), (2.0, False), (40.0, True)])
def test_a_shop_that_never_sold_on_saturdays_may_sell_a_little(last: float, is_unusual: bool) -> None:
    found = judge([*([0.0] * 63), last], counts=True)[-1]
    assert found is not None
    assert found.is_unusual is is_unusual


def test_gaps_and_beginnings_are_not_judged() -> None:
    values = [5.0 if index != 40 else None for index in range(42)]
    found = judge(values)
    assert found[:28] == [None] * 28
    assert found[40] is None
    assert found[41] is not None


@given(st.dictionaries(names, amounts), st.dictionaries(names, amounts))
def test_parts_of_a_sum_add_up(now: dict[str, float], usual: dict[str, float]) -> None:
    rows = contributors(now, usual)
    assert sum(row.difference for row in rows) == pytest.approx(
        sum(now.values()) - sum(usual.values()), abs=1e-3
    )
    assert [abs(row.difference) for row in rows] == sorted(
        (abs(row.difference) for row in rows), reverse=True
    )


pairs = st.dictionaries(names, st.tuples(st.integers(0, 500), st.integers(1, 5_000)), min_size=1)


@given(pairs, pairs)
def test_parts_of_a_ratio_add_up(
    now: dict[str, tuple[float, float]], usual: dict[str, tuple[float, float]]
) -> None:
    change = ratio(now) - ratio(usual)
    assert sum(row.difference for row in ratio_contributors(now, usual)) == pytest.approx(change, abs=1e-9)


def ratio(side: dict[str, tuple[float, float]]) -> float:
    return sum(above for above, _ in side.values()) / sum(below for _, below in side.values())


def test_the_country_that_fell_is_named_first() -> None:
    usual = {"DE": (30, 1000), "FR": (30, 1000)}
    rows = ratio_contributors({"DE": (10, 1000), "FR": (31, 1000)}, usual)
    assert rows[0].member == "DE"
    assert rows[0].share > 1  # it fell by more than the whole did
    assert rows[1].share < 0


def test_a_ratio_of_nothing_is_explained_by_nobody() -> None:
    assert ratio_contributors({}, {"DE": (1, 10)}) == []

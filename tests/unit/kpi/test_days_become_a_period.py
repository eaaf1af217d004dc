"""Sums add up, ratios are ratios of sums, people are never added up; what is missing is no data."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.kpi.calendar import stretches
from app.kpi.measures import (
    KPIS,
    Period,
    Value,
    change,
    over,
    period,
    ratio,
    target_over,
)

MONDAY = date(2026, 3, 2)


def span(values: list[float | None], first: date = MONDAY) -> dict[date, float]:
    return {first + timedelta(days=index): value for index, value in enumerate(values) if value is not None}


def test_a_sum_adds_up_over_its_days() -> None:
    assert over(KPIS["orders"], {"kpi.orders": span([3, 0, 4])}, Period(MONDAY, 3)) == Value(7, 3, 3)


def test_a_ratio_of_a_period_is_the_ratio_of_its_sums() -> None:
    series = {"kpi.sessions": span([100, 900]), "kpi.sessions_with_order": span([10, 9])}
    found = over(KPIS["conversion"], series, Period(MONDAY, 2))
    assert found.value == pytest.approx(19 / 1000)  # the mean of the daily ratios would be 5.5 %


def test_people_are_shown_as_the_mean_day() -> None:
    assert over(KPIS["active-users"], {"kpi.active_users": span([10, 20])}, Period(MONDAY, 2)).value == 15


def test_a_period_with_a_missing_day_says_so() -> None:
    found = over(KPIS["orders"], {"kpi.orders": span([3, None, 4])}, Period(MONDAY, 3))
    assert (found.value, found.known, found.is_whole) == (7, 2, False)


@pytest.mark.parametrize("key", sorted(KPIS))
def test_without_any_day_there_is_no_data(key: str) -> None:
    assert over(KPIS[key], {}, Period(MONDAY, 7)) == Value(None, 0, 7)


def test_without_sessions_there_is_no_conversion() -> None:
    series = {"kpi.sessions": span([0]), "kpi.sessions_with_order": span([0])}
    assert over(KPIS["conversion"], series, Period(MONDAY, 1)).value is None
    assert ratio(1, 0) is None


def test_a_day_is_compared_with_the_same_weekday() -> None:
    assert Period(MONDAY, 1).before() == Period(MONDAY - timedelta(days=7), 1)


@pytest.mark.parametrize("days", [7, 28, 91])
def test_whole_weeks_are_compared_with_those_just_before(days: int) -> None:
    wanted = Period(MONDAY, days)
    assert wanted.before().last == MONDAY - timedelta(days=1)
    assert wanted.before().first.weekday() == wanted.first.weekday()


def test_a_period_ends_yesterday() -> None:
    assert period("7d", MONDAY).last == MONDAY - timedelta(days=1)


def test_a_change_is_relative_and_of_a_ratio_a_difference() -> None:
    assert change(Value(110, 7, 7), Value(100, 7, 7), "count") == pytest.approx(0.1)
    assert change(Value(0.03, 7, 7), Value(0.02, 7, 7), "ratio") == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (Value(None, 0, 7), Value(1, 7, 7)),
        (Value(1, 7, 7), Value(None, 0, 7)),
        (Value(1, 6, 7), Value(1, 7, 7)),
        (Value(1, 7, 7), Value(0, 7, 7)),
    ],
)
def test_what_cannot_be_compared_has_no_change(now: Value, before: Value) -> None:
    assert change(now, before, "count") is None


def test_targets_of_days_add_up_for_sums_only() -> None:
    daily: dict[date, float | None] = {MONDAY: 10.0, MONDAY + timedelta(days=1): 20.0}
    assert target_over(KPIS["orders"], daily, Period(MONDAY, 2)) == 30
    assert target_over(KPIS["conversion"], daily, Period(MONDAY, 2)) == 15
    assert target_over(KPIS["orders"], daily, Period(MONDAY, 3)) is None


def test_days_are_asked_for_in_stretches() -> None:
    days = [MONDAY + timedelta(days=index) for index in (0, 1, 2, 3, 7)]
    assert stretches(days, 3) == [
        (days[0], days[2]),
        (days[3], days[3]),
        (days[4], days[4]),
    ]
    assert stretches([], 3) == []

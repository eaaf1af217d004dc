from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.slo.bucket import HOUR, Counts
from app.slo.budget import Budget, Hour, Step, burn, burn_down, forecast, onset, typical_traffic

NOW = datetime(2026, 3, 31, 0, 0, tzinfo=UTC)
MONTH = timedelta(days=30)


def hours(count, total=100.0, bad=0.0, until=NOW):
    return [Hour(until - n * HOUR, Counts(bad, total)) for n in range(count, 0, -1)]


def test_a_budget_says_what_is_left_in_share_events_and_minutes():
    budget = Budget(0.99, MONTH, Counts(bad=25, total=10_000))
    assert budget.left == pytest.approx(0.75)
    assert budget.allowed_events == pytest.approx(100)
    assert budget.left_events == pytest.approx(75)
    assert budget.allowed_minutes == pytest.approx(432)
    assert budget.left_minutes == pytest.approx(324)


def test_an_overspent_budget_is_negative_and_not_clamped():
    assert Budget(0.99, MONTH, Counts(300, 10_000)).left == pytest.approx(-2)


def test_no_traffic_is_no_data_and_not_a_full_budget():
    budget = Budget(0.99, MONTH, Counts())
    assert budget.left is None
    assert budget.left_minutes is None
    assert burn(Counts(), 0.99) is None


def test_a_quiet_night_weighs_as_little_as_it_was():
    """An average of ratios would say that half of everything failed."""
    night, day = Counts(10, 10), Counts(0, 990)
    assert Budget(0.9, MONTH, night + day).left == pytest.approx(0.9)


@given(bad=st.floats(0, 1e6), good=st.floats(0, 1e6), objective=st.floats(0.5, 0.99999))
def test_left_and_burn_agree(bad, good, objective):
    counts = Counts(bad, bad + good)
    left = Budget(objective, MONTH, counts).left
    if counts.total <= 0:
        assert left is None
    else:
        assert left == pytest.approx(1 - burn(counts, objective))
        assert left <= 1


def test_typical_traffic_is_the_mean_of_the_same_hour_of_day():
    expected = typical_traffic(
        [Hour(NOW - timedelta(days=2), Counts(0, 10)), Hour(NOW - timedelta(days=1), Counts(0, 30))], NOW
    )
    assert expected[0] == 20
    assert expected[1] == 0


def test_an_error_ratio_that_the_budget_allows_never_exhausts():
    ahead = forecast(hours(720), NOW, 0.99, MONTH, error_ratio=0.005)
    assert ahead.exhausts_at is None
    assert ahead.lowest_left == pytest.approx(0.5, abs=0.01)


def test_a_constant_burn_on_clean_history_exhausts_when_the_formula_says():
    """All traffic alike and nothing bad to roll out: gone when bad / total reaches the budget."""
    ahead = forecast(hours(720), NOW, 0.99, MONTH, error_ratio=0.1)
    assert ahead.exhausts_at == NOW + timedelta(hours=72)


def test_what_rolls_out_is_given_back():
    """The window's first ten days were as bad as what comes now: a naive forecast would say it runs dry."""
    past = [Hour(NOW - n * HOUR, Counts(2.5 if n > 480 else 0.0, 100.0)) for n in range(720, 0, -1)]
    naive_days = 30 * (1 - 0.025 / 3 / 0.01) / 2.5
    assert naive_days < 10
    ahead = forecast(past, NOW, 0.99, MONTH, error_ratio=0.025)
    assert ahead.exhausts_at is None or ahead.exhausts_at > NOW + timedelta(days=10)


def test_a_spent_budget_says_when_it_recovers():
    past = [Hour(NOW - n * HOUR, Counts(50.0 if n > 700 else 0.0, 100.0)) for n in range(720, 0, -1)]
    ahead = forecast(past, NOW, 0.99, MONTH, error_ratio=0.0)
    assert ahead.exhausts_at is None
    assert NOW < ahead.recovers_at <= NOW + timedelta(hours=20)
    assert ahead.lowest_left < 0


def test_a_budget_that_stays_spent_neither_exhausts_nor_recovers():
    ahead = forecast(hours(720, bad=5.0), NOW, 0.99, MONTH, error_ratio=0.05)
    assert (ahead.exhausts_at, ahead.recovers_at) == (None, None)
    assert ahead.lowest_left == pytest.approx(-4)


def test_nothing_is_foretold_without_traffic():
    assert forecast([], NOW, 0.99, MONTH, 0.5) is None
    assert forecast(hours(10, total=0.0), NOW, 0.99, MONTH, 0.5) is None


def steps(*bads, total=100.0):
    return [Step(NOW + n * HOUR, None if bad is None else Counts(bad, total)) for n, bad in enumerate(bads)]


def test_the_budget_burns_down_to_what_is_left():
    line = burn_down(steps(1, 0, None, 2), HOUR, allowed_events=10)
    assert [left for _, left in line] == pytest.approx([0.9, 0.9, None, 0.7], nan_ok=True)
    assert line[0][0] == NOW + HOUR


def test_what_was_spent_before_the_range_counts():
    assert burn_down(steps(1), HOUR, 10, spent_before=4)[0][1] == pytest.approx(0.5)


def test_there_is_no_burn_down_of_nothing():
    assert burn_down(steps(0), HOUR, 0) == []


@pytest.mark.parametrize(
    ("bads", "began"),
    [
        ((0, 0, 50, 50), 2),
        ((50, 0, 0, 50, None, 50), 0),  # short pauses belong to it
        ((50, 0, 0, 0, 0, 50), 5),  # a long pause does not
        ((50, 50, 0, 0, 0, 0), None),  # it has been over for long
        ((50, 50, 0), 0),
        ((0, 0, 0), None),
        ((), None),
    ],
)
def test_the_onset_of_a_burn_is_found(bads, began):
    found = onset(steps(*bads), 0.99, quiet_steps=2)
    assert found == (None if began is None else NOW + began * HOUR)

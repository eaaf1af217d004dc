"""When a budget is passed, what growth costs, and whether an investment pays back."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cost.budgets.budget import Budget, Cause, from_words, outlook, period_of, reached
from app.cost.roi.promise import EXAMPLE, Return, standing
from app.cost.roi.promise import from_words as read_promise
from app.cost.whatif import growth
from app.cost.whatif.crossing import crossing
from app.cost.whatif.growth import PHASES, SEED, Component, Scenario, outcome
from app.errors import Refused
from app.series.forecast import Band, Forecast

TODAY = date(2026, 6, 10)
DAY = timedelta(days=1)
BUDGET = Budget("Hosting", "all", "", "month", 30_000, (50, 80, 100), True, "pm@house.test")


def days(first: date, last: date, units: int) -> dict[date, Fraction]:
    return {first + DAY * index: Fraction(units) for index in range((last - first).days + 1)}


def test_periods_hold_their_day() -> None:
    assert period_of(date(2026, 12, 31), "month") == (date(2026, 12, 1), date(2027, 1, 1))
    assert period_of(TODAY, "quarter") == (date(2026, 4, 1), date(2026, 7, 1))
    assert period_of(TODAY, "year") == (date(2026, 1, 1), date(2027, 1, 1))


def test_the_day_of_the_breach_is_the_first_beyond_the_budget() -> None:
    found = outlook(
        BUDGET, TODAY, days(date(2026, 6, 1), TODAY, 12), days(TODAY + DAY, date(2026, 6, 30), 12)
    )
    assert (found.spent_cents, found.expected_cents) == (12_000, 36_000)
    assert found.breach == date(2026, 6, 26)  # 25 days are 300.00 exactly
    assert found.state == "risk"
    assert reached(BUDGET, found) == ["forecast"]


def test_triggers_are_reached_on_what_was_spent() -> None:
    found = outlook(BUDGET, TODAY, days(date(2026, 6, 1), TODAY, 30), {})
    assert reached(BUDGET, found) == ["50", "80", "100"]
    over = outlook(BUDGET, TODAY, days(date(2026, 6, 1), TODAY, 31), {})
    assert (over.state, over.breach) == ("exhausted", TODAY)


def test_without_anything_to_go_by_there_is_no_forecast() -> None:
    found = outlook(BUDGET, TODAY, {}, None)
    assert (found.expected_cents, found.breach, found.state) == (None, None, "ok")


def test_what_grew_most_is_named_first() -> None:
    causes = [Cause("a", 100, 90), Cause("b", 500, 100), Cause("c", 10, 200)]
    found = outlook(BUDGET, TODAY, {}, {}, causes)
    assert [cause.name for cause in found.causes] == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"name": ""}, "name"),
        ({"amount_cents": 0}, "amount_cents"),
        ({"amount_cents": 1.5}, "amount_cents"),
        ({"scope": "moon"}, "scope"),
        ({"scope": "component"}, "member"),
        ({"period": "week"}, "period"),
        ({"triggers": ["x"]}, "triggers"),
        ({"owner": "nobody"}, "owner"),
    ],
)
def test_a_wrong_budget_is_refused_beside_its_field(told: dict, field: str) -> None:
    with pytest.raises(Refused) as refused:
        from_words({"name": "b", "amount_cents": 1, **told})
    assert field in refused.value.fields


def test_the_plans_example_of_a_return() -> None:
    promised = EXAMPLE.promised
    assert (promised.investment_cents, promised.savings_cents) == (36_000_000, 45_000_000)
    assert promised.net_cents == 9_000_000
    assert promised.roi == 0.25
    assert promised.payback_months == pytest.approx(9.6)


def test_nothing_invested_and_nothing_saved_have_no_return() -> None:
    assert Return(0, 5).roi is None
    assert Return(5, 0).payback_months is None


def test_a_promise_is_held_against_the_months_that_were_measured() -> None:
    saved = {date(2026, 1, 1): 3_000_000, date(2026, 2, 1): 3_000_000}
    found = standing(EXAMPLE, saved, date(2026, 4, 1))
    assert (found.months, found.saved_cents, found.due_cents) == (4, 6_000_000, 7_500_000)
    assert found.is_kept is False
    assert found.measured == Return(36_000_000, 36_000_000)
    assert standing(EXAMPLE, {}, date(2026, 4, 1)).is_kept is None


def test_a_promise_comes_back_as_it_went_out() -> None:
    assert read_promise(EXAMPLE.as_words()) == EXAMPLE
    with pytest.raises(Refused):
        read_promise({**EXAMPLE.as_words(), "savings": {"x": -1}})


def test_the_plans_phases_follow_each_other_and_cost_more() -> None:
    for before, after in itertools.pairwise(PHASES):
        assert before.to_users == after.from_users
        assert before.high <= after.high


@pytest.mark.parametrize(
    ("users", "low", "high"),
    [(1_000, 45, 45), (10_000, 45, 45), (100_000, 400, 950), (1_000_000, 3_000, 8_000)],
)
def test_the_seed_lies_in_the_plans_ranges(users: int, low: int, high: int) -> None:
    found = outcome(Scenario("x", users, 100, 0.0))
    assert low * 100 <= found.cents <= high * 100
    assert found.low_cents <= found.cents <= found.high_cents


def test_fixed_steps_and_units_are_added_up() -> None:
    part = Component("x", 100, "users", 1_000, 10, "orders", 2.0, low=0.5, high=2)
    found = outcome(Scenario("s", 2_500, 3, 0.1, (part,), revenue_per_order_cents=10))
    assert found.by_component == {"x": (310, 620, 1240)}
    assert (found.orders, found.per_user_cents, found.margin_cents) == (250, 620 / 2_500, 2_500 - 620)


def test_without_users_a_user_costs_no_data() -> None:
    assert outcome(Scenario("s", 0, 0, 0, SEED)).per_user_cents is None


def test_the_next_phase_is_dated_by_growth() -> None:
    found = crossing([500, 1_000 / 2**0.5], date(2026, 6, 1))
    assert found
    assert (found.phase.key, found.on) == ("growing", date(2026, 7, 2))
    flat = crossing([500, 500], date(2026, 6, 1))
    assert flat
    assert flat.on is None
    assert crossing([500], date(2026, 6, 1)) is None


@given(st.integers(0, 10**9))
def test_every_number_of_users_has_a_phase(users: int) -> None:
    phase = growth.phase_of(users)
    assert phase.from_users <= users
    assert phase.to_users is None or users < phase.to_users


def test_a_scenario_comes_back_as_it_went_out() -> None:
    scenario = Scenario("x", 10, 2.5, 0.1)
    assert growth.from_words(scenario.as_words()) == scenario
    with pytest.raises(Refused) as refused:
        growth.from_words({"name": "", "users": -1, "components": [{"name": "a", "unit_driver": "x"}]})
    assert {"name", "users", "components[0].unit_driver"} <= refused.value.fields.keys()


def test_the_next_phase_begins_when_a_better_forecast_reaches_it_with_a_band() -> None:
    band = Band(0.8, (950.0, 980.0, 990.0), (980.0, 1_010.0, 1_050.0))
    made = Forecast("holt_winters", (960.0, 990.0, 1_020.0), (band,), 0.7, 0.8, 12)
    found = crossing([800, 900], date(2026, 6, 1), made, date(2026, 7, 10))
    assert found is not None
    assert (found.on, found.earliest, found.latest) == (date(2026, 7, 13), date(2026, 7, 12), None)
    assert found.by == "forecast"


def test_without_a_better_forecast_the_mean_growth_tells_with_how_sure_it_is() -> None:
    naive = Forecast("seasonal_naive", (2_000.0,), (), 0.8, 0.8, 12)
    found = crossing([400, 500, 560, 700], date(2026, 6, 1), naive, date(2026, 7, 10))
    assert found is not None
    assert found.by == "mean growth"
    assert found.earliest < found.on < found.latest

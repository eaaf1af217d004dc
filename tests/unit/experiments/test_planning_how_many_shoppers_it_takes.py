"""Power, duration and money: the rules behind "too early" and behind the form's preview."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.experiments.definition import Definition, Variant
from app.experiments.moments import Ratio, Sample
from app.experiments.money import gain
from app.experiments.planning import preview
from app.experiments.power import arms_of, chance_to_see, days_needed, shoppers_needed, smallest_effect
from app.experiments.stats import Comparison, compare

TENTH = Sample(1_000, 100)
NOTHING = Ratio(Sample(5, 0, 0), Sample(5, 0, 0), 0)
HOW = {"alpha": 0.05, "tuning": 5_000.0}


def test_a_fixed_test_needs_what_the_textbook_says():
    """10 % to 11 %, two sides, 80 % power: (1.96 + 0.84)² · (0.1·0.9 + 0.11·0.89) / 0.01² a side."""
    needed = shoppers_needed(arms_of(TENTH, 0.1), 0.1, test="welch")
    assert needed == pytest.approx(2 * 14_749, rel=2e-4)


def test_reading_every_day_has_its_price():
    arms = arms_of(TENTH, 0.1)
    assert 1.5 < shoppers_needed(arms, 0.1) / shoppers_needed(arms, 0.1, test="welch") < 4


@settings(max_examples=25)
@given(
    share=st.floats(0.02, 0.4),
    effect=st.floats(0.02, 0.9),
    split=st.floats(0.1, 0.9),
    test=st.sampled_from(["welch", "always_valid"]),
)
def test_as_many_shoppers_as_needed_reach_the_power_and_one_percent_fewer_do_not(share, effect, split, test):
    arms = arms_of(Sample(1_000, 1_000 * share), effect, split)
    if arms is None:
        return
    needed = shoppers_needed(arms, effect, test=test)
    assert chance_to_see(arms, effect, needed, test=test, **HOW) >= 0.8 - 1e-6
    assert chance_to_see(arms, effect, needed * 0.99 - 1, test=test, **HOW) < 0.8
    assert smallest_effect(arms, needed, test=test) <= effect * 1.01


def test_an_uneven_split_needs_more():
    even, uneven = (shoppers_needed(arms_of(TENTH, 0.1, share), 0.1) for share in (0.5, 0.9))
    assert uneven > 2 * even


@pytest.mark.parametrize(
    "control", [Sample(0, 0), Sample(10, 0), Sample(10, 10), Ratio(Sample(5, 0, 0), Sample(5, 0, 0), 0)]
)
def test_where_nothing_can_be_planned_there_is_no_number(control):
    arms = arms_of(control, 0.05)
    assert arms is None
    assert shoppers_needed(arms, 0.05) is None
    assert smallest_effect(arms, 100) is None


def test_no_effect_is_never_seen_and_no_traffic_never_ends():
    assert shoppers_needed(arms_of(TENTH, 0.0), 0.0) is None
    assert days_needed(100, 0) is days_needed(None, 5) is days_needed(100, None) is None
    assert days_needed(101, 50) == 3


def test_the_preview_plans_for_the_smallest_pair_and_counts_all_shoppers():
    def plan(*weights: int) -> Definition:
        variants = [Variant(name, weight) for name, weight in zip("abc", weights, strict=False)]
        return Definition("n", "f", "", variants, control="a", expected_effect=0.1)

    lately = (14, 14_000, {"bought": 1_400})
    two, three = preview(plan(50, 50), *lately), preview(plan(50, 25, 25), *lately)
    assert two.shoppers_a_day == 1_000
    assert two.mean == 0.1
    assert [line.effect for line in two.lines] == [0.1, 0.02, 0.05, 0.2]
    assert two.lines[0].shoppers == shoppers_needed(arms_of(TENTH, 0.1), 0.1)
    assert two.lines[0].days == days_needed(two.lines[0].shoppers, 1_000)
    assert three.lines[0].shoppers > two.lines[0].shoppers
    nobody = preview(plan(1, 1), 14, 0, {})
    assert (nobody.mean, nobody.lines[0].shoppers, nobody.lines[0].days) == (None, None, None)


def test_the_line_between_ship_and_kill_is_drawn_in_money():
    def interval(low: float, high: float) -> Comparison:
        return Comparison((low + high) / 2, (low, high), 0.5, 1.0)

    assert gain(interval(10, 30), 0.5, 2).line == "ship"
    assert gain(interval(10, 30), 0.5, 2).cents == 8
    assert gain(interval(-10, 30), 0.5, 2).line == "open"
    assert gain(interval(1, 3), 0.5, 2).line == "kill"
    assert gain(compare(Sample(0, 0), Sample(5, 2)), 0.5, 2) is None

"""The verdict: what matters most is said first."""

from __future__ import annotations

import pytest

from app.experiments.analysis import Plan, Question, analyse
from app.experiments.moments import Sample

EVEN = {"a": 1.0, "b": 1.0}


def verdict(a: int, b: int, n: int = 50_000, guard: tuple[int, int] | None = None, **plan: object):
    questions = [Question("goal", {"a": Sample(n, a), "b": Sample(n, b)})]
    if guard is not None:
        failed = {"a": Sample(n, guard[0]), "b": Sample(n, guard[1])}
        questions.append(Question("failures", failed, role="guard", less_is_better=True, margin=0.1))
    how = {"control": "a", "weights": EVEN, **plan}
    return analyse(Plan(**how), questions, {"a": n, "b": n}).verdict


def test_what_is_proven_to_be_better_is_better():
    assert verdict(5_000, 6_000).kind == "better"
    assert verdict(5_000, 6_000).variant == "b"


def test_what_is_proven_to_be_worse_is_worse():
    assert verdict(6_000, 5_000).kind == "worse"


def test_a_broken_guard_weighs_more_than_a_gain():
    assert verdict(5_000, 6_000, guard=(5_000, 8_000)).kind == "guard_broken"
    assert verdict(5_000, 6_000, guard=(5_000, 8_000)).guards == ("failures",)


def test_a_guard_that_is_not_proven_keeps_a_gain_from_being_safe():
    assert verdict(5_000, 6_000, guard=(50, 52)).kind == "better_open"
    assert verdict(5_000, 6_000, guard=(0, 0)).kind == "better_open"  # no answer is no proof


def test_an_interval_below_what_was_hoped_for_is_an_answer():
    assert verdict(25_000, 25_010, expected_effect=0.2).kind == "too_small"


def test_too_early_says_how_many_more_and_how_long():
    found = verdict(100, 110, n=1_000, shoppers_a_day=1_000.0, expected_effect=0.1)
    assert found.kind == "too_early"
    assert found.days_more == pytest.approx(found.shoppers_more / 1_000, abs=1)


def test_a_mismatch_comes_before_everything_but_an_empty_room():
    questions = [Question("goal", {"a": Sample(9_000, 10), "b": Sample(1_000, 900)})]
    plan = Plan("a", weights=EVEN)
    assert analyse(plan, questions, {"a": 9_000, "b": 1_000}).verdict.kind == "mismatch"
    nobody = [Question("goal", {"a": Sample(0, 0), "b": Sample(0, 0)})]
    assert analyse(plan, nobody, {"a": 0, "b": 0}).verdict.kind == "no_exposures"


def test_a_proven_gain_of_one_variant_is_told_before_a_larger_guess_about_another():
    questions = [
        Question("goal", {"a": Sample(50_000, 5_000), "b": Sample(50_000, 5_800), "c": Sample(50, 9)})
    ]
    plan = Plan("a", weights={"a": 1, "b": 1, "c": 0.001})
    assert analyse(plan, questions, {"a": 50_000, "b": 50_000, "c": 50}).verdict.variant == "b"


def test_less_is_better_turns_good_and_bad():
    questions = [
        Question("goal", {"a": Sample(50_000, 6_000), "b": Sample(50_000, 5_000)}, less_is_better=True)
    ]
    assert analyse(Plan("a"), questions, {"a": 1, "b": 1}).verdict.kind == "better"


def test_goals_are_corrected_together_and_guards_are_left_out():
    groups = {"a": Sample(1_000, 100), "b": Sample(1_000, 130)}
    questions = [Question("one", groups), Question("two", groups), Question("three", groups, role="guard")]
    found = analyse(Plan("a", test="welch"), questions, {"a": 1_000, "b": 1_000})
    p = [finding.rows[0].comparison.p_value for finding in found.findings]
    assert [finding.rows[0].p_adjusted for finding in found.findings] == pytest.approx(
        [2 * p[0], 2 * p[1], p[2]]
    )

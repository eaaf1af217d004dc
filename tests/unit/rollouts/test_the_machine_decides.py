"""What a rollout does next: every order of the questions, and what holds for any evidence whatever."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.rollouts.machine import (
    STEADY_SECONDS,
    Circumstances,
    Decision,
    Findings,
    Position,
    after,
    decide,
)
from app.rollouts.plan import Guard, Plan, Step

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PLAN = Plan(
    steps=(Step(5, 30, 50), Step(50, 60, approver="another"), Step(100, 0)),
    guards=(Guard("errors", 1.5, "all"),),
    deadline=NOW + DAY,
)
WELL = Findings(is_fresh=True, has_treated=True, has_control=True)
READY = Position(observed_seconds=1800, steady_seconds=900, exposures=50, approved=1)
QUIET = Circumstances(NOW)


def asked(at=READY, found=WELL, around=QUIET, plan=PLAN) -> tuple[str, str]:
    decision = decide(plan, at, found, around)
    return decision.action, decision.code


def test_it_takes_the_next_step_when_all_is_well():
    assert decide(PLAN, READY, WELL, QUIET) == Decision("advance", "good", {"step": 1})
    moved = after(READY, Decision("advance", "good", {"step": 1}))
    assert (moved.step, moved.observed_seconds, moved.exposures) == (1, 0.0, None)


def test_it_is_done_after_the_last_step():
    at = replace(READY, step=2)
    assert asked(at) == ("finish", "good")
    assert after(at, Decision("finish", "good")).outcome == "finished"


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"observed_seconds": 1799}, ("stay", "time")),
        ({"exposures": 49}, ("stay", "exposures")),
        ({"exposures": None}, ("hold", "no_exposures")),
        ({"steady_seconds": STEADY_SECONDS - 1}, ("hold", "returning")),
        ({"approved": 0}, ("ask", "approval")),
        ({"state": "paused"}, ("hold", "paused")),
    ],
)
def test_it_waits_where_it_stands(change, wanted):
    assert asked(replace(READY, **change)) == wanted


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (Findings(), ("hold", "blind")),
        (replace(WELL, is_fresh=False), ("hold", "blind")),
        (replace(WELL, silent=("cost",)), ("hold", "silent")),
        (replace(WELL, has_treated=False), ("hold", "no_traffic")),
        (replace(WELL, has_control=False), ("hold", "no_traffic")),
        (replace(WELL, mismatched=True), ("hold", "mismatch")),
        (replace(WELL, suspects=("errors:all",)), ("hold", "suspicious")),
        (replace(WELL, both_suffer=True), ("freeze", "both_suffer")),
        (replace(WELL, harms=("errors:all",)), ("roll_back", "harm")),
    ],
)
def test_evidence_holds_it_back(found, wanted):
    assert asked(found=found) == wanted


@pytest.mark.parametrize(
    ("around", "wanted"),
    [
        ({"changed_by": "ann"}, ("let_go", "by_hand")),
        ({"frozen": True}, ("freeze", "frozen")),
        ({"budget_gone": True}, ("freeze", "budget_gone")),
        ({"policy_freeze": True}, ("freeze", "policy")),
        ({"budget_gone": True, "policy_freeze": True, "overridden": True}, ("advance", "good")),
        ({"frozen": True, "overridden": True}, ("freeze", "frozen")),
        ({"too_large": True}, ("hold", "too_large")),
        ({"now": NOW + DAY}, ("expire", "deadline")),
    ],
)
def test_circumstances_hold_it_back(around, wanted):
    assert asked(around=replace(QUIET, **around)) == wanted


HARM = replace(WELL, harms=("errors:all",))


def test_harm_wins_over_a_pending_approval_a_pause_a_freeze_and_the_deadline():
    waiting = replace(READY, approved=0)
    for at in (waiting, replace(READY, state="paused"), replace(READY, observed_seconds=0.0)):
        for around in (QUIET, Circumstances(NOW, frozen=True), Circumstances(NOW + DAY)):
            assert asked(at, replace(HARM, is_fresh=False, mismatched=True), around) == ("roll_back", "harm")


def test_harm_does_what_the_plan_says():
    assert asked(found=HARM, plan=replace(PLAN, on_harm="off")) == ("off", "harm")
    holding = replace(PLAN, on_harm="hold")
    assert asked(found=HARM, plan=holding) == ("halt", "harm")
    halted = after(READY, Decision("halt", "harm"))
    assert asked(halted, HARM, plan=holding) == ("hold", "halted")


def test_nothing_is_overwritten_once_a_person_changed_the_flag():
    by_hand = after(READY, Decision("let_go", "by_hand"))
    assert (by_hand.state, by_hand.let_go) == ("paused", True)
    assert asked(by_hand, HARM, Circumstances(NOW, changed_by="ann")) == ("hold", "let_go")


def test_the_last_step_needs_no_control_group():
    at = replace(READY, step=2, observed_seconds=0.0)
    assert asked(at, replace(WELL, has_control=False)) == ("finish", "good")


keys = st.lists(st.sampled_from(["errors:all", "latency:all", "conversion"]), max_size=3, unique=True).map(
    tuple
)
findings = st.builds(
    Findings, keys, keys, keys, st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.booleans()
)
positions = st.builds(
    Position,
    state=st.sampled_from(["running", "paused"]),
    step=st.integers(0, 2),
    observed_seconds=st.floats(0, 1e6),
    steady_seconds=st.floats(0, 1e6),
    exposures=st.none() | st.integers(0, 1000),
    approved=st.integers(0, 2),
)
circumstances = st.builds(
    Circumstances,
    now=st.sampled_from([NOW, NOW + DAY - timedelta(seconds=1)]),
    changed_by=st.sampled_from(["", "", "ann"]),
    frozen=st.booleans(),
    budget_gone=st.booleans(),
    policy_freeze=st.booleans(),
    overridden=st.booleans(),
    too_large=st.booleans(),
)
plans = st.builds(
    Plan,
    steps=st.just(PLAN.steps),
    guards=st.just(PLAN.guards),
    deadline=st.just(PLAN.deadline),
    on_harm=st.sampled_from(["roll_back", "off", "hold"]),
)
FORWARD = ("advance", "finish")


@given(plans, positions, findings, circumstances)
def test_it_never_goes_forward_on_missing_evidence(plan, at, found, around):
    last = plan.steps[at.step].percent == 100
    has_all = found.is_fresh and not found.silent and found.has_treated and (found.has_control or last)
    assume(not has_all)
    assert decide(plan, at, found, around).action not in FORWARD


@given(plans, positions, findings, circumstances)
def test_it_never_goes_forward_past_harm_doubt_trouble_or_a_mismatch(plan, at, found, around):
    assume(found.harms or found.suspects or found.both_suffer or found.mismatched or around.frozen)
    assert decide(plan, at, found, around).action not in FORWARD


@given(plans, positions, findings, circumstances)
def test_it_never_goes_forward_too_early_or_without_the_word_that_it_needs(plan, at, found, around):
    decision = decide(plan, at, found, around)
    if decision.action in FORWARD:
        step = plan.steps[at.step]
        assert at.state == "running"
        assert at.observed_seconds >= step.minutes * 60
        assert not step.exposures or (at.exposures or 0) >= step.exposures
        assert not around.changed_by
        assert around.now < plan.deadline
    if decision.action == "advance":
        assert at.step < plan.last
        assert not plan.steps[at.step + 1].approver or at.approved > at.step
        assert around.overridden or not (around.budget_gone or around.policy_freeze)
        assert not around.too_large


@given(plans, positions, findings, circumstances)
def test_harm_always_acts_unless_a_persons_hand_is_on_the_flag(plan, at, found, around):
    assume(found.harms and not around.changed_by)
    assert decide(plan, at, found, around).action in ("roll_back", "off", "halt")


@given(plans, positions, findings, circumstances)
def test_the_same_question_has_the_same_answer_and_only_steps_move_it_on(plan, at, found, around):
    decision = decide(plan, at, found, around)
    assert decide(plan, at, found, around) == decision
    moved = after(at, decision)
    assert moved.step == at.step + (decision.action == "advance")
    assert (moved.state == "ended") == (decision.action in ("finish", "roll_back", "off", "expire"))


@given(plans, st.lists(st.tuples(findings, circumstances), min_size=1, max_size=30), st.integers(1, 400))
def test_it_always_ends(plan, life, look_minutes):
    """Whatever it meets, and however seldom it is looked at: at the deadline at the latest."""
    at, now, looks = Position(), NOW, 0
    while at.state != "ended":
        found, around = life[looks % len(life)]
        at = replace(
            at, observed_seconds=at.observed_seconds + look_minutes * 60, steady_seconds=1e6, exposures=99
        )
        before = at.step
        at = after(at, decide(plan, at, found, replace(around, now=now)))
        assert at.step in (before, before + 1)
        now += timedelta(minutes=look_minutes)
        looks += 1
        assert now <= plan.deadline + timedelta(minutes=2 * look_minutes)

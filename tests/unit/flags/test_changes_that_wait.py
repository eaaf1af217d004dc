"""The life of a change request: who may say what, what counts, and what comes too late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Conflict, Forbidden, Refused
from app.flags import change_request as rules
from app.flags.change_request import Change, Opinion

NOW = datetime(2026, 3, 1, tzinfo=UTC)
STATES = (*rules.OPEN, *rules.ENDED)


def state(percent, enabled=True, **more):
    parameters = {"rollout": str(percent), "stickiness": "default", "groupId": "f"}
    strategy = {"name": "flexibleRollout", "parameters": parameters, "constraints": [], "variants": []}
    return {"enabled": enabled, "strategies": [strategy | more], "variants": []}


def judged(verdict="approve", who="bo", authors=("ada",), opinions=(), needed=1, was="in_review", at=None):
    return rules.judged(was, verdict, who, authors, opinions, 2, needed, at)


def test_nobody_approves_their_own_change_not_even_one_of_several_authors():
    with pytest.raises(Forbidden):
        judged(who="ada")
    with pytest.raises(Forbidden):
        judged(who="bo", authors=("ada", "bo"))


def test_enough_different_people_make_it_approved_and_one_twice_does_not():
    assert judged() == "approved"
    assert judged(needed=2) == "in_review"
    assert judged(needed=2, opinions=[Opinion("bo", "approve", 2)]) == "in_review"
    assert judged(needed=2, opinions=[Opinion("cy", "approve", 2)]) == "approved"


def test_an_approval_of_an_earlier_round_no_longer_counts():
    assert judged(needed=2, opinions=[Opinion("cy", "approve", 1)]) == "in_review"


def test_an_approved_change_with_an_hour_is_planned():
    assert judged(at=NOW) == "scheduled"


def test_an_author_may_reject_their_own_and_anybody_may_comment_at_any_time():
    assert judged("reject", who="ada") == "rejected"
    assert judged("comment", who="ada", was="applied") == "applied"


def test_what_is_over_cannot_be_judged_sent_or_applied():
    for was in rules.ENDED:
        with pytest.raises(Conflict):
            judged(was=was)
        with pytest.raises(Conflict):
            rules.sent(was, 1, 0, None)
        with pytest.raises(Conflict):
            rules.check_ready(was)


def test_a_draft_goes_to_review_or_straight_to_its_hour():
    assert rules.sent("draft", 1, 2, NOW) == "in_review"
    assert rules.sent("draft", 1, 0, None) == "approved"
    assert rules.sent("not_applied", 1, 0, NOW) == "scheduled"
    with pytest.raises(Refused):
        rules.sent("draft", 0, 0, None)


@given(st.lists(st.sampled_from(["ada", "bo", "cy", "di"])), st.integers(1, 4))
def test_no_order_of_words_approves_without_enough_others(speakers, needed):
    was, said = "in_review", []
    for who in speakers:
        if was != "in_review":
            break
        try:
            was = rules.judged(was, "approve", who, ["ada"], said, 1, needed, None)
        except Forbidden:
            assert who == "ada"
            continue
        said.append(Opinion(who, "approve", 1))
    assert (was == "approved") == (len({one.who for one in said}) >= needed)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (state(5), True),
        (state(10), True),
        (state(11), False),
        (state(10, enabled=False), True),
        (state(5, constraints=[{"contextName": "country", "operator": "IN", "values": ["DE"]}]), False),
        ({"enabled": True, "strategies": [], "variants": []}, False),
    ],
)
def test_a_change_narrows_where_surely_nobody_new_gets_the_flag(after, expected):
    assert rules.narrows(state(10), after) is expected


def test_what_widens_is_not_made_an_hour_late_and_what_narrows_is_made_however_late():
    assert not rules.is_too_late(NOW, NOW + timedelta(minutes=60), False)
    assert rules.is_too_late(NOW, NOW + timedelta(minutes=61), False)
    assert not rules.is_too_late(NOW, NOW + timedelta(days=30), True)


def test_an_environment_that_asks_for_more_by_now_is_asked_again():
    rules.check_approvals(2, 2)
    with pytest.raises(Conflict):
        rules.check_approvals(0, 1)


@pytest.mark.parametrize("at", [None, NOW, NOW - timedelta(seconds=1), NOW + timedelta(days=400)])
def test_an_hour_lies_ahead_and_within_a_year(at):
    with pytest.raises(Refused) as refused:
        rules.checked_hour(at, NOW)
    assert list(refused.value.fields) == ["apply_at"]


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ({}, "kind"),
        ({"percent": 5, "enabled": True}, "kind"),
        ({"percent": 101}, "percent"),
        ({"enabled": "yes"}, "enabled"),
        ({"strategies": [{"name": "no-such"}]}, "strategies"),
        ({"strategies": [], "variants": [{"name": "a", "weight": 1}]}, "variants"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused_beside_its_field(raw, field):
    with pytest.raises(Refused) as refused:
        rules.checked_change("f", raw)
    assert field in refused.value.fields


def test_what_a_change_makes_of_a_flag():
    assert rules.outcome(state(10), Change("f", "enabled", {"enabled": False}))["enabled"] is False
    moved = rules.outcome(state(10, enabled=False), Change("f", "percent", {"percent": 30}))
    assert (moved["enabled"], moved["strategies"][0]["parameters"]["rollout"]) == (True, "30")
    empty = rules.outcome(state(10), Change("f", "targeting", {"strategies": [], "variants": []}))
    assert empty["strategies"] == []


def test_every_state_has_a_name():
    assert set(rules.NAMES) == set(STATES)

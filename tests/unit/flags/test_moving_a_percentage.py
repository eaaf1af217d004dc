"""What the slider may do, and what it leaves alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Refused
from app.flags.audience import Audience
from app.flags.percent import Reach, can_move, checked_percent, moved, reach

GERMANS = {"contextName": "country", "operator": "IN", "values": ["DE"]}


def flexible(percent: int, **more):
    parameters = {"rollout": str(percent), "stickiness": "default", "groupId": "f"}
    return {"name": "flexibleRollout", "parameters": parameters, "constraints": [], "variants": []} | more


@pytest.mark.parametrize(("text", "percent"), [("0", 0), ("7", 7), ("100", 100), ("007", 7), (50, 50)])
def test_whole_numbers_from_0_to_100_are_taken(text, percent):
    assert checked_percent(text) == percent


@pytest.mark.parametrize(
    "text", ["-1", "101", "1.5", "NaN", "", " 5", "1_0", "١", "1e2", "5%", None, 1.5, True, float("nan"), [5]]
)
def test_anything_else_is_refused_beside_the_field(text):
    with pytest.raises(Refused) as refused:
        checked_percent(text)
    assert set(refused.value.fields) == {"percent"}


@pytest.mark.parametrize(
    ("enabled", "strategies", "expected"),
    [
        (False, [flexible(50)], Reach(0, is_targeted=False)),
        (True, [], Reach(100, is_targeted=False)),
        (True, [{"name": "default"}], Reach(100, is_targeted=False)),
        (True, [flexible(25)], Reach(25, is_targeted=False)),
        (True, [flexible(25, constraints=[GERMANS])], Reach(25, is_targeted=True)),
        (True, [flexible(25), flexible(10)], Reach(None, is_targeted=True)),
        (True, [{"name": "userWithId", "parameters": {"userIds": "1"}}], Reach(None, is_targeted=True)),
        (True, [flexible(25, disabled=True)], Reach(100, is_targeted=False)),
        (True, [flexible(25, disabled=True), flexible(10)], Reach(10, is_targeted=False)),
    ],
)
def test_the_share_of_shoppers_is_read_from_the_strategies(enabled, strategies, expected):
    assert reach(enabled, strategies) == expected


def test_the_first_move_makes_a_sticky_rollout_of_its_own_group():
    assert moved([], 10, "new-checkout") == [
        {
            "name": "flexibleRollout",
            "parameters": {"stickiness": "default", "groupId": "new-checkout", "rollout": "10"},
            "constraints": [],
            "variants": [],
        }
    ]


@given(st.integers(0, 100), st.integers(0, 100))
def test_a_move_keeps_constraints_and_stickiness_so_that_nobody_changes_sides(before, after):
    parameters = {"rollout": str(before), "stickiness": "sessionId", "groupId": "old"}
    stored = [flexible(0, parameters=parameters, constraints=[GERMANS], title="Germans first")]
    [strategy] = moved(stored, after, "f")
    assert strategy["parameters"] == parameters | {"rollout": str(after)}
    assert strategy["constraints"] == [GERMANS]
    assert strategy["title"] == "Germans first"
    assert stored[0]["parameters"]["rollout"] == str(before)
    assert reach(True, [strategy]) == Reach(after, is_targeted=True)


@pytest.mark.parametrize(
    "strategies",
    [[flexible(5), flexible(6)], [{"name": "remoteAddress", "parameters": {}}], [flexible(5, disabled=True)]],
)
def test_several_strategies_are_not_moved_by_one_slider(strategies):
    assert not can_move(strategies)
    with pytest.raises(Refused):
        moved(strategies, 10, "f")


def test_the_audience_says_about_how_many_shoppers_that_is(now):
    audience = Audience(48, now)
    assert audience.reached(25) == 12
    assert audience.reached(None) is None
    assert audience.is_fresh(now)


@pytest.mark.parametrize("stored", [{"no": "list"}, [5], [{}], None, "text"])
def test_what_cannot_be_read_reaches_nobody_and_is_not_moved(stored):
    assert reach(True, stored) == Reach(0, is_targeted=False)
    assert not can_move(stored)
    with pytest.raises(Refused):
        moved(stored, 10, "f")

"""The history of a flag as people read it."""

from __future__ import annotations

import pytest

from app.flags.changes import changes


@pytest.fixture(autouse=True)
def _words(babel_context):
    """Names of fields are read out."""


def state(percent, enabled=True, **more):
    parameters = {"rollout": str(percent), "stickiness": "default", "groupId": "f"}
    strategy = {"name": "flexibleRollout", "parameters": parameters, "constraints": [], "variants": []}
    return {"environment": "production", "enabled": enabled, "strategies": [strategy | more], "variants": []}


def lines(before, after):
    return [(str(change.name), change.before, change.after) for change in changes(before, after)]


def test_a_moved_slider_is_one_line():
    assert lines(state(10), state(25)) == [("Percentage", "10 %", "25 %")]


def test_the_first_move_is_one_line_although_it_makes_a_strategy():
    off = {"environment": "production", "enabled": False, "strategies": [], "variants": []}
    assert lines(off, state(10)) == [("Percentage", "0 %", "10 %")]


def test_a_kill_is_told_by_its_percentage():
    assert lines(state(25), state(25, enabled=False)) == [("Percentage", "25 %", "0 %")]


def test_switching_what_reaches_nobody_tells_the_switch():
    told = [(name, str(was), str(now)) for name, was, now in lines(state(0), state(0, enabled=False))]
    assert told == [("Enabled", "yes", "no")]


def test_new_constraints_are_shown_in_full():
    germans = {"contextName": "country", "operator": "IN", "values": ["DE"]}
    [(name, before, after)] = lines(state(10), state(10, constraints=[germans]))
    assert name == "Strategies"
    assert "DE" in after
    assert "DE" not in before


def test_several_strategies_have_no_percentage():
    both = state(10)
    both["strategies"] = both["strategies"] * 2
    assert lines(state(10), both)[0] == ("Percentage", "10 %", "–")


def test_words_about_a_flag_are_told_field_by_field():
    before = {"type": "release", "owner": "", "tags": [], "archived": False}
    after = {"type": "experiment", "owner": "growth", "tags": ["area:checkout"], "archived": False}
    told = {name: (was, now) for name, was, now in lines(before, after)}
    assert told["Type"] == ("release", "experiment")
    assert told["Owner"] == (None, "growth")
    assert "area:checkout" in told["Tags"][1]


def test_what_was_created_has_no_before():
    assert lines(None, {"type": "release"}) == [("Type", None, "release")]


def test_mending_what_could_not_be_read_shows_both():
    broken = {"environment": "production", "enabled": True, "strategies": {"no": "list"}, "variants": []}
    assert [name for name, _, _ in lines(broken, state(10))] == ["Percentage", "Strategies"]

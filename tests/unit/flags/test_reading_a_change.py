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


GERMANS = {"contextName": "country", "operator": "IN", "values": ["DE"]}


def test_a_new_constraint_is_told_in_words():
    assert lines(state(10), state(10, constraints=[GERMANS])) == [("constraint", None, "country is DE")]


def test_another_value_is_told_as_before_and_after():
    both = GERMANS | {"values": ["DE", "AT"]}
    told = lines(state(10, constraints=[GERMANS]), state(10, constraints=[both]))
    assert told == [("constraint", "country is DE", "country is one of DE, AT")]


def test_a_changed_weight_is_told_by_its_variant():
    def split(red):
        return [{"name": "red", "weight": red}, {"name": "blue", "weight": 1000 - red}]

    told = lines(state(10, variants=split(500)), state(10, variants=split(900)))
    assert told == [("variant red", "50%", "90%"), ("variant blue", "50%", "10%")]


def test_a_second_strategy_is_told_as_a_sentence_and_the_first_is_left_alone():
    before = state(10)
    after = state(10)
    after["strategies"] = before["strategies"] + state(50, constraints=[GERMANS])["strategies"]
    told = lines(before, after)
    assert told[1:] == [("Strategy 2", None, "50% of shoppers whose country is DE")]


def test_a_strategy_that_only_moved_up_is_no_new_one():
    one, other = state(10)["strategies"][0], state(50, constraints=[GERMANS])["strategies"][0]
    before, after = state(10) | {"strategies": [one, other]}, state(10) | {"strategies": [other, one]}
    assert [name for name, _, _ in lines(before, after)] == ["Order of strategies"]


def test_a_percentage_in_one_of_several_strategies_says_which():
    one, other, more = (state(share)["strategies"][0] for share in (10, 20, 30))
    before, after = state(10) | {"strategies": [one, other]}, state(10) | {"strategies": [one, more]}
    assert lines(before, after) == [("Strategy 2: rollout", "20 %", "30 %")]


def test_several_strategies_have_no_percentage():
    both = state(10)
    both["strategies"] = both["strategies"] * 2
    assert lines(state(10), both)[0] == ("Percentage", "10 %", "by strategies")


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

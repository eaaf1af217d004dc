"""The targeting editor's form: what is read from it, and what its buttons do."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.flags import editing
from app.flags.editing import Draft
from app.flags.targeting import checked_strategies, checked_variants

SHARE = {
    "strategies-0-name": ["flexibleRollout"],
    "strategies-0-rollout": ["25"],
    "strategies-0-stickiness": ["sessionId"],
    "strategies-0-groupId": ["g"],
    "strategies-0-segments": ["3", "4"],
    "strategies-0-constraints-0-contextName": ["locale"],
    "strategies-0-constraints-0-operator": ["IN"],
    "strategies-0-constraints-0-values": ["de\n\n at \n"],
    "strategies-0-constraints-0-inverted": ["1"],
    "strategies-0-constraints-1-contextName": ["age"],
    "strategies-0-constraints-1-operator": ["NUM_GT"],
    "strategies-0-constraints-1-values": ["18"],
}


def variant(base, name, weight, **more):
    fields = {f"{base}-name": [name], f"{base}-weight": [weight]}
    return fields | {f"{base}-{key}": [value] for key, value in more.items()}


def test_a_filled_form_is_what_sdks_read():
    form = SHARE | variant("variants-0", "red", "66.7", payloadType="json", payload="{}")
    draft = editing.read(form | variant("variants-1", "blue", "33,3", fixed="1"), "f")
    [strategy] = checked_strategies(draft.strategies, "f")
    assert strategy["parameters"] == {"rollout": "25", "stickiness": "sessionId", "groupId": "g"}
    assert strategy["segments"] == [3, 4]
    first, second = strategy["constraints"]
    assert (first["values"], first["inverted"]) == (["de", "at"], True)
    assert (second["value"], second["inverted"]) == ("18", False)
    red, blue = checked_variants(draft.variants)
    assert (red["weight"], red["payload"]) == (667, {"type": "json", "value": "{}"})
    assert (blue["weight"], blue["weightType"]) == (333, "fix")


def test_a_list_of_visitors_is_one_parameter():
    form = {"strategies-0-name": ["userWithId"], "strategies-0-list": ["ada\nbo"]}
    assert editing.read(form, "f").strategies[0]["parameters"] == {"userIds": "ada,bo"}


def test_what_the_form_has_no_field_for_is_not_lost():
    form = {"strategies-0-name": ["default"], "strategies-0-kept": ['{"parameters": {"x": "1"}}']}
    overrides = [{"contextName": "userId", "values": ["ada"]}]
    form |= variant("variants-0", "red", "100", kept=json.dumps({"overrides": overrides}))
    draft = editing.read(form, "f")
    assert draft.strategies[0]["parameters"] == {"x": "1"}
    assert draft.variants[0]["overrides"] == overrides


def test_what_was_typed_wrong_stays_as_it_was_typed():
    draft = editing.read(variant("variants-0", "", "a third"), "f")
    assert draft.variants[0]["weight"] == "a third"
    assert editing.percent_of("a third") == "a third"
    assert editing.weight_left(draft.variants) is None


@given(
    st.dictionaries(
        st.from_regex(r"(strategies|variants)(-[a-z0-9]{0,3}){0,7}", fullmatch=True),
        st.lists(st.text(max_size=5), max_size=2),
        max_size=8,
    )
)
def test_no_form_breaks_the_reading(form):
    editing.read(form, "f")


def strategies(*names):
    return [editing.new_strategy(name, "f") for name in names]


def names(draft):
    return [one["name"] for one in draft.strategies]


@pytest.mark.parametrize(
    ("button", "expected"),
    [
        ("add:userWithId:strategies", ["default", "flexibleRollout", "userWithId"]),
        ("remove:strategies[0]", ["flexibleRollout"]),
        ("up:strategies[1]", ["flexibleRollout", "default"]),
        ("down:strategies[0]", ["flexibleRollout", "default"]),
        ("up:strategies[0]", ["default", "flexibleRollout"]),
        ("down:strategies[1]", ["default", "flexibleRollout"]),
        ("copy:strategies[0]", ["default", "default", "flexibleRollout"]),
        ("remove:strategies[7]", ["default", "flexibleRollout"]),
        ("remove:strategies[0].parameters", ["default", "flexibleRollout"]),
        ("nonsense", ["default", "flexibleRollout"]),
        ("", ["default", "flexibleRollout"]),
    ],
)
def test_a_button_changes_what_it_says_and_nothing_else(button, expected):
    draft = Draft(strategies("default", "flexibleRollout"), [])
    assert names(editing.pressed(draft, button, "f")) == expected
    assert names(draft) == ["default", "flexibleRollout"]


def test_constraints_and_variants_are_added_where_the_button_is():
    draft = Draft(strategies("default", "default"), [])
    draft = editing.pressed(draft, "add:strategies[1].constraints", "f")
    draft = editing.pressed(draft, "add:strategies[1].variants", "f")
    assert [len(one["constraints"]) for one in draft.strategies] == [0, 1]
    assert [len(one["variants"]) for one in draft.strategies] == [0, 1]
    assert (
        editing.pressed(draft, "remove:strategies[1].constraints[0]", "f").strategies[1]["constraints"] == []
    )


def test_a_new_variant_takes_what_is_left_and_no_weight_is_touched():
    draft = editing.pressed(Draft([], []), "add:variants", "f")
    assert [one["weight"] for one in draft.variants] == [1000]
    draft.variants[0]["weight"] = 900
    draft = editing.pressed(draft, "add:variants", "f")
    assert [(one["name"], one["weight"]) for one in draft.variants] == [
        ("variant-1", 900),
        ("variant-2", 100),
    ]


def test_an_even_split_adds_up_and_leaves_fixed_weights_alone():
    def split(*weights, fixed=()):
        variants = [
            {"weight": weight, "weightType": "fix" if at in fixed else "variable"}
            for at, weight in enumerate(weights)
        ]
        editing.split_evenly(variants)
        return [one["weight"] for one in variants]

    assert split(1, 1, 1) == [334, 333, 333]
    assert split(500, "x", 7, fixed=(0,)) == [500, 250, 250]
    assert split() == []


@pytest.mark.parametrize(
    ("where", "field"),
    [
        ("strategies[0].constraints[1].values[2]", "strategies-0-constraints-1-values"),
        ("strategies[0].constraints[1].value", "strategies-0-constraints-1-values"),
        ("strategies[0].constraints[0]", "strategies-0-constraints-0"),
        ("strategies[0].variants", "strategies-0"),
        ("variants", "variants"),
    ],
)
def test_a_mistake_is_told_beside_its_input(where, field):
    fields = list(SHARE)
    assert editing.field_of(where, fields) == field


def test_every_new_strategy_is_one_that_sdks_take():
    for kind in (*editing.SHARES, *editing.LISTS, "default"):
        assert checked_strategies([editing.new_strategy(kind, "f")], "f")

"""What may be stored as strategies and variants; one wrong value would cost an SDK its whole set."""

from __future__ import annotations

import json

import pytest
from yggdrasil_engine.engine import UnleashEngine

from app.errors import Refused
from app.flags.targeting import OPERATORS, STRATEGIES, checked_strategies, checked_variants, parsed


def constrained(**constraint):
    return [{"name": "flexibleRollout", "constraints": [constraint]}]


def refusal(raw, check=lambda raw: checked_strategies(raw, "f"), field="strategies") -> str:
    with pytest.raises(Refused) as refused:
        check(raw)
    return str(refused.value.fields[field])


def refused_variant(**variant) -> str:
    whole = {"name": "a", "weight": 1000} | variant
    return refusal([whole], checked_variants, "variants")


@pytest.fixture(autouse=True)
def _words(babel_context):
    """Messages are read out."""


def test_missing_parts_are_filled_in_as_the_wire_wants_them():
    assert checked_strategies([{"name": "flexibleRollout"}], "f") == [
        {
            "name": "flexibleRollout",
            "parameters": {"rollout": "100", "stickiness": "default", "groupId": "f"},
            "constraints": [],
            "variants": [],
        }
    ]
    assert checked_strategies(None, "f") == []


def test_numbers_and_booleans_become_text():
    raw = [{"name": "flexibleRollout", "parameters": {"rollout": 25}, **constrained_on(5, True, 1.5)}]
    [strategy] = checked_strategies(raw, "f")
    assert strategy["parameters"]["rollout"] == "25"
    assert strategy["constraints"][0]["values"] == ["5", "true", "1.5"]


def constrained_on(*values):
    return {"constraints": [{"contextName": "x", "operator": "IN", "values": list(values)}]}


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_standard_strategy_is_known(name):
    assert checked_strategies([{"name": name, "title": "t", "disabled": True}], "f")[0]["title"] == "t"


GOOD = {
    "IN_CIDR": "10.0.0.0/8",
    "NUM": "-1.5",
    "DATE": "2026-01-31T00:00:00Z",
    "SEMVER": "1.2.3-rc.1",
    "REGEX": "^a+$",
}


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_of_the_contract_is_taken_in_a_form_the_engine_reads(operator):
    kind = operator if operator in GOOD else operator.split("_")[0]
    value = GOOD.get(kind, "DE")
    content = {"values": [value]} if OPERATORS[operator][0] else {"value": value}
    strategies = checked_strategies(constrained(contextName="x", operator=operator, **content), "f")
    engine = UnleashEngine()
    state = {"version": 2, "features": [{"name": "f", "enabled": True, "strategies": strategies}]}
    assert engine.take_state(json.dumps(state)) is None
    assert [toggle.name for toggle in engine.list_known_toggles()] == ["f"]


@pytest.mark.parametrize(
    ("constraint", "words"),
    [
        ({"operator": "WHAT", "values": ["1"]}, "no such operator: WHAT"),
        ({"operator": "NUM_GT", "value": "abc"}, "cannot be compared"),
        ({"operator": "NUM_GT", "value": "NaN"}, "cannot be compared"),
        ({"operator": "NUM_GT"}, "use a text"),
        ({"operator": "SEMVER_GT", "value": "1.2"}, "cannot be compared"),
        ({"operator": "DATE_AFTER", "value": "yesterday"}, "cannot be compared"),
        ({"operator": "IN_CIDR", "values": ["300.0.0.0/8"]}, "cannot be compared"),
        ({"operator": "REGEX", "value": "(["}, "cannot be compared"),
        ({"operator": "IN", "values": "DE"}, "must be a list"),
        ({"operator": "IN", "values": ["a"] * 5_001}, "at most 5000"),
        ({"operator": "IN", "values": ["a\x00"]}, "use a text"),
        ({"operator": "IN", "values": ["\ud800"]}, "cannot be stored"),
        ({"operator": "IN", "values": ["a"], "inverted": "yes"}, "true or false"),
        ({"operator": "IN", "values": ["a"], "contextName": ""}, "use a text"),
    ],
)
def test_a_constraint_that_no_sdk_could_read_is_refused_with_its_place(constraint, words):
    told = refusal(constrained(**{"contextName": "x"} | constraint))
    assert words in told
    assert told.startswith("strategies[0].constraints[0]")


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({}, "must be a list"),
        ([5], "must be an object"),
        ([{"name": "mine"}], "no such strategy: mine"),
        ([{"name": "default", "segments": ["1"]}], "by their numbers"),
        ([{"name": "flexibleRollout", "parameters": {"rollout": "101"}}], "whole number from 0 to 100"),
        ([{"name": "flexibleRollout", "parameters": {"rollout": {}}}], "use a text"),
        ([{"name": "flexibleRollout", "parameters": []}], "must be an object"),
        ([{"name": "default"}] * 31, "at most 30"),
        ([{"name": "userWithId", "parameters": {f"p{n}": "x" * 9_000 for n in range(30)}}], "bytes"),
    ],
)
def test_a_strategy_that_no_sdk_could_read_is_refused(raw, words):
    assert words in refusal(raw)


def test_variants_keep_payload_and_overrides():
    variants = [
        {
            "name": "red",
            "weight": 400,
            "payload": {"type": "json", "value": "{}"},
            "overrides": [{"contextName": "userId", "values": ["1", 2]}],
        },
        {"name": "blue", "weight": 600, "weightType": "fix", "stickiness": "sessionId"},
    ]
    red, blue = checked_variants(variants)
    assert red["overrides"] == [{"contextName": "userId", "values": ["1", "2"]}]
    assert red["payload"] == {"type": "json", "value": "{}"}
    assert (red["weightType"], red["stickiness"]) == ("variable", "default")
    assert (blue["weightType"], blue["stickiness"]) == ("fix", "sessionId")


@pytest.mark.parametrize(
    ("variant", "words"),
    [
        ({"weight": 999}, "add up to 999"),
        ({"weight": -1}, "from 0 to 1000"),
        ({"weight": True}, "from 0 to 1000"),
        ({"weight": 500.5}, "from 0 to 1000"),
        ({"name": ""}, "use a text"),
        ({"weightType": "heavy"}, "use one of: fix, variable"),
        ({"payload": {"type": "xml", "value": ""}}, "use one of"),
        ({"payload": "text"}, "must be an object"),
    ],
)
def test_a_variant_that_no_sdk_could_read_is_refused(variant, words):
    assert words in refused_variant(**variant)


def test_two_variants_of_one_name_are_refused_in_flags_and_in_strategies():
    twice = [{"name": "a", "weight": 500}] * 2
    assert "same name" in refusal(twice, checked_variants, "variants")
    assert "same name" in refusal([{"name": "default", "variants": twice}])


@pytest.mark.parametrize("text", ["{", "[1,", "[" * 100_000, "x" * 200_001, "nonsense"])
def test_text_that_is_no_json_is_refused_in_bounded_time(text):
    assert refusal(text, lambda raw: parsed(raw, "strategies"))


def test_an_empty_field_is_an_empty_list():
    assert parsed("  ", "variants") == []
    assert parsed('[{"name": "default"}]', "strategies") == [{"name": "default"}]

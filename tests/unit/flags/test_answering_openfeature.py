"""What OpenFeature hears of a flag."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.flags.evaluator import Answer, Variant
from app.flags.ofrep import reason, success, value_of
from app.flags.wire import Feature

PLAIN = Feature("f", "default", "release", "", (), False, False, True, [], [])
HALF = {"name": "flexibleRollout", "parameters": {"rollout": "50"}}
NUMBER = {"name": "n", "weight": 1000, "payload": {"type": "number", "value": "x"}}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "STATIC"),
        ({"enabled": False}, "DISABLED"),
        ({"strategies": [HALF]}, "SPLIT"),
        ({"strategies": [{**HALF, "disabled": True}]}, "STATIC"),
        ({"strategies": [{"name": "flexibleRollout", "parameters": {"rollout": "100"}}]}, "STATIC"),
        ({"strategies": [{**HALF, "constraints": [{"operator": "IN"}]}]}, "TARGETING_MATCH"),
        ({"strategies": [{**HALF, "segments": [1]}]}, "TARGETING_MATCH"),
        ({"strategies": [{"name": "userWithId", "parameters": {"userIds": "1"}}]}, "TARGETING_MATCH"),
        ({"strategies": [{"name": "gradualRolloutUserId", "parameters": {"percentage": "5"}}]}, "SPLIT"),
        ({"variants": [NUMBER, NUMBER]}, "SPLIT"),
        ({"dependencies": [{"feature": "p"}]}, "TARGETING_MATCH"),
    ],
)
def test_the_reason_says_how_a_flag_decides(changes, expected):
    assert reason(replace(PLAIN, **changes)) == expected


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("string", "a", "a"),
        ("csv", "a,b", "a,b"),
        ("json", "[1]", [1]),
        ("number", "3", 3),
        ("number", "3.0", 3.0),
        ("number", "-1.5", -1.5),
    ],
)
def test_a_payload_has_the_type_it_says(kind, text, value):
    found = value_of({"type": kind, "value": text})
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("kind", "text"), [("number", "x"), ("number", "nan"), ("json", "{"), ("json", "NaN")]
)
def test_a_payload_that_is_not_of_its_type_fails_alone(kind, text):
    given = Variant("n", True, {"type": kind, "value": text}, True)
    told = success(replace(PLAIN, variants=[NUMBER]), Answer("f", True, True, given, False), 7)
    assert (told["key"], told["errorCode"]) == ("f", "PARSE_ERROR")

"""The explainer follows the engines of SDKs rule by rule: it must come to the same answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.flags.comparing import version
from app.flags.evaluator import Evaluator, as_context, takes_regex
from app.flags.explain import explain
from app.flags.murmur import bucket, murmur3_32

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
NAMES = ("a", "b", "c")
USERS = [str(number) for number in range(12)]
FIELDS = ["userId", "sessionId", "appName", "environment", "remoteAddress", "country", "currentTime"]
NUMBERS = ["5", "-1.5", "1e3", "0", "5.0", "007", "+2", "abc", "", "1.2.3", "inf"]
VERSIONS = ["1.2.3", "1.2.3-rc.1", "1.2.3-rc.10", "1.2.4+build.5", "v1.2.3", "1.2", "01.2.3", "2.0.0-alpha"]
DATES = [
    "2026-01-01T00:00:00Z",
    "2026-06-01T12:00:00.000Z",
    "2027-01-01T02:00:00+02:00",
    "2026-13-01T00:00:00Z",
]
WORDS = ["DE", "de", "Germany", "", 'a"b', "x\ny", "äöü", "a\\b", *USERS]
ADDRESSES = ["10.1.2.3", "127.0.0.1", "2001:db8::7", "nowhere", "10.0.0.0/8"]
NETWORKS = ["10.0.0.0/8", "10.1.2.3", "127.0.0.1/24", "2001:db8::/32", "nonsense", "999.1.1.1"]
PATTERNS = ["^D", "(?i)ger", "[[:alpha:]]+$", "(broken", "(?=x)y", r"\d{1,2}", ""]
MANY = ["IN", "NOT_IN", "STR_CONTAINS", "STR_STARTS_WITH", "STR_ENDS_WITH"]
NUMERIC = ["NUM_EQ", "NUM_GT", "NUM_GTE", "NUM_LT", "NUM_LTE"]
SEMANTIC = ["SEMVER_EQ", "SEMVER_GT", "SEMVER_GTE", "SEMVER_LT", "SEMVER_LTE"]

switches = st.fixed_dictionaries({"inverted": st.booleans(), "caseInsensitive": st.booleans()})


def constraint(operators, key, values):
    return st.builds(
        lambda operator, name, value, more: {"contextName": name, "operator": operator, key: value, **more},
        st.sampled_from(operators),
        st.sampled_from(FIELDS),
        values,
        switches,
    )


constraints = st.one_of(
    constraint(MANY, "values", st.lists(st.sampled_from(WORDS), max_size=3)),
    constraint(["IN_CIDR"], "values", st.lists(st.sampled_from(NETWORKS), max_size=3)),
    constraint([*NUMERIC, *SEMANTIC], "value", st.sampled_from([*NUMBERS, *VERSIONS])),
    constraint(["DATE_BEFORE", "DATE_AFTER"], "value", st.sampled_from([*DATES, "5"])),
    constraint(["REGEX"], "value", st.sampled_from(PATTERNS)),
    constraint(["WHAT"], "values", st.just([])),
)
sticky = st.sampled_from(["default", "userId", "sessionId", "country", "random"])
variants = st.lists(
    st.builds(
        lambda weight, sticky, users: {
            "weight": weight,
            "stickiness": sticky,
            **({"overrides": [{"contextName": "userId", "values": users}]} if users else {}),
        },
        st.sampled_from([1, 250, 500, 1000]),
        sticky,
        st.lists(st.sampled_from(USERS), max_size=1),
    ),
    max_size=3,
).map(lambda found: [{**one, "name": f"v{n}"} for n, one in enumerate(found)])
shares = st.sampled_from(["0", "1", "30", "50", "100", "abc", "50.5", "101"])
parameters = st.one_of(
    st.just({}),
    st.fixed_dictionaries(
        {"rollout": shares, "stickiness": sticky, "percentage": shares},
        optional={"groupId": st.sampled_from(["g", "h"])},
    ),
    st.fixed_dictionaries(
        {
            "userIds": st.lists(st.sampled_from(USERS)).map(", ".join),
            "IPs": st.lists(st.sampled_from(NETWORKS)).map(",".join),
            "hostNames": st.sampled_from(["", "somewhere, HERE"]),
        }
    ),
)
strategies = st.builds(
    lambda name, parameters, constraints, segments, variants: {
        "name": name,
        "parameters": parameters,
        "constraints": constraints,
        "segments": segments,
        "variants": [{key: v for key, v in one.items() if key != "overrides"} for one in variants],
    },
    st.sampled_from(
        [
            "default",
            "flexibleRollout",
            "flexibleRollout",
            "userWithId",
            "remoteAddress",
            "applicationHostname",
            "gradualRolloutUserId",
            "gradualRolloutSessionId",
            "gradualRolloutRandom",
            "ours",
        ]
    ),
    parameters,
    st.lists(constraints, max_size=2),
    st.lists(st.sampled_from([1, 1, 1, 1, 9]), max_size=1),
    variants,
)
parents = st.lists(
    st.builds(
        lambda feature, enabled, variants: {"feature": feature, "enabled": enabled, "variants": variants},
        st.sampled_from(["b", "c", "nobody"]),
        st.booleans(),
        st.lists(st.sampled_from(["v0", "v1"]), max_size=1),
    ),
    max_size=2,
)
features = st.builds(
    lambda name, enabled, strategies, variants, parents: {
        "name": name,
        "enabled": enabled,
        "strategies": strategies,
        "variants": variants,
        "dependencies": parents if name == "a" else [],
    },
    st.just("a"),
    st.sampled_from([True, True, True, False]),
    st.lists(strategies, max_size=2),
    variants,
    parents,
)
contexts = st.fixed_dictionaries(
    {},
    optional={
        "userId": st.sampled_from([*USERS, *NUMBERS]),
        "sessionId": st.sampled_from(USERS),
        "appName": st.sampled_from([*WORDS, *VERSIONS]),
        "environment": st.sampled_from([*WORDS, *DATES]),
        "remoteAddress": st.sampled_from(ADDRESSES),
        "currentTime": st.sampled_from(DATES),
        "country": st.sampled_from([*WORDS, *NUMBERS, *VERSIONS, *DATES, *ADDRESSES]),
    },
)


@settings(max_examples=400, deadline=None)
@given(st.tuples(features, features, features), st.lists(constraints, max_size=2), contexts)
def test_the_explainer_and_the_engine_of_every_sdk_agree(made, of_segment, context):
    flags = {name: one | {"name": name} for name, one in zip(NAMES, made, strict=True)}
    segments = {1: {"id": 1, "name": "s", "constraints": of_segment}}
    engine = Evaluator(list(flags.values()), list(segments.values()))
    for name in (*NAMES, "nobody"):
        answer = engine.one(name, context)
        told = explain(name, flags, segments, context, datetime.now(UTC))
        if told.is_enabled is not None:
            assert told.is_enabled == answer.is_enabled, told
        if told.is_enabled is not None and (told.variant is None or told.variant.name is not None):
            assert (told.variant.name if told.variant else "disabled") == answer.variant.name, told


def test_the_hash_is_the_one_that_is_published():
    assert murmur3_32(b"") == 0
    assert murmur3_32(b"", 1) == 0x514E28B7
    assert murmur3_32(b"test", 0x9747B28C) == 0x704B81DC
    assert murmur3_32(b"The quick brown fox jumps over the lazy dog", 0x9747B28C) == 0x2FA826CD


def test_numbers_are_those_of_the_specification():
    assert bucket("gr1", "123", 100) == 73
    assert bucket("groupX", "999", 100) == 25


def flag(*strategies, **more):
    return {"f": {"name": "f", "enabled": True, "strategies": list(strategies), **more}}


def test_each_constraint_shows_what_it_was_compared_with():
    wanted = {"contextName": "country", "operator": "IN", "values": ["DE"]}
    told = explain(
        "f", flag({"name": "default", "constraints": [wanted]}), {}, {"country": "AT", "userId": "1"}, NOW
    )
    assert (told.is_enabled, told.cause) == (False, "nobody")
    [checked] = told.steps[0].constraints
    assert (checked.value, checked.holds, checked.segment) == ("AT", False, None)


def test_the_first_strategy_that_says_yes_decides_and_shows_the_lot():
    half = {
        "name": "flexibleRollout",
        "parameters": {"rollout": "73", "groupId": "gr1", "stickiness": "userId"},
    }
    told = explain(
        "f", flag({"name": "userWithId", "parameters": {"userIds": "7"}}, half), {}, {"userId": "123"}, NOW
    )
    assert [step.is_decisive for step in told.steps] == [False, True]
    lot = told.steps[1].bucket
    assert (lot.group, lot.stickiness, lot.identifier, lot.number, lot.limit) == (
        "gr1",
        "userId",
        "123",
        73,
        73,
    )


def test_a_strategy_that_is_switched_off_is_shown_and_does_not_count():
    told = explain("f", flag({"name": "userWithId", "disabled": True}), {}, {}, NOW)
    assert (told.is_enabled, told.cause, told.steps[0].is_disabled) == (True, "everybody", True)


def test_chance_is_said_to_be_chance():
    by_chance = {"name": "gradualRolloutRandom", "parameters": {"percentage": "50"}}
    assert explain("f", flag(by_chance), {}, {}, NOW).is_enabled is None
    nobody_known = {"name": "flexibleRollout", "parameters": {"rollout": "50", "stickiness": "default"}}
    assert explain("f", flag(nobody_known), {}, {}, NOW).is_enabled is None


def test_a_parent_shows_what_it_is_and_what_was_wanted():
    flags = flag(dependencies=[{"feature": "p", "enabled": True}]) | {"p": {"name": "p", "enabled": False}}
    told = explain("f", flags, {}, {}, NOW)
    assert (told.is_enabled, told.cause) == (False, "parent")
    assert (told.parents[0].is_enabled, told.parents[0].is_satisfied) == (False, False)


def test_an_override_names_the_field():
    one = {"name": "v", "weight": 1, "overrides": [{"contextName": "country", "values": ["DE"]}]}
    told = explain("f", flag(variants=[one, {"name": "w", "weight": 999}]), {}, {"country": "DE"}, NOW)
    assert (told.variant.name, told.variant.cause, told.variant.field) == ("v", "override", "country")


def test_what_no_engine_reads_is_said_to_be_unreadable():
    strange = {"contextName": "x", "operator": "WHAT", "values": []}
    told = explain("f", flag({"name": "default"}, {"name": "default", "constraints": [strange]}), {}, {}, NOW)
    assert (told.is_enabled, told.cause) == (False, "unreadable")


@pytest.mark.parametrize("pattern", ["^a+$", "(?i)x", r"\d", "[[:alpha:]]", "a|b", "", "(a+)+$", "x{2,3}"])
def test_linear_patterns_pass(pattern):
    assert takes_regex(pattern)


@pytest.mark.parametrize(
    "pattern", ["(a", "(?=a)", r"(a)\1", "a)|(b", "*a", "a\\", "[z-a]", "((a{900}){900}){9}"]
)
def test_patterns_that_are_none_or_not_linear_do_not(pattern):
    assert not takes_regex(pattern)


def test_versions_are_read_as_semantic_versioning_says():
    assert version("1.2.3-rc.1+b") == ((1, 2, 3), ("rc", "1"))
    assert version("01.2.3") is None
    assert version("1.2.3-01") is None


def test_a_context_is_all_text_and_its_own_fields_are_properties():
    told = as_context({"userId": 5, "vip": True, "properties": {"country": "DE", "gone": None}})
    assert told == {"userId": "5", "properties": {"country": "DE", "vip": "true"}}
    assert json.dumps(told)

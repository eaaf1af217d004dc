"""Strategies and reasons as sentences."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.flags import reasons, wording
from app.flags.cleanup import due
from app.flags.explain import explain
from app.flags.lifecycle import Life
from app.flags.percent import Reach
from tests.unit.flags.test_finding_a_flag import NOW, row, state

AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _words(babel_context):
    """Words are read out."""


def strategy(name="flexibleRollout", **more):
    return {"name": name, "parameters": {"rollout": "10", "stickiness": "userId", "groupId": "f"}, **more}


DE = {"contextName": "locale", "operator": "IN", "values": ["de"]}
AUSTRIA = {"contextName": "country", "operator": "NOT_IN", "values": ["AT", "CH"], "inverted": True}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (strategy(), "10% of shoppers"),
        (strategy(constraints=[DE]), "10% of shoppers whose locale is de"),
        (
            strategy(constraints=[DE, AUSTRIA]),
            "10% of shoppers whose locale is de and country is one of AT, CH",
        ),
        (strategy(segments=[7, 8]), "10% of shoppers, only in the segment “Beta”, only in the segment “#8”"),
        ({"name": "default", "disabled": True}, "all shoppers (switched off)"),
        (
            {"name": "userWithId", "parameters": {"userIds": "a, b,c,d,e,f,g"}},
            "the visitors a, b, c, d, e and 2 more",
        ),
        (
            {
                "name": "default",
                "variants": [{"name": "red", "weight": 667}, {"name": "blue", "weight": 333}],
            },
            "all shoppers, split into red 66.7%, blue 33.3%",
        ),
    ],
)
def test_a_strategy_is_a_sentence(given, said):
    assert wording.strategy(given, {7: "Beta"}) == said


def test_every_operator_has_words_both_ways():
    for operator in wording.OPERATORS:
        words = [
            wording.constraint({"contextName": "x", "operator": operator, "value": "1", "inverted": inverted})
            for inverted in (False, True)
        ]
        assert words[0] != words[1]


def told(context, **flag):
    feature = {"name": "f", "enabled": True, "strategies": [], "variants": [], "dependencies": []} | flag
    return reasons.because(explain("f", {"f": feature}, {}, context, AT))


def test_an_answer_has_one_sentence_for_its_reason():
    assert told({}, enabled=False) == "The flag is switched off in this environment."
    assert told({}) == "It is on and has no strategy: everybody gets it."
    germans = [strategy(constraints=[DE])]
    english = {"userId": "ada", "properties": {"locale": "en"}}
    assert told(english, strategies=germans) == "locale is de – it is “en”"
    assert told({"userId": "ada"}, strategies=germans) == "locale is de – nothing is known"
    assert "By userId the lot is" in told({"userId": "ada"}, strategies=[strategy()])
    parents = [{"feature": "g", "enabled": True}]
    assert told({}, dependencies=parents) == "It depends on g, which does not exist."


@pytest.mark.parametrize(
    ("flag", "reason"),
    [
        (row("f", life=Life(NOW, NOW, NOW, None, "kept")), "completed"),
        (row("f", is_stale=True), "stale"),
        (row("f", days=50), "overdue"),
        (row("f", days=15), "unseen"),
        (row("f", days=90, type="permission", seen_at=NOW), None),
        (row("f", days=1), None),
        (row("fault-f", days=90, is_stale=True), None),
    ],
)
def test_a_flag_that_can_go_says_why(flag, reason):
    assert [one.reason for one in due([flag], NOW)] == ([reason] if reason else [])


@pytest.mark.parametrize(("percent", "reason"), [(100, "everybody"), (0, "off"), (50, "overdue")])
def test_a_settled_question_is_told_by_how_it_was_settled(percent, reason):
    from dataclasses import replace

    moved = replace(state(percent), moved_at=NOW - timedelta(days=45), reach=Reach(percent, False))
    [found] = due([row("f", days=90, states={"production": moved}, seen_at=NOW)], NOW)
    assert found.reason == reason

from __future__ import annotations

import pytest
import yaml

from app.alerts.rules import house
from app.alerts.rules.document import loaded_as, text
from app.alerts.rules.rule import Rule, as_dict, key_of, read
from app.alerts.rules.starters import STARTERS
from app.errors import Refused

GOOD = {"name": "CheckoutIsSlow", "expr": "up == 0"}


def test_a_form_becomes_a_rule():
    rule = read(
        {**GOOD, "for": "5m", "labels": 'team=checkout\n\nzone = "eu"', "min_events": "5", "events": "a"}
    )
    assert (rule.key, rule.hold_seconds, rule.every_seconds) == ("checkout-is-slow", 300, 60)
    assert rule.all_labels == {
        "team": "checkout", "zone": "eu", "severity": "ticket", "rule": "checkout-is-slow",
    }  # fmt: skip
    assert rule.expression == "(up == 0)\nand on () (sum(a) >= 5)"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"), ({"name": "1st"}, "name"), ({"name": "Ä"}, "name"), ({"name": 7}, "name"),
        ({"expr": ""}, "expr"), ({"expr": "a\x00"}, "expr"), ({"expr": "\ud800"}, "expr"),
        ({"expr": "rate(a[1y])"}, "expr"), ({"expr": "x" * 10_001}, "expr"),
        ({"severity": "loud"}, "severity"), ({"for": "soon"}, "for"), ({"for": "60d"}, "for"),
        ({"every": "1s"}, "every"), ({"keep_firing_for": "-1m"}, "keep_firing_for"),
        ({"labels": "slo=x"}, "labels"), ({"labels": "a b=1"}, "labels"), ({"labels": {"a": 1}}, "labels"),
        ({"labels": {"a": "{{ $value }}"}}, "labels"), ({"labels": [1]}, "labels"),
        ({"labels": "a="}, "labels"),
        ({"labels": {"__a": "1"}}, "labels"), ({"labels": {f"l{n}": "1" for n in range(21)}}, "labels"),
        ({"min_events": "5"}, "events"), ({"min_events": "1.5"}, "min_events"),
        ({"min_events": "٣"}, "min_events"),
        ({"runbook": "javascript:alert(1)"}, "runbook"), ({"key": "A b"}, "key"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused_beside_its_field(wrong, field, babel_context):
    with pytest.raises(Refused) as refused:
        read({**GOOD, **wrong})
    assert list(refused.value.fields) == [field]
    assert str(refused.value.fields[field])


def test_every_wrong_field_is_told_at_once():
    with pytest.raises(Refused) as refused:
        read({"name": "", "expr": "", "for": "x"})
    assert set(refused.value.fields) == {"name", "expr", "for"}


@pytest.mark.parametrize(
    ("name", "key"),
    [("CheckoutIsSlow", "checkout-is-slow"), ("HTTPErrors5xx", "http-errors5xx"), ("up_down", "up-down")],
)
def test_a_key_is_made_of_the_name(name, key):
    assert key_of(name) == key


def test_a_rule_is_the_same_after_it_was_written_down():
    for starter in STARTERS.values():
        assert read(as_dict(starter.rule)) == starter.rule


def test_the_document_is_one_and_the_same_for_the_same_rules():
    rules = [(starter.rule, 3) for starter in STARTERS.values()] + [(rule, 1) for rule in house.RULES]
    made = text(rules, "https://house.example")
    assert made == text(rules[::-1], "https://house.example")
    (document,) = yaml.safe_load_all(made)
    assert [group["name"] for group in document["groups"]] == sorted(rule.group for rule, _ in rules)
    by_name = {group["rules"][0]["alert"]: group["rules"][0] for group in document["groups"]}
    for rule, revision in rules:
        written = by_name[rule.name]
        assert written["expr"] == rule.expression
        assert written["annotations"]["revision"] == str(revision)
        assert loaded_as(rule, revision)[2] == tuple(sorted(written["labels"].items()))


def test_texts_cannot_break_out_of_the_document():
    nasty = Rule("a", "A", 'up{a="\\"\n- x: &a [*a]"}', summary='"}\n---\n!!python/object "ü☃"')
    (document,) = yaml.safe_load_all(text([(nasty, 1)], "x"))
    assert document["groups"][0]["rules"][0]["expr"] == nasty.expr
    assert document["groups"][0]["rules"][0]["annotations"]["summary"] == nasty.summary


def test_no_rules_are_a_document_too():
    assert yaml.safe_load(text([], "x")) == {"groups": []}

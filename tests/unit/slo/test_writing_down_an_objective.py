from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Refused
from app.slo.burn import Tier
from app.slo.definition import changes_meaning, plain
from app.slo.policy import STANDARD_POLICY, PolicyStep
from app.slo.reading import read

EVENTS = {
    "key": "checkout",
    "name": "Checkout",
    "objective": "99.5",
    "good": 'hits_total{outcome="good"}',
    "total": "hits_total",
}


def wrong_fields(**changes):
    with pytest.raises(Refused) as refused:
        read({name: value for name, value in (EVENTS | changes).items() if value is not None})
    return set(refused.value.fields)


def test_the_least_that_makes_an_objective():
    made = read(EVENTS)
    assert (made.indicator, made.objective, made.window_kind, made.window_days) == (
        "events",
        Decimal("0.995"),
        "rolling",
        30,
    )
    assert made.policy == STANDARD_POLICY


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"key": "Checkout"}, {"key"}),
        ({"key": "a" * 64}, {"key"}),
        ({"key": "new"}, {"key"}),
        ({"key": None}, {"key"}),
        ({"name": "  "}, {"name"}),
        ({"objective": 1}, {"objective"}),
        ({"objective": 0.9999999}, {"objective"}),
        ({"objective": True}, {"objective"}),
        ({"good": "", "total": ""}, {"good", "total"}),
        ({"bad": "errors_total"}, {"good"}),
        ({"indicator": "latency"}, {"durations", "threshold_seconds"}),
        ({"indicator": "probe"}, {"query", "threshold"}),
        ({"indicator": "sql"}, {"query"}),
        ({"indicator": "composite"}, {"members"}),
        ({"indicator": "composite", "members": {"checkout": 1}}, {"members"}),
        ({"indicator": "composite", "members": "a 0"}, {"members"}),
        ({"indicator": "foreign"}, {"indicator"}),
        ({"indicator": "sql", "query": "SELECT 1", "group_label": "locale"}, {"group_label"}),
        ({"method": "timeslices"}, {"slice_target"}),
        ({"slice_seconds": "7m"}, {"slice_seconds"}),
        ({"window_kind": "year"}, {"window_kind"}),
        ({"window_days": 0}, {"window_days"}),
        ({"window_days": "7.5"}, {"window_days"}),
        ({"window_days": "1e999"}, {"window_days"}),
        ({"time_zone": "Mars/Olympus"}, {"time_zone"}),
        ({"time_zone": "../../etc/passwd"}, {"time_zone"}),
        ({"group_label": "a-b"}, {"group_label"}),
        ({"labels": "team"}, {"labels"}),
        ({"labels": {"a": 1}}, {"labels"}),
        ({"tiers": "page 2%"}, {"tiers"}),
        ({"tiers": "page 2% 1h/2h"}, {"tiers"}),
        ({"tiers": "page 0% 1h"}, {"tiers"}),
        ({"tiers": "page 2% 1h\npage 3% 1h"}, {"tiers"}),
        ({"tiers": "page 2% 1h", "objective": "90"}, {"tiers"}),
        ({"policy": "50% shout"}, {"policy"}),
        ({"policy": "50% notify\n50% freeze"}, {"policy"}),
        ({"good": "x" * 10_001}, {"good"}),
        ({"threshold": "NaN", "indicator": "probe", "query": "up"}, {"threshold"}),
        ({"is_enabled": "perhaps"}, {"is_enabled"}),
        ({"name": 5, "key": [], "objective": {}}, {"name", "key", "objective"}),
    ],
)
def test_what_is_wrong_is_said_beside_each_field(changes, fields, babel_context):
    assert wrong_fields(**changes) == fields


def test_lists_are_typed_a_line_each():
    made = read(
        EVENTS
        | {
            "labels": "team=shop, tier=1",
            "tiers": "page 2% 1h/10m\nticket 10% 3d",
            "policy": "20% notify\n0% freeze",
        }
    )
    assert made.labels == {"team": "shop", "tier": "1"}
    assert made.tiers == (
        Tier("page", Fraction(1, 50), 3600, 600),
        Tier("ticket", Fraction(1, 10), 259_200),
    )
    assert made.policy == (PolicyStep(Fraction(1, 5), "notify"), PolicyStep(Fraction(0), "freeze"))


def test_an_edit_gives_only_what_changes():
    before = read(EVENTS)
    after = read({"name": "Paying", "key": "ignored"}, before)
    assert (after.name, after.key, after.total) == ("Paying", "checkout", "hits_total")
    assert not changes_meaning(before, after)
    assert changes_meaning(before, read({"total": "others_total"}, before))


def test_another_indicator_takes_nothing_of_the_old_one_along():
    probe = read({"indicator": "probe", "query": "up", "op": "gte", "threshold": 1}, read(EVENTS))
    assert (probe.good, probe.total, probe.threshold) == ("", "", 1.0)


def test_a_calendar_window_has_its_usual_length():
    assert read(EVENTS | {"window_kind": "quarter", "window_days": 3}).window_days == 91


@given(
    objective=st.decimals("0.6", "0.9999", places=4),
    days=st.integers(1, 400),
    kind=st.sampled_from(["rolling", "week", "month", "quarter"]),
)
def test_what_the_api_answers_it_takes_again(objective, days, kind):
    made = read(EVENTS | {"objective": float(objective), "window_days": days, "window_kind": kind})
    assert read(plain(made)) == made

"""The list: what matches a search, and what stands first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.errors import Refused
from app.flags.flag import checked_details, checked_name, is_overdue
from app.flags.listing import found, look_of, marks
from app.flags.percent import Reach
from app.flags.rows import Row, State
from app.flags.search import parse

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def state(percent, targeted=False, readable=True) -> State:
    return State(
        environment="production",
        enabled=True,
        is_readable=readable,
        reach=Reach(percent, targeted),
        can_move=True,
        strategies=[],
        variants=[],
        revision=1,
        changed_at=NOW,
        changed_by="a@house.test",
        moved_at=None,
        moved_from=None,
        moved_by=None,
    )


def row(name, percent=0, days=1, **more) -> Row:
    plain = {
        "name": name,
        "type": "release",
        "description": "",
        "owner": "product",
        "tags": (),
        "is_stale": False,
        "created_at": NOW - timedelta(days=days),
        "created_by": "a@house.test",
        "archived_at": None,
        "revision": 1,
        "states": {"production": state(percent)},
        "apps": 0,
        "seen_at": None,
    }
    return Row(**plain | more)


ROWS = [
    row("calm", 100),
    row("old", 100, days=41, owner="growth"),
    row("moving", 20, tags=("area:Checkout",)),
    row("fault-cpu-burn", 100, days=60, type="operational"),
    row("fault-readiness", 0, type="operational"),
    row("broken", states={"production": state(0, readable=False)}),
    row("asleep", 0, description="The new gift wrap"),
]


def names(query):
    return [flag.name for flag in found(ROWS, parse(query), NOW)]


def test_running_drills_and_moving_flags_stand_first_then_overdue_ones_then_the_alphabet():
    assert names("") == ["broken", "fault-cpu-burn", "moving", "old", "asleep", "calm", "fault-readiness"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("gift WRAP", ["asleep"]),
        ("owner:growth", ["old"]),
        ("type:operational is:on", ["fault-cpu-burn"]),
        ("is:moving", ["moving"]),
        ("is:broken", ["broken"]),
        ("is:overdue", ["old"]),
        ("is:drill is:off", ["fault-readiness"]),
        ("tag:checkout", ["moving"]),
        ("type:", []),
        ("no:such", []),
        ("gift nothing", []),
    ],
)
def test_words_and_keys_must_all_hold(query, expected):
    assert names(query) == expected


@pytest.mark.parametrize(
    ("shown", "look"),
    [
        (None, "off"),
        (state(0), "off"),
        (state(100), "on"),
        (state(5), "running"),
        (state(100, targeted=True), "running"),
        (state(None, targeted=True), "info"),
        (state(0, readable=False), "failed"),
    ],
)
def test_each_state_has_a_look(shown, look):
    assert look_of(shown) == look


def test_a_drill_that_runs_looks_like_a_risk():
    assert look_of(state(100), is_drill=True) == "risk"
    assert look_of(state(0), is_drill=True) == "off"


def test_a_flag_marked_by_a_person_is_stale():
    assert {"stale", "off"} <= marks(row("f", is_stale=True), NOW)


def test_flags_age_by_their_type_and_drills_do_not():
    assert is_overdue("f", "release", NOW - timedelta(days=41), NOW)
    assert not is_overdue("f", "release", NOW - timedelta(days=40), NOW)
    assert not is_overdue("f", "kill-switch", NOW - timedelta(days=900), NOW)
    assert not is_overdue("fault-x", "operational", NOW - timedelta(days=900), NOW)
    assert not is_overdue("f", "unheard-of", NOW - timedelta(days=900), NOW)


@pytest.mark.parametrize("name", ["new-checkout", "a.b_c~d", "X" * 100, " padded "])
def test_names_that_fit_code_and_addresses_are_taken(name):
    assert checked_name(name) == name.strip()


@pytest.mark.parametrize("name", ["", ".", "..", "a b", "ü", "a/b", "X" * 101, "<b>", "a\n"[:1] + "\x00"])
def test_other_names_are_refused_beside_the_field(name):
    with pytest.raises(Refused) as refused:
        checked_name(name)
    assert "name" in refused.value.fields


def test_details_are_checked_all_at_once():
    with pytest.raises(Refused) as refused:
        checked_details("other", "x" * 2_001, "x" * 101, "no colon")
    assert set(refused.value.fields) == {"type", "description", "owner", "tags"}
    fine = checked_details("release", " about ", " me ", "a:b, a:b ,c:d")
    assert (fine.description, fine.owner, fine.tags) == ("about", "me", ("a:b", "c:d"))

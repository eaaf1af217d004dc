"""The list: what matches a search, and what stands first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.errors import Refused
from app.flags.flag import checked_details, checked_name, is_overdue
from app.flags.lifecycle import Life
from app.flags.listing import Reader, found, look_of, marks, page_of
from app.flags.percent import Reach
from app.flags.rows import Row, State
from app.flags.search import parse, toggled

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
        ("type:release,operational is:drill", ["fault-cpu-burn", "fault-readiness"]),
        ("-is:drill -owner:product", ["old"]),
        ('"new gift"', ["asleep"]),
        ("state:on -is:moving", ["fault-cpu-burn", "old", "calm"]),
        ("env:development state:off gift", ["asleep"]),
        ("env:development state:on", []),
        ("project:default name:calm", ["calm"]),
        ("-calm -old -moving -is:drill -is:broken", ["asleep"]),
        ("no:such", []),
        ("gift nothing", []),
    ],
)
def test_words_and_keys_must_all_hold(query, expected):
    assert names(query) == expected


def test_changes_that_wait_and_favourites_come_before_what_is_on_its_way():
    reader = Reader(favourites=frozenset({"asleep"}), waiting={"calm": 1})
    first = [flag.name for flag in found(ROWS, parse("-is:drill -is:broken"), NOW, reader)]
    assert first == ["calm", "asleep", "moving", "old"]
    assert [flag.name for flag in found(ROWS, parse("is:favourite"), NOW, reader)] == ["asleep"]
    assert [flag.name for flag in found(ROWS, parse("is:waiting"), NOW, reader)] == ["calm"]


def test_a_flag_is_found_by_the_stage_of_its_life():
    done = row("done", life=Life(NOW, NOW, NOW, None, "kept"))
    assert found([*ROWS, done], parse("stage:completed"), NOW) == [done]


@pytest.mark.parametrize(
    ("sort", "first"), [("name", "asleep"), ("-name", "old"), ("owner", "old"), ("-share", "calm")]
)
def test_a_column_sorts_both_ways(sort, first):
    assert found(ROWS, parse("-is:drill -is:broken"), NOW, sort=sort)[0].name == first


def test_a_page_beyond_the_last_is_the_last():
    many = [row(f"f{n:03}") for n in range(120)]
    assert [len(page_of(many, page)[0]) for page in (1, 3, 99)] == [50, 20, 20]
    assert page_of([], 5) == ([], 1, 1)


def test_a_link_adds_its_term_and_takes_it_away_again():
    assert toggled("gift", "is:stale") == "gift is:stale"
    assert toggled("gift is:stale", "is:stale") == "gift"


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

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Refused
from app.slo.bucket import Counts
from app.slo.composite import Part, check, composed, in_order

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
GOOD, BAD = Part(1, 0.01, Counts(0, 100), "ok"), Part(3, 0.01, Counts(50, 100), "ok")
IDLE, UNKNOWN = Part(1, 0.01, Counts(), "no_traffic"), Part(1, 0.01, Counts(), "no_data")


@pytest.mark.parametrize(
    ("composition", "parts", "state", "bad"),
    [
        ("all", [GOOD, GOOD], "ok", 0),
        ("all", [GOOD, BAD], "ok", 1),
        ("all", [GOOD, IDLE], "ok", 0),
        ("all", [IDLE, IDLE], "no_traffic", 0),
        ("all", [GOOD, UNKNOWN], "no_data", 0),
        ("all", [BAD, UNKNOWN], "ok", 1),
        ("all", [], "no_data", 0),
        ("weighted", [GOOD, BAD], "ok", 0.375),
        ("weighted", [BAD, IDLE], "ok", 0.5),
        ("weighted", [BAD, UNKNOWN], "no_data", 0),
    ],
)
def test_five_minutes_of_several(composition, parts, state, bad):
    row = composed(AT, composition, parts, True)
    assert (row.state, row.bad) == (state, pytest.approx(bad))
    assert row.good + row.bad == pytest.approx(row.total)


def test_all_keeps_to_each_members_own_objective():
    lenient = Part(1, 0.5, Counts(50, 100), "ok")
    assert composed(AT, "all", [lenient], True).bad == 0


def test_a_circle_is_told_with_its_way(babel_context):
    known = {"a": ("b",), "b": ("c",), "c": ()}
    check("d", ["a", "c"], known)
    with pytest.raises(Refused) as refused:
        check("c", ["a"], known)
    assert "c → a → b → c" in str(refused.value.fields["members"])


@given(st.dictionaries(st.sampled_from("abcdef"), st.sets(st.sampled_from("abcdef")), max_size=6))
def test_members_come_before_what_is_made_of_them(chosen):
    known = {key: {member for member in members if member < key} for key, members in chosen.items()}
    order = in_order(known)
    assert sorted(order) == sorted(known)
    for key, members in known.items():
        assert all(order.index(member) < order.index(key) for member in members if member in known)

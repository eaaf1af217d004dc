from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.alerts.search import grouped, matches
from app.alerts.silences.silence import Silence, from_api, is_ending, is_over, read, to_api
from app.errors import Refused

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
GOOD = {"matchers": 'severity="page"\nteam=~"a|b"', "comment": "Being mended", "duration": "2h"}


def test_a_form_becomes_what_alertmanager_takes_and_comes_back():
    wanted = read(GOOD, NOW)
    assert wanted.ends_at - NOW == timedelta(hours=2)
    raw = to_api(wanted, "ops@house.test")
    seen = from_api({**raw, "id": "s1", "status": {"state": "active"}})
    assert (seen.matchers, seen.ends_at, seen.created_by) == (
        wanted.matchers,
        wanted.ends_at,
        "ops@house.test",
    )


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"matchers": ""}, "matchers"), ({"matchers": 'a=~".*"'}, "matchers"),
        ({"matchers": "nonsense"}, "matchers"),
        ({"comment": " "}, "comment"), ({"comment": "x" * 501}, "comment"),
        ({"duration": "soon"}, "duration"),
        ({"duration": "0"}, "duration"), ({"duration": "1000d"}, "duration"),
        ({"ends_at": "yesterday"}, "ends_at"),
        ({"ends_at": "2026-02-01T00:00"}, "ends_at"),
        ({"starts_at": "2026-03-05T00:00", "ends_at": "2026-03-04T00:00"}, "ends_at"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_beside_its_field(wrong, field):
    with pytest.raises(Refused) as refused:
        read({**GOOD, **wrong}, NOW)
    assert list(refused.value.fields) == [field]


def silence(ends_in=timedelta(hours=1)):
    return Silence("s", read(GOOD, NOW).matchers, NOW, NOW + ends_in, "", "", "active")


def test_one_until_it_is_resolved_is_over_when_nothing_it_hides_fires():
    page = {"severity": "page", "team": "a"}
    later = NOW + timedelta(minutes=3)
    assert not is_over(silence(), [page], later)
    assert is_over(silence(), [{"severity": "page", "team": "c"}], later)
    assert not is_over(silence(), [], NOW + timedelta(minutes=1))  # what it hides may not have been heard yet


def test_a_quarter_of_an_hour_before_the_end_is_soon():
    assert is_ending(silence(timedelta(minutes=15)), NOW)
    assert not is_ending(silence(timedelta(minutes=16)), NOW)


@pytest.mark.parametrize(
    ("words", "expected"),
    [("", True), ("burns", True), ("severity=page", True), ("severity=ticket", False), ("burns team=a", True),
     ("owner=x", False), ("PAGE", True), ("nothing", False), ('team="a"', True)],
)  # fmt: skip
def test_alerts_are_searched_by_words_and_labels(words, expected):
    assert matches("Checkout burns", {"severity": "page", "team": "a"}, words) == expected


def test_groups_keep_the_order_of_the_list():
    assert grouped(["b1", "a1", "b2"], lambda one: one[0]) == [("b", ["b1", "b2"]), ("a", ["a1"])]

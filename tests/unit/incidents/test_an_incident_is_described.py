from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from app.errors import Refused
from app.incidents.incident import (
    Moments,
    Trouble,
    by_day,
    news_due,
    read_due,
    read_opening,
    read_update,
    state_now,
    worst,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FORM = {"title": "Checkout fails", "severity": "critical", "procedure": "failure"}


def wrong(**changes: str) -> set[str]:
    started = changes.pop("started_at", None)
    moment = datetime.fromisoformat(started) if started else None
    with pytest.raises(Refused) as refused:
        read_opening({**FORM, **changes}, moment, NOW)
    return set(refused.value.fields)


def test_one_line_and_a_severity_are_enough():
    opening = read_opening(FORM, None, NOW)
    assert (opening.title, opening.started_at, opening.is_public) == ("Checkout fails", NOW, False)
    assert opening.components == {}


def test_only_what_is_hurt_is_kept():
    opening = read_opening({**FORM, "impact_checkout": "down", "impact_cart": "ok"}, None, NOW)
    assert opening.components == {"checkout": "down"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 161}, "title"),
        ({"severity": "huge"}, "severity"),
        ({"procedure": ""}, "procedure"),
        ({"impact_checkout": "gone"}, "impact_checkout"),
        ({"is_public": "1"}, "public_text"),
        ({"started_at": "2026-11-20T12:01:00+00:00"}, "started_at"),
        ({"started_at": "2026-10-01T00:00:00+00:00"}, "started_at"),
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field(changes, field):
    assert wrong(**changes) == {field}


def test_letters_that_cannot_be_stored_are_left_out():
    assert read_opening({**FORM, "title": "a\x00b\ud800c"}, None, NOW).title == "abc"


def test_an_update_cannot_end_an_incident_by_the_way():
    with pytest.raises(Refused) as refused:
        read_update({"state": "resolved", "text": "over"})
    assert set(refused.value.fields) == {"state"}


def test_a_day_that_does_not_exist_is_refused():
    assert read_due("") is None
    assert read_due("2028-02-29") == date(2028, 2, 29)
    with pytest.raises(Refused):
        read_due("2026-02-29")


def test_durations_are_unknown_until_they_are_over():
    open_ = Moments(NOW, NOW + timedelta(minutes=4))
    assert open_.to_notice == timedelta(minutes=4)
    assert (open_.to_take, open_.to_mitigate, open_.to_resolve) == (None, None, None)


def test_what_was_never_mitigated_was_stopped_by_its_end():
    over = Moments(NOW, NOW, resolved_at=NOW + timedelta(hours=1))
    assert over.to_mitigate == over.to_resolve == timedelta(hours=1)


def test_the_worse_it_is_the_sooner_people_hear_more():
    assert news_due("critical", NOW) < news_due("major", NOW) < news_due("minor", NOW)


def test_the_worst_of_several_counts():
    assert worst([]) == "ok"
    assert worst(["degraded", "down", "partial"]) == "down"


def test_only_what_goes_on_hurts_now():
    troubles = [
        Trouble(NOW, None, {"checkout": "degraded"}),
        Trouble(NOW, None, {"checkout": "partial"}),
        Trouble(NOW, NOW, {"cart": "down"}),
    ]
    found = state_now(troubles)
    assert (found["checkout"], found["cart"], found["mail"]) == ("partial", "ok", "ok")


def test_a_night_of_trouble_marks_both_days():
    began = datetime(2026, 11, 18, 23, 50, tzinfo=UTC)
    days = by_day([Trouble(began, began + timedelta(minutes=20), {"cart": "down"})], date(2026, 11, 20), 4)
    assert [impact for _, impact in days] == ["ok", "down", "down", "ok"]

"""Corrections in the page: made for one objective or for all, seen with both numbers, undone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.slo import commands, queries, rows, status
from app.slo.bucket import measured, starts

KEY = "checkout-availability"
AS_FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def bad_hour(control_session, now):
    """Six hours of rows, the hour before the last one half bad; answers when it began."""
    began = now - timedelta(hours=2)
    commands.ensure_defaults(control_session, now)
    for slo in queries.objectives(control_session):
        found = [
            measured(at, 50 if began <= at < began + timedelta(hours=1) else 100, 100)
            for at in starts(now - timedelta(hours=6), now)
        ]
        rows.save_all(control_session, [(slo, found)], {})
        status.refresh(control_session, slo, now)
    control_session.commit()
    return began


def form(start, end, **more):
    times = {"starts_at": f"{start:%Y-%m-%dT%H:%M}", "ends_at": f"{end:%Y-%m-%dT%H:%M}"}
    return {"reason": "Database moved", "time_zone": "UTC", "repeats": "once", **times, **more}


def left(session, key=KEY):
    session.expire_all()
    return queries.status(session, queries.objective(session, key)).budget_left


def test_a_maintenance_left_out_gives_the_budget_back_and_both_numbers_are_shown(
    signed_in, control_session, bad_hour
):
    client = signed_in("ops")
    spent = left(control_session)
    answer = client.post("/slo/-/corrections", data=form(bad_hour, bad_hour + timedelta(hours=1), slo=KEY))
    assert (answer.status_code, answer.location) == (303, f"/slo/{KEY}")
    assert spent < 0
    assert left(control_session) == 1
    card = client.get(f"/slo/{KEY}/corrections").text
    assert "Database moved" in card
    assert "100% of the budget is left with what is left out" in card
    assert "as it was measured" in card
    chart = client.get(f"/api/v1/slos/{KEY}/charts/budget").json
    assert "Database moved" in [note["title"] for note in chart["annotations"]]


def test_what_is_undone_counts_again_and_stays_on_record(signed_in, control_session, bad_hour):
    client = signed_in("ops")
    spent = left(control_session)
    client.post("/slo/-/corrections", data=form(bad_hour, bad_hour + timedelta(hours=1), slo=KEY))
    number = client.get("/slo/-/corrections").text.split("/slo/-/corrections/")[1].split("/undo")[0]
    assert client.post(f"/slo/-/corrections/{number}/undo", data={"slo": KEY}).status_code == 303
    assert left(control_session) == pytest.approx(spent)
    page = client.get("/slo/-/corrections").text
    assert "undone by ops@house.test" in page
    assert client.post(f"/slo/-/corrections/{number}/undo").status_code == 409


def test_a_weekly_one_is_said_on_the_clock_of_its_place(signed_in, bad_hour, now):
    start = now + timedelta(days=1)
    weekly = form(
        start, start + timedelta(hours=1), repeats="weekly", weekdays=["5", "6"], time_zone="Europe/Berlin"
    )
    assert signed_in("ops").post("/slo/-/corrections", data=weekly).status_code == 303
    page = signed_in("viewer").get("/slo/-/corrections").text
    assert f"every week, Sat, Sun, {start:%H:%M} Europe/Berlin, 60 minutes" in page
    assert "all SLOs" in page
    assert "to come" in page
    assert "Leave these events out" not in page


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"starts_at": "yesterday"}, "starts_at"),
        ({"ends_at": ""}, "ends_at"),
        ({"ends_at": "2020-01-01T00:00"}, "ends_at"),
        ({"starts_at": "2020-01-01T00:00"}, "starts_at"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"repeats": "hourly"}, "repeats"),
        ({"labels": "service"}, "labels"),
        ({"slo": "no-such"}, "slo"),
    ],
)
def test_a_time_that_cannot_be_is_refused_beside_its_field(signed_in, bad_hour, now, wrong, field):
    data = {**form(bad_hour, bad_hour + timedelta(hours=1)), **wrong}
    client = signed_in("ops")
    answer = client.post("/slo/-/corrections", data=data, headers=AS_FRAGMENT)
    assert answer.status_code == 422
    assert f'id="error-{field}"' in answer.text
    assert "Nothing is left out" in client.get("/slo/-/corrections").text

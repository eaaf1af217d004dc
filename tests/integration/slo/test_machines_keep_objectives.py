"""The whole life of an objective by the API: made, changed, corrected, archived, deleted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.slo import rows
from app.slo.bucket import measured, starts
from app.slo.queries import objective

SEARCH = {
    "key": "search",
    "name": "Search",
    "objective": 0.99,
    "good": 'shop_journeys_total{journey="checkout",outcome="good"}',
    "total": 'shop_journeys_total{journey="checkout"}',
}


@pytest.fixture
def ops(signed_in, prometheus, steady, now):
    prometheus.load(steady(now, hours=1).text())
    return signed_in("ops")


def fields_of(answer):
    return {error["field"] for error in answer.json["errors"]}


def test_an_objective_is_made_read_changed_and_deleted(ops):
    made = ops.post("/api/v1/slos", json=SEARCH)
    assert made.status_code == 201
    assert made.headers["Location"].endswith("/api/v1/slos/search")
    assert (made.json["version"], made.json["warnings"]) == (1, {})
    assert ops.get("/api/v1/slos/search").headers["ETag"] == '"1"'

    changed = ops.patch("/api/v1/slos/search", json={"objective": 0.95}, headers={"If-Match": '"1"'})
    assert (changed.json["objective"], changed.json["version"], changed.json["revision"]) == (0.95, 2, 1)
    whole = ops.put("/api/v1/slos/search", json={**SEARCH, "window_kind": "month", "version": 2})
    assert (whole.json["objective"], whole.json["window_days"]) == (0.99, 30)
    assert ops.delete("/api/v1/slos/search").status_code == 204
    assert ops.get("/api/v1/slos/search").status_code == 404


def test_an_edit_meant_for_an_older_version_changes_nothing(ops):
    ops.post("/api/v1/slos", json=SEARCH)
    ops.patch("/api/v1/slos/search", json={"name": "One"})
    for answer in (
        ops.patch("/api/v1/slos/search", json={"name": "Two"}, headers={"If-Match": '"1"'}),
        ops.patch("/api/v1/slos/search", json={"name": "Two", "version": 1}),
        ops.delete("/api/v1/slos/search", headers={"If-Match": '"1"'}),
        ops.post("/api/v1/slos/search/archive", headers={"If-Match": '"1"'}),
    ):
        assert answer.status_code == 409
    assert ops.get("/api/v1/slos/search").json["name"] == "One"
    assert ops.patch("/api/v1/slos/search", json={"version": "x"}).status_code == 422


@pytest.mark.parametrize(
    ("changes", "field", "status"),
    [
        ({"key": "Search!"}, "key", 422),
        ({"total": "shop_journeys_total{"}, "total", 409),
        ({"good": "", "bad": ""}, "good", 409),
        (
            {"tiers": [{"severity": "page", "budget_share": 0.02, "long": "1h"}], "objective": 0.9},
            "tiers",
            409,
        ),
        (
            {
                "indicator": "latency",
                "durations": "shop_journey_duration_seconds_bucket",
                "threshold_seconds": 0.3,
            },
            "threshold_seconds",
            409,
        ),
    ],
)
def test_what_cannot_be_gathered_is_refused_beside_the_field(ops, changes, field, status):
    answer = ops.post("/api/v1/slos", json=SEARCH | changes)
    assert answer.status_code == status
    assert fields_of(answer) == {field}
    assert ops.post("/api/v1/slos/check", json=SEARCH | changes).status_code == status
    assert ops.get("/api/v1/slos").json["slos"] == []


@pytest.mark.parametrize(
    ("body", "status"), [("", 400), ("[]", 422), ("null", 422), ('"text"', 422), ("{", 400)]
)
def test_what_is_no_object_is_refused(ops, body, status):
    assert ops.post("/api/v1/slos", data=body, content_type="application/json").status_code == status


def test_without_prometheus_nothing_is_saved_unchecked(signed_in):
    client = signed_in("ops")
    assert client.post("/api/v1/slos", json=SEARCH).status_code == 503
    assert client.get("/api/v1/slos").json["slos"] == []


def test_only_who_may_changes_objectives(signed_in):
    client = signed_in("viewer")
    for method, path in (
        ("POST", "/api/v1/slos"),
        ("PATCH", "/api/v1/slos/search"),
        ("DELETE", "/api/v1/slos/search"),
        ("POST", "/api/v1/corrections"),
        ("DELETE", "/api/v1/corrections/1"),
    ):
        assert client.open(path, method=method, json={}).status_code == 403


def test_a_correction_changes_the_budget_and_both_numbers_are_told(ops, control_session, now):
    ops.post("/api/v1/slos", json=SEARCH)
    slo = objective(control_session, "search")
    fault = now - timedelta(hours=2), now - timedelta(hours=1)
    buckets = [
        measured(at, 50 if fault[0] <= at < fault[1] else 100, 100)
        for at in starts(now - timedelta(hours=6), now)
    ]
    rows.save(control_session, slo, buckets)
    control_session.commit()
    span = {"starts_at": fault[0].isoformat(), "ends_at": fault[1].isoformat(), "reason": "Drill"}
    before = ops.get("/api/v1/slos/search/budget").json["budget"]["left"]
    made = ops.post("/api/v1/slos/search/corrections", json=span)
    assert made.status_code == 201
    after = ops.get("/api/v1/slos/search/budget").json
    assert (after["budget"]["left"], after["rows"]["excluded"]) == (1, 12)
    assert after["budget"]["left_uncorrected"] == pytest.approx(before)
    (listed,) = ops.get("/api/v1/slos/search/corrections").json["corrections"]
    assert (listed["reason"], listed["who"]) == ("Drill", "ops@house.test")
    assert ops.delete(f"/api/v1/corrections/{listed['id']}").status_code == 204
    assert ops.delete(f"/api/v1/corrections/{listed['id']}").status_code == 409
    assert ops.get("/api/v1/slos/search/budget").json["budget"]["left"] == pytest.approx(before)
    assert ops.get("/api/v1/corrections").json["corrections"][0]["undone_by"] == "ops@house.test"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts_at": "yesterday"}, "starts_at"),
        ({"ends_at": "2020-01-01T00:00:00Z"}, "ends_at"),
        ({"reason": ""}, "reason"),
        ({"weekdays": "monday"}, "weekdays"),
        ({"repeats": "sometimes"}, "repeats"),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused(ops, now, changes, field):
    span = {
        "starts_at": now.isoformat(),
        "ends_at": (now + timedelta(hours=1)).isoformat(),
        "reason": "Drill",
    }
    answer = ops.post("/api/v1/corrections", json=span | changes)
    assert answer.status_code == (409 if field == "ends_at" else 422)
    assert field in fields_of(answer)
    assert ops.get("/api/v1/corrections").json["corrections"] == []


def test_a_program_says_who_gets_the_report(signed_in):
    client, path = signed_in("ops"), "/api/v1/slo-report-recipients"
    wanted = {"kind": "week", "email": "ada@house.test", "language": "en"}
    assert client.post(path, json=wanted).json == wanted
    assert client.post(path, json=wanted).status_code == 409
    assert client.post(path, json=wanted | {"email": "nobody"}).status_code == 422
    assert client.get(path).json["recipients"] == [wanted]
    assert client.delete(f"{path}/week/ada@house.test").status_code == 204
    assert client.delete(f"{path}/week/ada@house.test").status_code == 404

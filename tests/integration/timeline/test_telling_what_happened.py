"""Entries by commands and by the API, as charts and people read them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.accounts import commands as accounts
from app.timeline import commands, queries


@pytest.fixture
def api(control_app, control_session, now):
    """`api(role)` → headers of an api token of that role."""

    def make(role):
        raw = accounts.create_token(control_session, "api", "production", "ci", role, now, "test")
        control_session.commit()
        return {"Authorization": f"Bearer {raw}"}

    return make


def test_a_known_key_corrects_its_entry(control_session, now):
    commands.record(control_session, now, "alert", "It burns", "slo:x", key="alert:1")
    commands.record(
        control_session, now, "alert", "It burned", "slo:x", ends_at=now + timedelta(hours=1), key="alert:1"
    )
    commands.record(control_session, now, "alert", "It burned", "slo:x", key="alert:1")
    found = queries.between(control_session, now, now + timedelta(minutes=1))
    assert [(entry.title, entry.ends_at) for entry in found] == [("It burned", now + timedelta(hours=1))]


def test_entries_without_a_key_stand_side_by_side(control_session, now):
    for _ in range(2):
        commands.record(control_session, now, "deploy", "1.0", "shop")
    assert len(queries.between(control_session, now, now + timedelta(minutes=1))) == 2


def test_what_touches_the_span_belongs_to_it_oldest_first(control_session, now):
    def entry(title, start, end=None):
        ends_at = now + timedelta(hours=end) if end is not None else None
        commands.record(
            control_session, now + timedelta(hours=start), "incident", title, "x", ends_at=ends_at
        )

    entry("over before", -9, -5)
    entry("reaches in", -9, -3)
    entry("inside", -2)
    entry("after", 1)
    found = queries.between(control_session, now - timedelta(hours=4), now)
    assert [one.title for one in found] == ["reaches in", "inside"]
    newest = queries.between(control_session, now - timedelta(hours=4), now, most=1)
    assert [one.title for one in newest] == ["inside"]


def test_changes_before_a_moment_come_nearest_first(control_session, now):
    for title, minutes, kind in (
        ("old", 90, "flag"),
        ("near", 2, "deploy"),
        ("alert", 1, "alert"),
        ("after", -5, "flag"),
    ):
        commands.record(control_session, now - timedelta(minutes=minutes), kind, title, "x")
    found = queries.changes_before(control_session, now, timedelta(hours=1))
    assert [one.title for one in found] == ["near"]


def test_a_pipeline_tells_of_its_deploy(control_app, control_session, api, signed_in, now):
    client = control_app.test_client()
    body = {"title": "Storefront 2.0", "subject": "storefront", "url": "https://ci.example/7", "key": "7"}
    for _ in range(2):
        assert client.post("/api/v1/timeline", json=body, headers=api("ops")).status_code == 201
    found = signed_in("viewer").get("/api/v1/timeline").json["entries"]
    assert [(entry["kind"], entry["title"], entry["url"]) for entry in found] == [
        ("deploy", "Storefront 2.0", "https://ci.example/7")
    ]
    assert "Storefront 2.0" in signed_in("viewer").get("/timeline/").text
    assert "Storefront 2.0" in signed_in("viewer").get("/timeline/recent").text


def test_a_span_is_read_by_its_edges(control_session, signed_in, now):
    at = now - timedelta(days=20)
    commands.record(
        control_session, at, "release", "German 3", "locale:de", ends_at=at + timedelta(minutes=5)
    )
    control_session.commit()
    client = signed_in("viewer")
    assert client.get("/api/v1/timeline").json["entries"] == []
    edges = {"from": (at - timedelta(hours=1)).isoformat(), "to": str((at + timedelta(hours=1)).timestamp())}
    found = client.get("/api/v1/timeline", query_string=edges).json["entries"]
    assert [entry["subject"] for entry in found] == ["locale:de"]
    assert client.get("/api/v1/timeline?from=yesterday").status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        [],
        "text",
        {"title": 7},
        {"title": "x", "kind": "party"},
        {"title": "x", "at": "yesterday"},
        {"title": "x\x00"},
        {"title": "x", "url": "javascript:alert(1)"},
        {},
    ],
)
def test_what_is_no_entry_is_refused_and_not_stored(control_app, control_session, api, body, now):
    answer = control_app.test_client().post("/api/v1/timeline", json=body, headers=api("ops"))
    assert answer.status_code == 422
    assert queries.between(control_session, now - timedelta(days=1), now + timedelta(days=1)) == []


def test_a_token_that_may_only_look_cannot_write(control_app, api):
    answer = control_app.test_client().post("/api/v1/timeline", json={"title": "x"}, headers=api("viewer"))
    assert answer.status_code == 403


def test_nothing_happened_is_said_with_how_to_tell(signed_in):
    client = signed_in("viewer")
    assert "Nothing happened in this range" in client.get("/timeline/").text
    assert "Nothing changed" in client.get("/timeline/recent").text

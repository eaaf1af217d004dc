"""Sources outside send signed messages; what they say lands on the timeline, once."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app import clock
from app.timeline.models import TimelineEntry
from app.webhooks import receiving, signing
from app.webhooks.models import SourceRow


@pytest.fixture
def source(control_session):
    """`source(kind, secret)` → its row."""

    def made(kind="signed", secret=""):
        row = receiving.create(control_session, kind, kind, "production", secret, "t", clock.now())
        control_session.commit()
        return row

    return made


@pytest.fixture
def send(control_client):
    def sent(row, body, headers, kind="application/json"):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        made = headers(raw) if callable(headers) else headers
        return control_client.post(f"/api/v1/hooks/{row.key}", data=raw, headers=made, content_type=kind)

    return sent


def signed(row, message="m1", at=None):
    at = int((at or clock.now()).timestamp())
    return lambda raw: signing.headers([row.secret], message, at, raw)


def titles(session):
    session.expire_all()
    return session.scalars(select(TimelineEntry.title).order_by(TimelineEntry.id)).all()


def test_a_signed_event_lands_on_the_timeline_once(source, send, control_session):
    row = source()
    for taken in (True, False):
        answer = send(row, {"title": "Warehouse closed", "kind": "maintenance"}, signed(row))
        assert (answer.status_code, answer.json) == (200, {"taken": taken})
    assert titles(control_session) == ["Warehouse closed"]
    control_session.refresh(row)
    assert row.received_at is not None


def test_a_bad_an_old_and_an_unsigned_message_are_refused_with_the_reason_kept(source, send, control_session):
    row = source()
    body = {"title": "x"}
    forged = signing.headers([signing.make_secret(b"x" * 32)], "m1", int(clock.now().timestamp()), b"{}")
    old = signed(row, at=clock.now() - timedelta(seconds=400))
    for headers in ({}, forged, old):
        assert send(row, body, headers).status_code == 401
    control_session.refresh(row)
    assert "signed 4" in row.refused_why
    assert titles(control_session) == []


def test_what_is_no_json_too_big_or_of_another_kind_is_refused(source, send, control_session):
    row = source()
    assert send(row, b"{", signed(row)).status_code == 400
    assert send(row, b"[" * 100_000, signed(row)).status_code == 400
    assert send(row, b"x" * (receiving.MOST_BYTES + 1), signed(row)).status_code == 413
    assert send(row, b'{"title": "a\\u0000b"}', signed(row)).status_code == 400
    assert send(row, b'{"title": "\\ud800"}', signed(row)).status_code == 400
    assert send(row, {"no": "title"}, signed(row)).status_code == 409
    assert send(row, {"title": "x"}, signed(row), "text/plain").status_code == 415
    assert titles(control_session) == []


def test_github_gitlab_stripe_and_another_alertmanager_prove_themselves_their_own_way(
    source, send, control_session
):
    github, gitlab, other = source("github"), source("gitlab"), source("alertmanager")
    stripe = source("stripe", "whsec_of-stripe-itself")
    released = {"action": "published", "repository": {"full_name": "a/b"}, "release": {"tag_name": "v1"}}

    def hub(raw):
        mac = hmac.new(github.secret.encode(), raw, hashlib.sha256).hexdigest()
        return {"X-GitHub-Event": "release", "X-Hub-Signature-256": f"sha256={mac}"}

    assert send(github, released, hub).json == {"taken": True}
    assert send(github, {**released, "action": "x"}, hub(b"{}")).status_code == 401
    deployed = {
        "object_kind": "deployment",
        "status": "success",
        "ref": "v2",
        "project": {"path_with_namespace": "a/c"},
    }
    assert send(gitlab, deployed, {"X-Gitlab-Token": gitlab.secret}).json == {"taken": True}
    assert send(gitlab, deployed, {"X-Gitlab-Token": "guess"}).status_code == 401

    at = int(clock.now().timestamp())
    payout = {"id": "po_1", "amount": 1999, "currency": "bhd", "failure_code": "account_closed"}
    event = {"id": "evt_1", "type": "payout.failed", "created": at, "data": {"object": payout}}

    def by_stripe(raw):
        mac = hmac.new(b"whsec_of-stripe-itself", f"{at}.".encode() + raw, hashlib.sha256).hexdigest()
        return {"Stripe-Signature": f"t={at},v1={mac}"}

    assert [send(stripe, event, by_stripe).json["taken"] for _ in range(2)] == [True, False]
    alert = {
        "status": "firing",
        "fingerprint": "f1",
        "startsAt": clock.now().isoformat(),
        "labels": {"alertname": "Down"},
    }
    bearer = {"Authorization": f"Bearer {other.secret}"}
    assert send(other, {"version": "4", "alerts": [alert]}, bearer).json == {"taken": True}
    ended = {**alert, "status": "resolved", "endsAt": (clock.now() + timedelta(minutes=1)).isoformat()}
    assert send(other, {"version": "4", "alerts": [ended]}, bearer).json == {"taken": True}
    assert titles(control_session) == ["a/b v1", "a/c v2", "Payout failed: 1.999 BHD", "Down"]


def test_a_source_that_is_off_or_gone_is_not_there(source, send, control_session):
    row = source()
    receiving.switch(control_session, row.id, False, "t", clock.now())
    control_session.commit()
    assert send(row, {"title": "x"}, signed(row)).status_code == 404


def test_by_api_a_source_is_made_watched_and_changed(signed_in, control_client, control_session):
    client = signed_in("ops")
    made = client.post("/api/v1/sources", json={"name": "CI", "kind": "signed"})
    address, secret = made.headers["Location"], made.json["secret"]
    raw = json.dumps({"title": "Done"}).encode()
    headers = signing.headers([secret], "m1", int(clock.now().timestamp()), raw)
    key = made.json["address"].rpartition("/")[2]
    sent = control_client.post(
        f"/api/v1/hooks/{key}", data=raw, headers=headers, content_type="application/json"
    )
    assert sent.json == {"taken": True}
    (message,) = client.get(f"{address}/messages").json["messages"]
    assert (message["id"], message["about"]) == ("m1", "Done")
    assert client.post(f"{address}/secret").json["secret"] != secret
    assert client.patch(address, json={"is_active": False}).json["is_active"] is False
    assert client.post("/api/v1/sources", json={"name": "x", "kind": "stripe"}).status_code == 422
    assert [one["name"] for one in client.get("/api/v1/sources").json["sources"]] == ["CI"]
    assert client.delete(address).status_code == 204


def test_its_secret_is_sealed_and_shown_once(source, signed_in, control_session):
    client = signed_in("admin")
    made = client.post("/webhooks/sources/", data={"name": "CI", "kind": "deploy"})
    row = control_session.scalars(select(SourceRow)).one()
    assert row.secret in made.text
    assert made.headers["Cache-Control"] == "no-store"
    assert row.secret not in client.get(f"/webhooks/sources/{row.id}").text
    assert row.secret not in str(control_session.execute(text("SELECT * FROM webhook_sources")).all())

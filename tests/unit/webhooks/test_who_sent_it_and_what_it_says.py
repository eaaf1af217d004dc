"""Signatures of each kind of source, and what becomes of its messages."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from standardwebhooks import Webhook

from app.errors import Refused
from app.webhooks import incoming, signing
from app.webhooks.signing import NotProven, TooOld

AT = 1_769_860_800
SECRET = signing.make_secret(b"k" * 32)


def test_our_signatures_are_those_of_the_standard():
    body = b'{"a": "\xc3\xa9"}'
    at = datetime.now(UTC)
    sent = signing.headers([SECRET], "evt_1", int(at.timestamp()), body)
    assert sent["webhook-signature"] == Webhook(SECRET).sign("evt_1", at, body.decode())
    assert signing.prove(SECRET, sent, body, int(at.timestamp())) == "evt_1"


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "evt_2"},
        {"webhook-id": ""},
        {"webhook-timestamp": str(AT + 1)},
        {"webhook-timestamp": "now"},
        {"webhook-timestamp": "١"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v2,AAAA"},
        {"webhook-signature": "é"},
    ],
)
def test_what_was_changed_proves_nothing(change):
    sent = {**signing.headers([SECRET], "evt_1", AT, b"{}"), **change}
    with pytest.raises(NotProven):
        signing.prove(SECRET, sent, b"{}", AT)


def test_another_body_another_secret_and_another_time_prove_nothing():
    sent = signing.headers([SECRET], "evt_1", AT, b"{}")
    with pytest.raises(NotProven):
        signing.prove(SECRET, sent, b"{ }", AT)
    with pytest.raises(NotProven):
        signing.prove(signing.make_secret(b"x" * 32), sent, b"{}", AT)
    for now in (AT - 301, AT + 301):
        with pytest.raises(TooOld):
            signing.prove(SECRET, sent, b"{}", now)


def test_stripe_proves_itself_by_any_of_its_signatures():
    mac = hmac.new(b"whsec_stripe", b"%d.{}" % AT, hashlib.sha256).hexdigest()
    signing.prove_stripe("whsec_stripe", f"t={AT},v1=bad,v1={mac},v0=x", b"{}", AT + 299)
    with pytest.raises(TooOld):
        signing.prove_stripe("whsec_stripe", f"t={AT},v1={mac}", b"{}", AT + 301)
    for header in ("", f"t={AT}", f"t={AT},v0={mac}", f"v1={mac}", f"t={AT},v1={mac[:-1]}0"):
        if header.endswith(f"{mac[:-1]}0") and mac.endswith("0"):
            continue
        with pytest.raises(NotProven):
            signing.prove_stripe("whsec_stripe", header, b"{}", AT)


def test_a_secret_is_base64_of_its_bytes():
    assert signing.key_of(SECRET) == b"k" * 32
    with pytest.raises(ValueError, match="no such secret"):
        signing.key_of("whsec_!!")
    assert base64.b64decode(SECRET.removeprefix("whsec_")) == b"k" * 32


def read(kind, body, headers=None):
    return incoming.read(kind, headers or {"webhook-id": "m1"}, body, b"raw")


def test_a_deploy_says_what_where_and_by_whom():
    body = {"service": "shop", "version": "2.0", "environment": "production", "author": "ada", "url": "x:y"}
    arrived = read("deploy", body)
    (entry,) = arrived.entries
    assert (arrived.message, entry.title, entry.detail) == ("m1", "shop 2.0", "production · ada")
    assert entry.url == ""  # only what a page may link to


def test_github_tells_of_deployments_that_went_well_and_of_releases():
    body = {
        "repository": {"full_name": "acme/shop"},
        "deployment_status": {
            "state": "success",
            "environment": "production",
            "target_url": "https://ci.test/7",
        },
        "deployment": {"ref": "v2", "sha": "a" * 40, "creator": {"login": "ada"}},
    }
    kind = {"x-github-event": "deployment_status", "x-github-delivery": "d1"}
    (entry,) = read("github", body, kind).entries
    assert (entry.kind, entry.title, entry.url) == ("deploy", "acme/shop v2", "https://ci.test/7")
    body["deployment_status"]["state"] = "in_progress"
    assert read("github", body, kind).entries == ()
    assert read("github", {"zen": "…"}, {"x-github-event": "ping"}).entries == ()


def test_github_is_known_by_what_was_signed():
    body = {"zen": "…"}
    first = read("github", body, {"x-github-event": "ping", "x-github-delivery": "1"})
    again = read("github", body, {"x-github-event": "ping", "x-github-delivery": "2"})
    assert first.message == again.message


def test_gitlab_tells_of_deployments():
    body = {
        "object_kind": "deployment",
        "status": "success",
        "ref": "v2",
        "environment": "production",
        "project": {"path_with_namespace": "acme/shop"},
        "user": {"username": "ada"},
    }
    (entry,) = read("gitlab", body, {}).entries
    assert entry.title == "acme/shop v2"


@pytest.mark.parametrize(
    ("minor", "currency", "amount"),
    [(1999, "EUR", "19.99"), (1999, "JPY", "1999"), (1999, "BHD", "1.999"), (0, "USD", "0.00")],
)
def test_an_amount_has_the_digits_of_its_currency(minor, currency, amount):
    assert incoming.amount_of(minor, currency) == Decimal(amount)
    assert str(incoming.amount_of(minor, currency)) == amount


def stripe(name, thing):
    body = {"id": "evt_1", "type": name, "created": AT, "livemode": True, "data": {"object": thing}}
    return read("stripe", body)


def test_stripe_tells_of_disputes_refunds_and_failures():
    dispute = {"id": "dp_1", "amount": 1999, "currency": "eur", "reason": "fraudulent"}
    (entry,) = stripe("charge.dispute.created", dispute).entries
    assert (entry.kind, entry.title, entry.event) == (
        "incident",
        "Payment disputed: 19.99 EUR",
        "payment.dispute_opened",
    )
    refund = {"id": "ch_1", "amount": 5000, "amount_refunded": 500, "currency": "jpy"}
    (entry,) = stripe("charge.refunded", refund).entries
    assert entry.title == "Payment refunded: 500 JPY"
    failed = {"id": "pi_1", "amount": 100, "currency": "usd", "last_payment_error": {"code": "card_declined"}}
    (entry,) = stripe("payment_intent.payment_failed", failed).entries
    assert entry.detail == "card_declined"
    assert stripe("customer.created", {"id": "cus_1"}).entries == ()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("deploy", []),
        ("deploy", {}),
        ("deploy", {"service": "x"}),
        ("deploy", {"service": "x", "version": "1", "at": "2026-01-31"}),
        ("deploy", {"service": "x\x00", "version": "1"}),
        ("deploy", {"service": "\ud800", "version": "1"}),
        ("deploy", {"service": ["x"], "version": "1"}),
        ("stripe", {"id": "evt_1", "type": "charge.refunded", "data": {}}),
        ("stripe", {"id": "evt_1", "type": "charge.refunded", "data": {"object": None}}),
        ("alertmanager", {"version": "4", "alerts": [{}]}),
        ("alertmanager", {"version": "3", "alerts": []}),
        ("signed", {"title": "x", "kind": "party"}),
        ("signed", {"title": "x" * 500}),
    ],
)
def test_what_such_a_source_does_not_send_is_refused(kind, body):
    with pytest.raises(Refused):
        read(kind, body)

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.alerts.alert import Notice, change, from_api, from_webhook, read_time
from app.errors import Refused

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def notice(ends_at=None):
    return Notice("f00", AT, ends_at, {}, {})


@pytest.mark.parametrize(
    ("is_known", "known_end", "ends_at", "source", "expected"),
    [
        (False, None, None, "webhook", "fired"),
        (False, None, AT, "webhook", "fired_and_resolved"),  # the firing was never delivered
        (True, None, None, "webhook", "seen"),
        (True, None, AT, "webhook", "resolved"),
        (True, AT, AT, "webhook", "nothing"),
        (True, AT, None, "webhook", "nothing"),  # delivered late, after its end
        (True, AT, None, "sync", "reopened"),  # Alertmanager's own list cannot be late
        (True, None, None, "sync", "seen"),
    ],
)
def test_a_notice_means_what_follows_from_what_is_known(is_known, known_end, ends_at, source, expected):
    assert change(is_known, known_end, notice(ends_at), source) == expected


def alert(**changes):
    return {
        "status": "firing",
        "labels": {"alertname": "ErrorBudgetBurn", "slo": "checkout-availability"},
        "annotations": {"summary": "It burns"},
        "startsAt": "2026-03-01T12:00:00.123456789Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus/graph",
        "fingerprint": "f00d",
        **changes,
    }


def body(*alerts):
    return {
        "version": "4",
        "groupKey": "{}",
        "status": "firing",
        "receiver": "backroom",
        "alerts": list(alerts),
    }


def test_a_firing_alert_has_no_end_though_alertmanager_sends_one():
    assert from_webhook(body(alert()))[0].ends_at is None


def test_a_resolved_alert_has_its_end():
    found = from_webhook(body(alert(status="resolved", endsAt="2026-03-01T14:30:00+02:00")))[0]
    assert found.ends_at == datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def test_the_webhook_and_the_api_name_the_same_start():
    """The webhook has nanoseconds, the API milliseconds: both are one alert."""
    told = from_webhook(body(alert()))[0]
    listed = from_api(
        {**alert(startsAt="2026-03-01T12:00:00.123Z"), "status": {"silencedBy": ["s1"], "inhibitedBy": []}}
    )
    assert (told.fingerprint, told.starts_at) == (listed.fingerprint, listed.starts_at)
    assert listed.silenced_by == ("s1",)
    assert listed.starts_at == AT + timedelta(milliseconds=123)


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        "text",
        {},
        {"version": "3", "alerts": []},
        {"version": 4, "alerts": []},
        {"version": "4"},
        {"version": "4", "alerts": {}},
        {"version": "4", "alerts": [{}] * 1001},
        {"version": "4", "alerts": [None]},
        {"version": "4", "alerts": ["alert"]},
        {"version": "4", "alerts": [alert(status="odd")]},
        {"version": "4", "alerts": [alert(startsAt="yesterday")]},
        {"version": "4", "alerts": [alert(startsAt="2026-03-01T12:00:00")]},
        {"version": "4", "alerts": [alert(startsAt="0001-01-01T00:00:00+23:00")]},
        {"version": "4", "alerts": [alert(startsAt=7)]},
        {"version": "4", "alerts": [alert(labels=["a"])]},
        {"version": "4", "alerts": [alert(labels={"a": 1})]},
        {"version": "4", "alerts": [alert(labels={"a": "\x00"})]},
        {"version": "4", "alerts": [alert(labels={"a": "\ud800"})]},
        {"version": "4", "alerts": [alert(fingerprint=None)]},
    ],
)
def test_what_is_not_alertmanagers_payload_is_refused(wrong, babel_context):
    with pytest.raises(Refused) as refused:
        from_webhook(wrong)
    assert str(refused.value)


def test_times_are_cut_to_milliseconds_in_utc():
    assert read_time("2026-03-01T13:00:00.999999+01:00") == AT + timedelta(milliseconds=999)

"""The webhook and the reconciling job, on a real database, called twice, late and out of order."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.alerts import commands, jobs
from app.alerts.alert import from_webhook
from app.alerts.models import Alert, AlertEvent
from app.errors import Unavailable
from app.timeline import queries as timeline
from tests.services import WEBHOOK_TOKEN


def payload(now, status="firing", ends_at=None, **labels):
    return {
        "version": "4",
        "status": status,
        "alerts": [
            {
                "status": status,
                "labels": {
                    "alertname": "ErrorBudgetBurn",
                    "slo": "checkout-availability",
                    "severity": "page",
                    **labels,
                },
                "annotations": {"summary": "Checkout availability burns"},
                "startsAt": now.isoformat(),
                "endsAt": (ends_at or now).isoformat(),
                "fingerprint": "f00d" + labels.get("window", ""),
            }
        ],
    }


@pytest.fixture
def deliver(control_app):
    """`deliver(body)` → the response, as Alertmanager would post it."""
    client = control_app.test_client()
    token = {"Authorization": f"Bearer {WEBHOOK_TOKEN}"}
    return lambda body: client.post("/api/v1/alerts/webhook", json=body, headers=token)


def stored(session):
    session.rollback()
    return session.scalars(select(Alert).order_by(Alert.id)).all()


def happened(session):
    session.rollback()
    return [event.kind for event in session.scalars(select(AlertEvent).order_by(AlertEvent.id))]


def test_the_same_delivery_twice_is_one_alert(deliver, control_session, now):
    assert deliver(payload(now)).json == {"changed": 1}
    assert deliver(payload(now)).json == {"changed": 0}
    assert len(stored(control_session)) == 1
    assert happened(control_session) == ["fired"]


def test_an_alert_fires_and_ends(deliver, control_session, now):
    deliver(payload(now))
    end = now + timedelta(minutes=7)
    deliver(payload(now, "resolved", end))
    deliver(payload(now, "resolved", end))
    assert stored(control_session)[0].ends_at == end
    assert happened(control_session) == ["fired", "resolved"]


def test_a_firing_that_arrives_after_its_end_does_not_fire_again(deliver, control_session, now):
    deliver(payload(now, "resolved", now + timedelta(minutes=7)))
    assert deliver(payload(now)).json == {"changed": 0}
    assert stored(control_session)[0].ends_at is not None
    assert happened(control_session) == ["fired", "resolved"]


def test_the_same_rule_firing_again_later_is_another_alert(deliver, control_session, now):
    deliver(payload(now - timedelta(hours=2), "resolved", now - timedelta(hours=1)))
    deliver(payload(now))
    assert [alert.ends_at is None for alert in stored(control_session)] == [False, True]


def test_an_end_before_the_start_is_the_start(deliver, control_session, now):
    deliver(payload(now, "resolved", now - timedelta(minutes=1)))
    assert stored(control_session)[0].ends_at == now


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", "null", '{"version": "5"}', '{"version": "4", "alerts": [1]}', '"\\ud800"', "{" * 9999],
)
def test_a_body_that_is_none_is_answered_400_and_stores_nothing(control_app, control_session, body):
    answer = control_app.test_client().post(
        "/api/v1/alerts/webhook",
        data=body,
        headers={"Authorization": f"Bearer {WEBHOOK_TOKEN}", "Content-Type": "application/json"},
    )
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert stored(control_session) == []


def test_two_deliveries_at_once_make_one_alert(control_sources, control_session, now):
    notices = from_webhook(payload(now))
    gate = threading.Barrier(4)

    def take():
        gate.wait()
        with control_sources.control.begin() as session:
            commands.take(session, notices, "webhook", now)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stored(control_session)) == 1
    assert happened(control_session) == ["fired"]


def test_an_alert_is_on_the_timeline_with_its_end(deliver, control_session, now):
    deliver(payload(now))
    deliver(payload(now, "resolved", now + timedelta(minutes=7)))
    entries = timeline.between(control_session, now - timedelta(hours=1), now + timedelta(hours=1))
    assert [(entry.kind, entry.title, entry.subject) for entry in entries] == [
        ("alert", "Checkout availability burns", "slo:checkout-availability")
    ]
    assert entries[0].ends_at == now + timedelta(minutes=7)


def listed(now, **more):
    return {
        **payload(now)["alerts"][0],
        "status": {"state": "active", "silencedBy": [], "inhibitedBy": []},
        **more,
    }


@pytest.fixture
def alertmanager_lists(control_sources, monkeypatch):
    """What Alertmanager's API answers, word for word; the real one is asked in tests/contracts."""

    def answer(*alerts):
        monkeypatch.setattr(control_sources.alertmanager, "alerts", lambda: list(alerts))

    return answer


def test_what_fired_while_we_were_down_is_read_from_alertmanager(
    control_session, control_sources, alertmanager_lists, now
):
    alertmanager_lists(listed(now))
    assert jobs.sync(control_session, now, control_sources) == "1 active, 1 changed, 0 vanished"
    assert jobs.sync(control_session, now, control_sources) == "1 active, 0 changed, 0 vanished"
    control_session.commit()
    assert happened(control_session) == ["fired"]


def test_what_alertmanager_forgot_has_ended_but_only_after_a_while(
    control_session, control_sources, alertmanager_lists, now
):
    alertmanager_lists(listed(now))
    jobs.sync(control_session, now, control_sources)
    alertmanager_lists()
    assert "0 vanished" in jobs.sync(control_session, now + timedelta(seconds=30), control_sources)
    assert "1 vanished" in jobs.sync(control_session, now + timedelta(minutes=2), control_sources)
    control_session.commit()
    assert happened(control_session) == ["fired", "vanished"]
    alertmanager_lists(listed(now))
    jobs.sync(control_session, now + timedelta(minutes=3), control_sources)
    control_session.commit()
    assert happened(control_session)[-1] == "reopened"
    assert stored(control_session)[0].ends_at is None


def test_an_inhibited_ticket_is_known_but_not_on_the_timeline(
    control_session, control_sources, alertmanager_lists, now
):
    quiet = {"state": "suppressed", "silencedBy": ["s"], "inhibitedBy": ["f00d"]}
    alertmanager_lists(listed(now, status=quiet))
    jobs.sync(control_session, now, control_sources)
    alert = control_session.scalars(select(Alert)).one()
    assert (alert.silenced_by, alert.inhibited_by) == (["s"], ["f00d"])
    assert timeline.between(control_session, now - timedelta(hours=1), now + timedelta(hours=1)) == []


def test_without_alertmanager_the_job_fails_and_what_fires_goes_on_firing(
    deliver, control_session, control_sources, now
):
    deliver(payload(now))
    with pytest.raises(Unavailable):
        jobs.sync(control_session, now + timedelta(minutes=10), control_sources)
    control_session.rollback()
    assert stored(control_session)[0].ends_at is None

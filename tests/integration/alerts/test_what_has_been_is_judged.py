"""History, noise, search, hand-over; and what every page says when nobody sees."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.alerts import commands, jobs
from app.alerts.alert import Notice
from app.alerts.models import Alert
from app.audit.models import AuditEntry
from app.series import store
from app.timeline.models import TimelineEntry


@pytest.fixture
def fire(control_session, now):
    def fire(fingerprint, hours_ago=1.0, lasted_minutes=30, name="Slow", taken_after=None, **labels):
        starts_at = now - timedelta(hours=hours_ago)
        ends_at = starts_at + timedelta(minutes=lasted_minutes) if lasted_minutes else None
        all_labels = {"alertname": name, "severity": "page", **labels}
        firing = Notice(fingerprint, starts_at, None, all_labels, {"summary": f"{name} {fingerprint}"})
        commands.take(control_session, [firing], "webhook", starts_at)
        alert = control_session.scalars(select(Alert).where(Alert.fingerprint == fingerprint)).one()
        if taken_after is not None:
            at = starts_at + timedelta(minutes=taken_after)
            commands.acknowledge(control_session, alert.id, "", "ops@house.test", at)
        if ends_at:
            over = Notice(fingerprint, starts_at, ends_at, all_labels, firing.annotations)
            commands.take(control_session, [over], "webhook", ends_at)
        control_session.commit()
        return alert.id

    return fire


def test_what_is_never_acted_on_comes_first_and_is_called_noise(signed_in, fire):
    for number in range(6):
        fire(f"n{number}", hours_ago=number + 2, lasted_minutes=10, name="Noisy", severity="ticket")
    for number in range(7):
        fire(f"t{number}", hours_ago=number + 2, lasted_minutes=20, name="Taken", taken_after=4)
    client = signed_in("viewer")
    rules = client.get("/api/v1/alerts/record?range=24h").json["rules"]
    assert [(one["name"], one["fired"], one["acted_on"], one["is_noisy"]) for one in rules] == [
        ("Noisy", 6, 0, True),
        ("Taken", 7, 7, False),
    ]
    assert rules[1]["seconds_to_acknowledge"] == 240
    assert rules[1]["seconds_to_resolve"] == 1200
    assert rules[0]["seconds_to_acknowledge"] is None
    assert rules[0]["seconds_firing"] == 3600
    page = client.get("/alerts/record?range=24h").text
    assert page.index("Noisy") < page.index("Taken")
    assert "never acted on" in page
    assert page.count("strip-bar") == 13
    assert "No alert fired in this range" in client.get("/alerts/record?range=1h").text


def test_alerts_are_found_by_words_and_labels_in_the_address(signed_in, fire):
    fire("a1", lasted_minutes=None, name="Slow", team="pay")
    fire("a2", lasted_minutes=None, name="Down", team="cart", severity="ticket")
    fire("a3", hours_ago=5, name="Past", team="pay")
    client = signed_in("viewer")

    def found(words):
        return [one["name"] for one in client.get("/api/v1/alerts", query_string={"q": words}).json["alerts"]]

    assert found("") == ["Slow", "Down"]
    assert found("team=cart") == ["Down"]
    assert found("down team=pay") == []
    page = client.get("/alerts/?q=team%3Dpay&by=alertname").text
    assert "Slow a1" in page
    assert "Down a2" not in page
    assert "Past a3" in page
    assert "Past a3" not in client.get("/alerts/_history?q=team%3Dcart").text
    assert "Nothing that fires matches" in client.get("/alerts/?q=100%25_off").text
    ended = client.get("/api/v1/alerts/ended?q=past").json
    assert [one["name"] for one in ended["alerts"]] == ["Past"]


def test_an_alert_is_handed_over_and_it_is_audited(signed_in, fire, control_session):
    alert_id = fire("a1", lasted_minutes=None)
    client = signed_in("ops")
    wrong = client.post(f"/alerts/{alert_id}/hand-over", data={"to": " "}, headers={"HX-Request": "true"})
    assert wrong.status_code == 422
    assert 'id="error-to"' in wrong.text
    done = client.post(f"/alerts/{alert_id}/hand-over", data={"to": "night@house.test", "note": "Your shift"})
    assert done.status_code == 303
    page = client.get(f"/alerts/{alert_id}").text
    assert "handed over" in page
    assert "night@house.test: Your shift" in page
    told = client.post(f"/api/v1/alerts/{alert_id}/hand-over", json={"to": "day@house.test"}).json
    assert told["acknowledged_by"] == "day@house.test"
    kinds = [one["kind"] for one in client.get(f"/api/v1/alerts/{alert_id}").json["events"]]
    assert kinds == ["fired", "handed_over", "handed_over"]
    actions = [one.action for one in control_session.scalars(select(AuditEntry))]
    assert actions == ["alert.hand_over"] * 2
    over = fire("a2")
    assert client.post(f"/api/v1/alerts/{over}/hand-over", json={"to": "x"}).status_code == 409
    assert client.post("/api/v1/alerts/987654321/hand-over", json={"to": "x"}).status_code == 404


def test_an_alert_is_taken_by_the_api(signed_in, fire):
    alert_id = fire("a1", lasted_minutes=None)
    client = signed_in("ops")
    taken = client.post(f"/api/v1/alerts/{alert_id}/acknowledge", json={"note": "On it"}).json
    assert taken["acknowledged_by"] == "ops@house.test"
    assert client.post(f"/api/v1/alerts/{alert_id}/acknowledge").status_code == 409


def test_every_page_asks_whether_somebody_sees_and_the_clocks_are_compared(signed_in, control_session, now):
    client = signed_in("viewer")
    for page in ("/", "/flags/", "/jobs/", "/alerts/rules/"):
        assert 'hx-get="/alerts/blind"' in client.get(page).text, page
    store.record(control_session, "health.clock_skew_seconds", [(now, -7.0)])
    control_session.commit()
    assert "The clocks differ:" in client.get("/alerts/blind").text
    assert client.get("/api/v1/alerts/health").json["clock_skew_seconds"] == -7


def test_from_when_to_when_nobody_saw_stays_on_the_timeline(control_session, control_sources, now):
    """Prometheus and Alertmanager are down in this test: blind from their last answer on."""
    for part in ("prometheus", "scrape", "evaluation", "alertmanager"):
        store.record(control_session, "health.last_ok", [(now, now.timestamp())], {"part": part})
    jobs.probe(control_session, now + timedelta(minutes=2), control_sources)
    jobs.probe(control_session, now + timedelta(minutes=3), control_sources)
    (entry,) = control_session.scalars(select(TimelineEntry)).all()
    assert (entry.at, entry.ends_at, entry.subject) == (now, None, "monitoring-blind")
    later = now + timedelta(minutes=4)
    for part in ("prometheus", "scrape", "evaluation", "alertmanager"):
        store.record(control_session, "health.up", [(later, 1.0)], {"part": part})
    jobs._remember_blindness(control_session, later)
    control_session.expire_all()
    assert control_session.scalars(select(TimelineEntry)).one().ends_at == later


def test_tests_and_escalations_are_no_news(control_session, now):
    direct = Notice("d", now, None, {"alertname": "ReceiverTest", "backroom_receiver": "x"}, {})
    assert commands.take(control_session, [direct], "sync", now) == 0
    assert control_session.scalars(select(Alert)).all() == []

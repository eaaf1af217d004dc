"""The pages, as ops see and use them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.alerts import commands, jobs, queries
from app.alerts.alert import Notice
from app.alerts.models import Alert
from app.audit.models import AuditEntry
from app.series import store
from app.slo import commands as slo_commands
from app.slo.jobs import write_rules
from app.timeline import commands as timeline


@pytest.fixture
def fire(control_session, now):
    """`fire(fingerprint, …)`: an alert of the checkout that fires since ten minutes ago."""

    def make(fingerprint="f1", ends_at=None, at=None, **labels):
        notice = Notice(
            fingerprint,
            at or now - timedelta(minutes=10),
            ends_at,
            {"alertname": "ErrorBudgetBurn", "slo": "checkout-availability", "severity": "page", **labels},
            {
                "summary": f"Burns <b>{fingerprint}</b>",
                "description": "2 % of it",
                "runbook_url": labels.get("runbook", "https://house.example/alerts/runbooks/checkout-errors"),
            },
        )
        commands.take(control_session, [notice], "webhook", now)
        control_session.commit()
        return control_session.scalars(select(Alert).where(Alert.fingerprint == fingerprint)).one().id

    return make


@pytest.fixture
def seeing(control_session, now):
    """Every part has just answered."""
    for part in ("prometheus", "scrape", "evaluation", "alertmanager"):
        store.record(control_session, "health.up", [(now, 1.0)], {"part": part})
        store.record(control_session, "health.last_ok", [(now, now.timestamp())], {"part": part})
    control_session.commit()


def test_an_empty_house_says_how_rules_come_about(signed_in, seeing):
    page = signed_in("viewer").get("/alerts/").text
    assert "No rule watches yet" in page
    assert "backroom jobs run slo.rules" in page


def test_a_quiet_page_says_that_rules_are_evaluated(
    signed_in, control_session, control_sources, prometheus, seeing, now
):
    slo_commands.ensure_defaults(control_session, now)
    write_rules(control_session, now, control_sources)
    assert jobs.read_rules(control_session, now, control_sources) == "10 alert rules as loaded"
    jobs.read_rules(control_session, now, control_sources)
    control_session.commit()
    page = signed_in("viewer").get("/alerts/").text
    assert "Nothing fires" in page
    assert "10 rules are watched" in page
    assert page.count("MonitoringBlind") == 2


def test_what_fires_comes_first_with_everything_one_needs(signed_in, control_session, fire, seeing, now):
    timeline.record(
        control_session, now - timedelta(minutes=13), "flag", "new-checkout on", "flag:new-checkout"
    )
    fire("f1")
    page = signed_in("viewer").get("/alerts/").text
    assert "Burns &lt;b&gt;f1&lt;/b&gt;" in page
    assert "new-checkout on" in page
    assert "3 minutes before" in page
    assert 'href="https://house.example/alerts/runbooks/checkout-errors"' in page
    assert "Take it" not in page  # a viewer cannot


def test_pages_come_before_tickets_and_what_nobody_took_before_the_rest(control_session, fire, now):
    fire("ticket", severity="ticket")
    taken = fire("taken")
    fire("open")
    fire("odd", severity="")
    commands.acknowledge(control_session, taken, "", "ops@house.test", now)
    control_session.expire_all()
    found = [line.alert.fingerprint for line in queries.firing(control_session)]
    assert found == ["open", "taken", "ticket", "odd"]


def test_a_link_that_is_none_is_not_offered(signed_in, fire, seeing):
    fire("f1", runbook="javascript:alert(1)")
    page = signed_in("viewer").get("/alerts/").text
    assert "javascript:" not in page


def test_ops_take_an_alert_with_a_note_and_it_is_audited(signed_in, control_session, fire):
    alert_id = fire("f1")
    client = signed_in("ops")
    answer = client.post(f"/alerts/{alert_id}/acknowledge", data={f"note_{alert_id}": "Rolling back\x00"})
    assert answer.status_code == 303
    page = client.get("/alerts/").text
    assert "Taken by ops@house.test" in page
    assert "Rolling back" in page
    entry = control_session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject) == ("alert.acknowledge", f"alert:{alert_id}")
    assert "Rolling back" in client.get(f"/alerts/{alert_id}").text


def test_an_alert_is_taken_once(signed_in, fire):
    alert_id = fire("f1")
    client = signed_in("ops")
    client.post(f"/alerts/{alert_id}/acknowledge")
    again = client.post(f"/alerts/{alert_id}/acknowledge", headers={"HX-Request": "true"})
    assert again.status_code == 409


def test_an_ended_alert_cannot_be_taken(signed_in, fire, now):
    alert_id = fire("f1", ends_at=now)
    assert signed_in("ops").post(f"/alerts/{alert_id}/acknowledge").status_code == 409


def test_a_note_too_long_is_refused_beside_the_field(signed_in, fire):
    alert_id = fire("f1")
    answer = signed_in("ops").post(
        f"/alerts/{alert_id}/acknowledge",
        data={f"note_{alert_id}": "x" * 501},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 422
    assert f'id="error-note_{alert_id}"' in answer.text


def test_what_does_not_exist_is_not_found(signed_in):
    client = signed_in("ops")
    assert client.get("/alerts/987654321").status_code == 404
    assert client.post("/alerts/987654321/acknowledge").status_code == 404
    assert client.get("/alerts/runbooks/no-such", follow_redirects=True).status_code == 404


def test_ended_alerts_are_kept_page_by_page(signed_in, fire, now):
    for number in range(27):
        fire(f"f{number:02}", at=now - timedelta(hours=number + 2), ends_at=now - timedelta(hours=number + 1))
    client = signed_in("viewer")
    first, second = client.get("/alerts/").text, client.get("/alerts/_history?page=2").text
    assert "f00" in first
    assert "f26" not in first
    assert "f26" in second
    assert client.get("/alerts/?page=nonsense").status_code == 200
    assert client.get("/alerts/_history?page=99").status_code == 200


def test_a_page_that_cannot_see_says_so_since_when(signed_in, control_session, seeing, now):
    client = signed_in("viewer")
    assert "blind since" not in client.get("/alerts/blind").text
    store.record(control_session, "health.up", [(now, 0.0)], {"part": "prometheus"})
    store.record(
        control_session,
        "health.last_ok",
        [(now, (now - timedelta(minutes=9)).timestamp())],
        {"part": "prometheus"},
    )
    control_session.commit()
    found = client.get("/alerts/blind").text
    assert "Monitoring is blind since" in found
    assert "11:51" in found
    assert "Nothing is known to fire" in client.get("/alerts/_now").text


def test_an_objective_shows_its_own_alerts(signed_in, fire, now):
    client = signed_in("viewer")
    assert "No alert has fired" in client.get("/alerts/_slo/checkout-availability").text
    fire("f1")
    fire("f2", at=now - timedelta(hours=3), ends_at=now - timedelta(hours=2))
    fire("f3", slo="another")
    found = client.get("/alerts/_slo/checkout-availability").text
    assert found.index("f1") < found.index("f2")
    assert "f3" not in found


def test_alerts_are_served_as_json(signed_in, fire):
    fire("f1")
    found = signed_in("viewer").get("/api/v1/alerts").json["alerts"]
    assert [(alert["fingerprint"], alert["severity"], alert["slo"]) for alert in found] == [
        ("f1", "page", "checkout-availability")
    ]


def test_runbooks_are_listed_and_read(signed_in):
    client = signed_in("viewer")
    assert "The checkout fails" in client.get("/alerts/runbooks/", follow_redirects=True).text
    page = client.get("/alerts/runbooks/monitoring-blind", follow_redirects=True).text
    assert "<h2>Act</h2>" in page


def test_each_part_is_probed_and_remembered(control_session, control_sources, prometheus, alertmanager, now):
    said = jobs.probe(control_session, now, control_sources)
    assert said == "down: evaluation, scrape"  # no shop, no rules
    probes = queries.probes(control_session)
    assert probes["prometheus"].is_up
    assert not probes["scrape"].is_up
    assert probes["scrape"].last_ok is None
    prometheus.stop()
    jobs.probe(control_session, now + timedelta(minutes=1), control_sources)
    later = queries.probes(control_session)["prometheus"]
    assert (later.is_up, later.last_ok) == (False, now)

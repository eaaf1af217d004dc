"""A real Alertmanager with the configuration that we write; amtool as the second opinion."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import select

from app.alerts import commands as alerts
from app.alerts import jobs as alert_jobs
from app.alerts.alert import Notice
from app.alerts.delivery import commands, document, jobs, queries
from app.alerts.delivery.models import Escalated
from app.alerts.models import Alert, AlertEvent
from app.audit.models import AuditEntry
from app.errors import Unavailable


def until(look, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s")


class Service(ThreadingHTTPServer):
    """What alerts are posted to; `answers` may be changed."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Posted)
        self.answers = 200
        self.heard: list[dict] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"

    def labels(self) -> list[dict[str, str]]:
        return [alert["labels"] for body in self.heard for alert in body["alerts"]]


class Posted(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append(json.loads(body))
        self.send_response(self.server.answers)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def service() -> Iterator[Service]:
    server = Service()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def put(client, what, **body):
    answer = client.put(f"/api/v1/{what}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json


def setup(client, service):
    put(client, "alert-receivers/hook", kind="webhook", url=service.url, token="token-for-the-hook")
    put(client, "alert-receivers/chat", kind="discord", webhook_url="http://127.0.0.1:9/secret-path")
    put(client, "alert-receivers/pager", kind="pagerduty", routing_key="secret-routing-key")
    put(client, "mute-times/night", weekdays=["friday"], start="22:00", end="06:00", zone="Europe/Berlin")
    routes = [
        {"matchers": ['severity="page"'], "receiver": "pager", "continue": True, "group_by": ["alertname"]},
        {"matchers": ['team=~"pay|cart"', 'zone!="x"'], "receiver": "chat", "mute_times": ["night"]},
        {"matchers": ['note="a \\"b\\""'], "receiver": "hook", "group_wait": "1s"},
    ]
    return put(client, "alert-routes", routes=routes)


def amtool(config, services, *arguments):
    command = [config.amtool, "--alertmanager.url", services.alertmanager_url, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_what_is_set_up_is_loaded_and_leads_where_amtool_says(
    signed_in, alertmanager, control_config, control_session, control_sources, service, services
):
    client = signed_in("ops")
    made = setup(client, service)
    assert made["revision"] == 5
    original = control_sources.alertmanager.status()["config"]["original"]
    assert "mute_time_intervals" in original
    delivery = queries.current(control_session).delivery
    for labels in (
        {"severity": "page"},
        {"severity": "page", "team": "pay"},
        {"severity": "ticket", "team": "cart", "zone": "x"},
        {"note": 'a "b"'},
        {"alertname": "Watchdog"},
        {"backroom_receiver": "chat"},
        {"team": "payments"},
    ):
        pairs = [f"{name}={json.dumps(value)}" for name, value in labels.items()]
        said = amtool(
            control_config, services, "config", "routes", "test",
            "--config.file", str(control_config.alertmanager_config), *pairs,
        )  # fmt: skip
        theirs = list(dict.fromkeys(said.strip().split(",")))
        assert document.where(delivery, labels) == theirs, labels
        asked = client.get("/api/v1/alert-routes/preview", query_string=labels)
        assert asked.json["receivers"] == theirs


def test_secrets_never_leave(signed_in, alertmanager, control_config, control_session, service):
    client = signed_in("ops")
    setup(client, service)
    pages = [
        client.get(f"/alerts/delivery/{path}").text for path in ("", "receivers/pager", "receivers/hook")
    ]
    audited = str([(one.before, one.after) for one in control_session.scalars(select(AuditEntry))])
    for shown in (
        *pages,
        client.get("/api/v1/alert-delivery").text,
        client.get("/api/v1/alertmanager.yaml").text,
        audited,
    ):
        assert "secret" not in shown.replace("kept secret", "").replace("Kept secret", "").replace(
            "secrets", ""
        )
        assert "token-for-the-hook" not in shown
        assert "webhook-token-for-tests" not in shown
    written = control_config.alertmanager_config
    assert "secret-routing-key" in written.read_text()
    assert written.stat().st_mode & 0o077 == 0
    again = client.post(
        "/alerts/delivery/receivers",
        data={"name": "pager", "kind": "pagerduty", "routing_key": "•••", "revision": "5"},
    )
    assert again.status_code == 303
    assert "secret-routing-key" in written.read_text()


def test_what_does_not_fit_changes_nothing(signed_in, alertmanager, control_config, control_session, service):
    client = signed_in("ops")
    setup(client, service)
    before = control_config.alertmanager_config.read_text()
    assert client.delete("/api/v1/alert-receivers/pager").status_code == 409
    assert client.put("/api/v1/alert-routes", json={"routes": [{"receiver": "x"}]}).status_code == 409
    late = client.put(
        "/api/v1/alert-receivers/late", json={"kind": "webhook", "url": "http://x", "revision": 1}
    )
    assert late.status_code == 409
    mail = client.put("/api/v1/alert-receivers/mail", json={"kind": "email", "to": "a@b.example"})
    assert [one["field"] for one in mail.json["errors"]] == ["kind"]
    assert control_config.alertmanager_config.read_text() == before
    assert queries.current(control_session).delivery.receiver("late") is None


def test_a_route_is_changed_moved_and_removed_on_the_page(signed_in, alertmanager, control_session, service):
    client = signed_in("ops")
    setup(client, service)
    for path in ("routes/-/new", "mute-times/-/new", "escalations/-/new"):
        assert 'name="revision" value="5"' in client.get(f"/alerts/delivery/{path}").text
    form = {
        "matchers": 'a="b"',
        "receiver": "hook",
        "group_wait": "1m",
        "mute_times": "night",
        "revision": "5",
    }
    assert client.post("/alerts/delivery/routes/1", data=form).status_code == 303
    assert "a=&#34;b&#34;" in client.get("/alerts/delivery/").text
    page = client.get("/alerts/delivery/routes/1").text
    assert 'value="1m"' in page
    assert 'value="night" checked' in page
    assert client.get("/alerts/delivery/routes/9").status_code == 404
    assert client.post("/alerts/delivery/routes/0", data=form).status_code == 409
    moved = client.post("/alerts/delivery/routes/1/move", data={"to": "up", "revision": "6"})
    assert moved.status_code == 303
    gone = client.post("/alerts/delivery/routes/0/delete", data={"revision": "7"})
    assert gone.status_code == 303
    control_session.expire_all()
    assert [one.receiver for one in queries.current(control_session).delivery.routes] == ["pager", "hook"]


def test_what_amtool_refuses_is_not_written(control_session, control_sources, alertmanager, now, monkeypatch):
    jobs.write_configuration(control_session, now, control_sources)
    control_session.commit()
    path = control_sources.config.alertmanager_config
    before = path.read_text()
    monkeypatch.setattr(document, "GROUP_BY", ["not a label"])
    with pytest.raises(Exception, match="amtool refuses"):
        commands.install(control_session, control_sources)
    assert path.read_text() == before
    monkeypatch.undo()
    assert jobs.write_configuration(control_session, now, control_sources) == "unchanged and loaded"


def test_without_alertmanager_nothing_is_saved(signed_in, control_session):
    client = signed_in("ops")
    answer = client.put("/api/v1/alert-receivers/hook", json={"kind": "webhook", "url": "http://x"})
    assert answer.status_code == 503
    assert queries.current(control_session).revision == 0
    assert client.get("/alerts/delivery/").status_code == 200


def test_a_receiver_is_tried_alone(signed_in, alertmanager, service):
    client = signed_in("ops")
    setup(client, service)
    tried = client.post("/api/v1/alert-receivers/hook/test").json
    assert (tried["delivered"], tried["failed"]) == (1, 0)
    assert [labels["alertname"] for labels in service.labels()] == ["ReceiverTest"]
    service.answers = 500
    assert client.post("/api/v1/alert-receivers/hook/test").json["failed"] >= 1
    page = client.post("/alerts/delivery/receivers/hook/test", headers={"HX-Request": "true"})
    assert "Refused." in page.text
    assert client.get("/api/v1/alerts").json["alerts"] == []


def fire(session, fingerprint, at, **labels):
    wanted = {"alertname": "Slow", "severity": "page", **labels}
    alerts.take(session, [Notice(fingerprint, at, None, wanted, {"summary": "It is slow"})], "webhook", at)
    session.commit()
    return session.scalars(select(Alert).where(Alert.fingerprint == fingerprint)).one()


def test_what_nobody_takes_is_passed_on_once(
    signed_in, alertmanager, control_session, control_sources, service, now
):
    client = signed_in("ops")
    setup(client, service)
    put(client, "escalations/loud", matchers=['severity="page"'], after_minutes=5, receiver="hook")
    waiting, taken = fire(control_session, "f1", now), fire(control_session, "f2", now)
    fire(control_session, "f3", now, severity="ticket")
    alerts.acknowledge(control_session, taken.id, "", "ops@house.test", now)
    control_session.commit()

    def escalate(minutes):
        said = jobs.escalate(control_session, now + timedelta(minutes=minutes), control_sources)
        control_session.commit()
        return said

    assert escalate(4).startswith("0 alerts passed on")
    assert escalate(5).startswith("1 alerts passed on")
    assert escalate(6).startswith("0 alerts passed on")
    until(lambda: service.labels())
    assert [labels["escalation"] for labels in service.labels()] == ["loud"]
    kinds = control_session.scalars(select(AlertEvent.kind).where(AlertEvent.alert_id == waiting.id)).all()
    assert kinds.count("escalated") == 1
    assert "passed on" in client.get(f"/alerts/{waiting.id}").text

    alerts.acknowledge(control_session, waiting.id, "", "ops@house.test", now)
    control_session.commit()
    assert escalate(7).endswith("1 called off")
    assert escalate(8).endswith("0 called off")


def test_an_escalation_that_cannot_be_sent_is_tried_again(
    signed_in, alertmanager, control_session, control_sources, service, now
):
    client = signed_in("ops")
    setup(client, service)
    put(client, "escalations/loud", matchers=[], after_minutes=1, receiver="hook")
    fire(control_session, "f1", now)
    alertmanager.stop()
    with pytest.raises(Unavailable):
        jobs.escalate(control_session, now + timedelta(minutes=2), control_sources)
    control_session.rollback()
    assert control_session.scalars(select(Escalated)).all() == []


def test_silences_of_ours_and_of_amtool_are_one_list(
    signed_in, alertmanager, control_config, control_session, control_sources, services
):
    from app import clock

    client = signed_in("ops")
    fire(control_session, "f1", clock.now(), team="pay")
    body = {"matchers": ['team="pay"'], "comment": "Being mended", "duration": "10m"}
    made = client.post("/api/v1/silences", json=body)
    assert made.status_code == 201
    listed = amtool(control_config, services, "silence", "query", "--quiet", 'team="pay"')
    assert listed.split() == [made.json["id"]]
    amtool(
        control_config, services, "silence", "add", "--author", "night shift",
        "--comment", "by hand", "--duration", "1h", "team=~cart|pay",
    )  # fmt: skip
    found = client.get("/api/v1/silences").json["silences"]
    assert [(one["comment"], len(one["hides"])) for one in found] == [("Being mended", 1), ("by hand", 1)]
    page = client.get("/alerts/silences/").text
    assert "night shift" in page
    assert "elsewhere" in page
    assert "Ends soon:" in page

    longer = client.put(f"/api/v1/silences/{made.json['id']}", json={**body, "duration": "3h"})
    amtool(control_config, services, "silence", "expire", longer.json["id"])
    states = {one["comment"]: one["state"] for one in client.get("/api/v1/silences").json["silences"]}
    assert states["by hand"] == "active"
    assert states["Being mended"] == "expired"
    assert client.delete("/api/v1/silences/11111111-1111-1111-1111-111111111111").status_code == 404
    hidden = client.get("/alerts/silences/-/preview?matchers=team%3D%22pay%22").text
    assert "1 alert that fires now would be hidden" in hidden


def test_a_silence_reminds_once_and_ends_with_what_it_hides(
    signed_in, alertmanager, control_session, control_sources
):
    from app import clock
    from app.alerts.silences.jobs import look

    client, start = signed_in("ops"), clock.now()
    fire(control_session, "f1", start, team="pay")
    short = {"matchers": ['team="x"'], "comment": "Short", "duration": "10m"}
    client.post("/api/v1/silences", json=short)
    client.post(
        "/api/v1/silences", json={"matchers": ['team="pay"'], "comment": "Mended", "until_resolved": True}
    )

    def at(minutes):
        said = look(control_session, start + timedelta(minutes=minutes), control_sources)
        control_session.commit()
        return said

    assert at(3) == "2 silences, 0 ended, 1 reminded of"
    assert at(3) == "2 silences, 0 ended, 0 reminded of"
    (mail,) = control_sources.config.mail_dir.glob("*.eml")
    assert "ops@house.test" in mail.read_text()
    alert = control_session.scalars(select(Alert)).one()
    alert.ends_at = start
    control_session.commit()
    assert at(4) == "2 silences, 1 ended, 0 reminded of"
    assert at(5) == "1 silences, 0 ended, 0 reminded of"


def test_the_watchdog_tells_that_alerts_arrive_and_its_silence_that_they_do_not(
    control_session, control_sources, signed_in, now
):
    from app.alerts import health
    from app.alerts import queries as seen

    bark = Notice("w", now - timedelta(hours=1), None, {"alertname": "Watchdog"}, {})
    assert alerts.take(control_session, [bark], "webhook", now) == 0
    assert control_session.scalars(select(Alert)).all() == []
    arrived = alert_jobs._last_heard(control_session)
    assert health.is_delivered(arrived, (), now + timedelta(minutes=2)) is True
    assert health.is_delivered(arrived, (), now + timedelta(minutes=4)) is False
    alert_jobs.probe(control_session, now, control_sources)
    assert seen.probes(control_session)["delivery"].is_up
    alert_jobs.probe(control_session, now + timedelta(minutes=5), control_sources)
    control_session.commit()
    assert not seen.probes(control_session)["delivery"].is_up

"""Prometheus evaluates, Alertmanager delivers: what we write loads there, what they send arrives here."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from prometheus_client import CollectorRegistry, Counter, generate_latest
from sqlalchemy import select
from werkzeug.serving import make_server

from app.alerts import jobs
from app.alerts.models import Alert
from app.slo import commands, queries
from app.slo.jobs import write_rules
from tests.services import WEBHOOK_TOKEN

PATIENCE_SECONDS = 40


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """`serve(wsgi_app)` → host:port of a real server in a thread."""
    servers = []

    def start(app) -> str:
        server = make_server("127.0.0.1", 0, app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"127.0.0.1:{server.port}"

    yield start
    for server in servers:
        server.shutdown()


@pytest.fixture
def failing_shop() -> Iterator[str]:
    """host:port of a /metrics whose checkouts all fail."""
    registry = CollectorRegistry()
    journeys = Counter("shop_journeys", "", ["journey", "outcome"], registry=registry)
    for outcome in ("good", "bad"):
        journeys.labels("checkout", outcome)

    class Metrics(BaseHTTPRequestHandler):
        def do_GET(self):
            journeys.labels("checkout", "bad").inc(20)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(generate_latest(registry))

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Metrics)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()


def until(look, seconds=PATIENCE_SECONDS):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.3)
    raise AssertionError(f"not within {seconds} s")


def alerts(session):
    session.rollback()
    return session.scalars(select(Alert).order_by(Alert.starts_at)).all()


def test_a_failing_checkout_travels_from_the_rule_to_the_page_and_ends_there(
    control_app, control_session, control_sources, prometheus, alertmanager, serve, failing_shop
):
    from app import clock

    commands.ensure_defaults(control_session, clock.now())
    control_session.commit()
    alertmanager.start(f"http://{serve(control_app)}/api/v1/alerts/webhook")
    prometheus.start({"shop": failing_shop})
    write_rules(control_session, clock.now(), control_sources)
    control_session.commit()

    def paged():
        return [alert for alert in alerts(control_session) if alert.labels.get("window") == "1h"]

    alert = until(paged)[0]
    assert (alert.name, alert.severity, alert.slo) == ("ErrorBudgetBurn", "page", "checkout-availability")
    assert alert.ends_at is None
    assert alert.annotations["runbook_url"].endswith("/alerts/runbooks/checkout-errors")

    jobs.sync(control_session, clock.now(), control_sources)
    control_session.commit()
    assert len(paged()) == 1  # the webhook and the API name the same alert

    (prometheus.rules_dir / "backroom.yml").unlink()
    prometheus.reload()
    until(lambda: [alert for alert in paged() if alert.ends_at is not None])


def test_a_wrong_token_is_turned_away_and_nothing_is_stored(control_app, control_session):
    client = control_app.test_client()
    body = {"version": "4", "alerts": []}
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": WEBHOOK_TOKEN}):
        assert client.post("/api/v1/alerts/webhook", json=body, headers=headers).status_code == 401
    good = {"Authorization": f"Bearer {WEBHOOK_TOKEN}"}
    assert client.post("/api/v1/alerts/webhook", json=body, headers=good).status_code == 200


def test_what_amtool_adds_is_seen_here_too(control_session, control_sources, alertmanager, services, now):
    import httpx

    httpx.post(
        f"{services.alertmanager_url}/api/v2/alerts",
        json=[
            {"labels": {"alertname": "ByHand", "severity": "ticket"}, "annotations": {"summary": "By hand"}}
        ],
    ).raise_for_status()
    jobs.sync(control_session, now, control_sources)
    assert [alert.name for alert in control_session.scalars(select(Alert))] == ["ByHand"]


def test_the_rules_are_served_as_they_are_written(
    control_app, control_session, signed_in, now, prometheus, control_sources
):
    commands.ensure_defaults(control_session, now)
    control_session.commit()
    write_rules(control_session, now, control_sources)
    served = signed_in("viewer").get("/api/v1/rules.yaml")
    assert served.mimetype == "application/yaml"
    assert served.text == (prometheus.rules_dir / "backroom.yml").read_text()


def test_series_that_the_objectives_read_exist_before_the_first_shopper(shop_client, control_session, now):
    """A name or label value that the shop does not emit would be silent for ever."""
    exposed = shop_client.get("/metrics").text
    commands.ensure_defaults(control_session, now)
    for slo in queries.objectives(control_session):
        for selector in (slo.good, slo.total, slo.durations):
            name, _, matchers = selector.rstrip("}").partition("{")
            assert any(
                line.startswith(f"{name}{{") and all(matcher in line for matcher in matchers.split(","))
                for line in exposed.splitlines()
            ), selector

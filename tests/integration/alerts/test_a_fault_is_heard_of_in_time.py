"""From a fault to the page: as soon as the formula says, by real programs with short windows."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from prometheus_client import CollectorRegistry, Counter, generate_latest
from sqlalchemy import select

from app import clock
from app.alerts.delivery import jobs as delivery
from app.alerts.models import Alert
from app.alerts.rules import commands, jobs
from app.alerts.rules.rule import Rule
from app.series import store
from tests.serving import serve

SCRAPE_SECONDS, EVALUATION_SECONDS = 1, 5
WINDOW_SECONDS, THRESHOLD = 20, 0.5
PATIENCE_SECONDS = 60


class Shop(ThreadingHTTPServer):
    """A /metrics whose events are good until they are bad."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Metrics)
        self.registry = CollectorRegistry()
        self.events = Counter("events", "", ["outcome"], registry=self.registry)
        self.events.labels("good")
        self.events.labels("bad")
        self.outcome = "good"


class Metrics(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.events.labels(self.server.outcome).inc(100)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(generate_latest(self.server.registry))

    def log_message(self, *_):
        pass


@pytest.fixture
def shop() -> Iterator[Shop]:
    server = Shop()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def until(look):
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.2)
    raise AssertionError(f"not within {PATIENCE_SECONDS} s")


def alerts(session):
    session.rollback()
    return session.scalars(select(Alert)).all()


def last_heard(session):
    session.rollback()
    return store.latest(session, "health.last_ok", {"part": "delivery"})


def test_a_fault_fires_after_the_time_of_the_formula_and_the_watchdog_arrives_beside(
    control_app, control_config, control_session, control_sources, prometheus, alertmanager, shop
):
    """A constant error ratio e is noticed after threshold · window / e, ± a scrape and an evaluation."""
    with serve(control_app) as url:
        reached = replace(control_sources, config=replace(control_config, alert_webhook_url=url))
        delivery.write_configuration(control_session, clock.now(), reached)
        prometheus.start({"shop": f"127.0.0.1:{shop.server_port}"}, SCRAPE_SECONDS)
        seen = f'count_over_time(events_total{{outcome="good"}}[2m]) > {WINDOW_SECONDS}'
        until(lambda: control_sources.prometheus.query(seen))
        window = f"[{WINDOW_SECONDS}s]"
        bad = f'sum(rate(events_total{{outcome="bad"}}{window}))'
        share = f"{bad} / sum(rate(events_total{window}))"
        rule = Rule("much-fails", "MuchFails", f"{share} > {THRESHOLD}", "page", EVALUATION_SECONDS)
        commands.create(control_session, rule, "test", clock.now(), control_sources)
        control_session.commit()

        shop.outcome, broke_at = "bad", datetime.now(UTC)
        (alert,) = until(lambda: alerts(control_session))
        waited = (alert.starts_at - broke_at).total_seconds()
        expected = THRESHOLD * WINDOW_SECONDS / 1.0
        give_or_take = SCRAPE_SECONDS + EVALUATION_SECONDS + 1  # and what is under way
        assert expected - give_or_take <= waited <= expected + give_or_take
        assert alert.labels["rule"] == "much-fails"

        heard = until(lambda: last_heard(control_session))
        assert heard.value > broke_at.timestamp() - 120
        assert [one.name for one in alerts(control_session)] == ["MuchFails"]


def test_prometheus_that_comes_back_without_its_rules_gets_them_again(
    control_session, control_sources, prometheus, now
):
    jobs.write_rules(control_session, now, control_sources)
    prometheus.stop()
    (prometheus.rules_dir / commands.FILE).unlink()
    prometheus.start()
    assert jobs.write_rules(control_session, now, control_sources).endswith("written and loaded")
    names = {rule["name"] for group in control_sources.prometheus.rules() for rule in group["rules"]}
    assert "Watchdog" in names

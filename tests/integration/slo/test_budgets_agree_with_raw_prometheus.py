"""Thirty days with days and nights, idle hours, restarts and a fault each night, against the truth."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from slo_generator.compute import compute

from app.slo import commands, queries
from app.slo.budget import Budget
from app.slo.charts import CHARTS
from app.slo.jobs import gather_rows
from app.ui.timerange import read_range
from tests.integration.slo.slo_generator_backend import RawPrometheus

STEP = timedelta(seconds=60)


@pytest.fixture
def month(checkout, now):
    """A minute at a time: busy noons, two idle hours a night with nothing at all, a fault at four."""
    at, minute = now - timedelta(days=30, minutes=10), 0
    while at <= now:
        traffic = round(20 * (1 + math.sin((at.hour - 9) / 24 * 2 * math.pi)))
        if at.hour in (2, 3):
            traffic = 0
        bad = traffic // 2 if at.hour == 4 and at.minute < 20 else int(minute % 211 == 0 and traffic > 0)
        slow = traffic // 10
        if minute % (60 * 37) == 60 * 17:
            checkout.restart()
        checkout.scrape(at, traffic - bad, bad, slow)
        at, minute = at + STEP, minute + 1
    return checkout


def test_the_budget_is_right_to_half_a_percent(month, control_session, control_sources, prometheus, now):
    prometheus.load(month.text())
    commands.ensure_defaults(control_session, now)
    gather_rows(control_session, now, control_sources)
    slo = queries.objective(control_session, "checkout-availability")
    status = queries.status(control_session, slo)

    truth = month.bad_share(now - timedelta(days=30), now)
    assert status.counts.error_ratio == pytest.approx(truth, rel=0.005)
    assert status.budget_left == pytest.approx(1 - truth / 0.005, rel=0.005)

    def asked(expr):
        return control_sources.prometheus.query(expr, now)[0].value

    good = asked(f"sum(increase({slo.good}[30d]))")
    total = asked(f"sum(increase({slo.total}[30d]))")
    assert status.counts.error_ratio == pytest.approx(1 - good / total, rel=0.005)
    (second,) = slo_generator(control_sources.prometheus.url, slo, now)
    assert status.counts.bad == pytest.approx(second["bad_events_count"], rel=0.005)
    assert status.budget_left == pytest.approx(1 - second["error_budget_consumed_ratio"] / 100, rel=0.005)


def slo_generator(url, slo, now):
    """The reports of another program that counts objectives, on the same Prometheus."""
    spec = {
        "description": slo.name,
        "backend": f"{RawPrometheus.__module__}.RawPrometheus",
        "method": "good_bad",
        "exporters": [],
        "service_level_indicator": {"good": slo.good, "total": slo.total},
        "goal": slo.ratio,
        "error_budget_policy": "default",
    }
    step = {"name": "30 days", "window": 30 * 86_400, "burn_rate_threshold": 1.0, "alert": False}
    step |= {"message_alert": "", "message_ok": ""}
    config = {
        "backends": {spec["backend"]: {"url": url}},
        "error_budget_policies": {"default": {"steps": [step]}},
        "exporters": {},
    }
    slo_config = {
        "apiVersion": "sre.google.com/v2",
        "kind": "ServiceLevelObjective",
        "metadata": {"name": slo.key, "labels": {}},
        "spec": spec,
    }
    return compute(slo_config, config, timestamp=now.timestamp())


def test_the_list_the_working_and_the_chart_say_the_same_and_idle_hours_are_not_gaps(
    month, control_session, control_sources, prometheus, now, control_app
):
    prometheus.load(month.text())
    commands.ensure_defaults(control_session, now)
    gather_rows(control_session, now, control_sources)
    slo = queries.objective(control_session, "checkout-availability")
    status = queries.status(control_session, slo)

    counts, coverage = queries.recount(control_session, slo, now)
    assert Budget(slo.ratio, slo.window, counts).left == pytest.approx(status.budget_left, abs=1e-9)
    assert coverage.no_traffic >= 29 * 23
    assert coverage.no_data == 0

    with control_app.test_request_context():
        drawn = CHARTS["budget"](control_session, slo, read_range({}, now, "30d"), now)
    line = [value for value in drawn["lines"][0]["values"] if value is not None]
    assert line[0] == pytest.approx(1, abs=0.02)
    assert line[-1] == pytest.approx(status.budget_left, abs=1e-6)
    assert status.spark[-1] == pytest.approx(status.budget_left, abs=0.01)

    idle = now.replace(hour=2, minute=30) - timedelta(days=3)
    steps = queries.steps(control_session, slo, idle, idle + timedelta(minutes=5), 300)
    assert [step.counts.total for step in steps] == [0]

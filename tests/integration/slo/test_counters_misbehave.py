"""Restarts, late scrapes, lost data, clocks that differ, idle hours: no false alarm, no false 100 %."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.slo import commands, gaps, queries, sums
from app.slo.jobs import gather_rows
from app.slo.models import SloBucket
from app.slo.reading import read

SCRAPE = timedelta(seconds=30)
HOURS = 3


@pytest.fixture(autouse=True)
def short_history(monkeypatch):
    monkeypatch.setattr(gaps, "LEAST_HISTORY", timedelta(days=1))


def counter(name, values):
    """`values`: (moment, count); moments may be missing."""
    lines = [f"{name} {count} {int(at.timestamp())}" for at, count in values]
    return "\n".join(lines)


def scrapes(now, until=timedelta(0), hours=HOURS):
    at = now - timedelta(hours=hours)
    while at <= now + until:
        yield at
        at += SCRAPE


def steady(now, per_scrape=10, **more):
    return [(at, per_scrape * number) for number, at in enumerate(scrapes(now, **more))]


def load(prometheus, good, total, bad=None):
    parts = [
        "# TYPE good counter",
        counter("good_total", good),
        "# TYPE all counter",
        counter("all_total", total),
    ]
    if bad is not None:
        parts += ["# TYPE bad counter", counter("bad_total", bad)]
    prometheus.load("\n".join(parts))


@pytest.fixture
def slo(control_session, now):
    values = {"key": "shop", "name": "Shop", "objective": 0.99, "good": "good_total", "total": "all_total"}
    return commands.create(control_session, read(values | {"window_days": 1}), "ops@house.test", now)


def counts(session, slo, now, hours=HOURS):
    start = now - timedelta(hours=hours)
    return sums.windows(session, [slo], {slo.id: start}, now)[slo.id].counts


def states(session, slo):
    found = session.execute(
        select(SloBucket.starts_at, SloBucket.state)
        .where(SloBucket.slo_id == slo.id)
        .order_by(SloBucket.starts_at)
    )
    return [(row.starts_at, row.state) for row in found]


def test_a_restart_of_the_counters_loses_nothing(control_session, control_sources, prometheus, slo, now):
    half = now - timedelta(hours=HOURS / 2)
    values = [(at, count if at < half else count - 10 * 60 * HOURS) for at, count in steady(now)]
    load(prometheus, values, values)
    gather_rows(control_session, now, control_sources)
    found = counts(control_session, slo, now)
    assert found.total == pytest.approx(1200 * HOURS, rel=0.04)
    assert found.bad == 0


def test_late_and_missing_scrapes_are_no_errors(control_session, control_sources, prometheus, slo, now):
    shifted = [
        (at + timedelta(seconds=7 * (number % 3)), count) for number, (at, count) in enumerate(steady(now))
    ]
    sparse = [one for number, one in enumerate(shifted) if number % 10 not in (3, 4, 5)]
    load(prometheus, sparse, sparse)
    gather_rows(control_session, now, control_sources)
    found = counts(control_session, slo, now)
    assert found.total == pytest.approx(1200 * HOURS, rel=0.05)
    assert found.bad == 0


def test_a_counter_first_seen_at_fifty_counts_from_there_on(
    control_session, control_sources, prometheus, slo, now
):
    born = now - timedelta(hours=1)
    late = [(at, 50 + 10 * number) for number, at in enumerate(scrapes(now, hours=1))]
    load(prometheus, late, late)
    gather_rows(control_session, now, control_sources)
    found = counts(control_session, slo, now)
    assert found.total == pytest.approx(1200, rel=0.1)
    assert {state for at, state in states(control_session, slo) if at < born - timedelta(minutes=5)} == {
        "no_data"
    }


def test_idle_hours_are_no_traffic_and_no_nan(control_session, control_sources, prometheus, slo, now):
    idle = now - timedelta(hours=2), now - timedelta(hours=1)
    count, values = 0, []
    for at in scrapes(now):
        count += 0 if idle[0] <= at < idle[1] else 10
        values.append((at, count))
    load(prometheus, [(at, count * 0.5) for at, count in values], values)
    gather_rows(control_session, now, control_sources)
    quiet = [
        state for at, state in states(control_session, slo) if idle[0] < at < idle[1] - timedelta(minutes=5)
    ]
    assert set(quiet) == {"no_traffic"}
    assert counts(control_session, slo, now).error_ratio == pytest.approx(0.5, rel=0.01)


def test_no_bad_event_series_yet_is_nothing_bad_and_no_missing_figure(
    control_session, control_sources, prometheus, now
):
    values = {"key": "shop", "name": "Shop", "objective": 0.99, "bad": "bad_total", "total": "all_total"}
    slo = commands.create(control_session, read(values | {"window_days": 1}), "ops@house.test", now)
    load(prometheus, steady(now), steady(now))
    gather_rows(control_session, now, control_sources)
    assert queries.status(control_session, slo).budget_left == 1
    assert counts(control_session, slo, now).total == pytest.approx(1200 * HOURS, rel=0.04)


def test_a_prometheus_that_lost_its_data_takes_no_row_back(
    control_session, control_sources, prometheus, slo, now
):
    load(prometheus, steady(now), steady(now))
    gather_rows(control_session, now, control_sources)
    before = counts(control_session, slo, now)
    prometheus.forget()
    prometheus.start()
    gather_rows(control_session, now + timedelta(minutes=10), control_sources)
    assert counts(control_session, slo, now) == before
    newest = [state for at, state in states(control_session, slo) if at >= now]
    assert set(newest) == {"no_data"}


def test_a_clock_that_runs_ahead_of_prometheus_sees_no_data_and_catches_up(
    control_session, control_sources, prometheus, slo, now
):
    ahead = now + timedelta(minutes=20)
    load(prometheus, steady(now), steady(now))
    gather_rows(control_session, ahead, control_sources)
    late = [state for at, state in states(control_session, slo) if at >= now + timedelta(minutes=5)]
    assert set(late) == {"no_data"}
    assert queries.line(control_session, "shop", ahead).state == "ok"
    until = timedelta(minutes=20)
    prometheus.forget()
    load(prometheus, steady(now, until=until), steady(now, until=until))
    gather_rows(control_session, ahead + timedelta(seconds=60), control_sources)
    control_session.expire_all()
    late = [state for at, state in states(control_session, slo) if now <= at < ahead - timedelta(minutes=5)]
    assert set(late) == {"ok"}

"""Real Prometheus, history loaded as blocks: rows, budgets and what happens when parts are away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.errors import Unavailable
from app.series import store
from app.slo import commands, queries
from app.slo.jobs import gather_rows
from app.slo.models import SloBucket, SloHour


@pytest.fixture
def objectives(control_session, now):
    commands.ensure_defaults(control_session, now)
    control_session.commit()
    return {slo.key: slo for slo in queries.objectives(control_session)}


def rows_of(session, slo):
    return session.scalars(
        select(SloBucket).where(SloBucket.slo_id == slo.id).order_by(SloBucket.starts_at)
    ).all()


def test_the_first_gathering_fills_the_whole_window(
    control_session, control_sources, prometheus, objectives, steady, now
):
    prometheus.load(steady(now, hours=6).text())
    said = gather_rows(control_session, now, control_sources)
    assert said.startswith("2 objectives")
    slo = objectives["checkout-availability"]
    rows = rows_of(control_session, slo)
    assert rows[0].starts_at == queries.window_start(slo, now)
    assert {row.state for row in rows[:-80]} == {"no_data"}
    assert [row.state for row in rows[-60:]] == ["ok"] * 60
    line = queries.line(control_session, slo.key, now)
    assert line.state == "ok"
    assert line.status.budget_left == 1
    assert line.status.counts.total == pytest.approx(10 * 2 * 60 * 6, rel=0.02)


def test_gathering_twice_for_one_moment_changes_nothing(
    control_session, control_sources, prometheus, objectives, steady, now
):
    prometheus.load(steady(now, bad_since=now - timedelta(minutes=40)).text())

    def state():
        tables = [
            control_session.execute(
                select(*table.__table__.columns).order_by(table.slo_id, table.starts_at)
            ).all()
            for table in (SloBucket, SloHour)
        ]
        status = [queries.status(control_session, slo) for slo in objectives.values()]
        return tables, status

    gather_rows(control_session, now, control_sources)
    control_session.expire_all()
    before = state()
    said = gather_rows(control_session, now, control_sources)
    control_session.expire_all()
    assert " 0 rows" in said
    assert state() == before


def test_a_burn_shows_in_the_running_five_minutes(
    control_session, control_sources, prometheus, objectives, steady, now
):
    at = now + timedelta(seconds=90)
    prometheus.load(steady(at, bad_since=now).text())
    gather_rows(control_session, at, control_sources)
    status = queries.status(control_session, objectives["checkout-availability"])
    head = rows_of(control_session, objectives["checkout-availability"])[-1]
    assert (head.starts_at, head.is_complete) == (now, False)
    assert head.bad > 5
    assert status.burns[300].burn > 10


def test_a_running_row_becomes_a_finished_one(
    control_session, control_sources, prometheus, objectives, steady, now
):
    prometheus.load(steady(now + timedelta(minutes=6)).text())
    slo = objectives["checkout-availability"]
    gather_rows(control_session, now + timedelta(minutes=2), control_sources)
    running = rows_of(control_session, slo)[-1]
    assert not running.is_complete
    gather_rows(control_session, now + timedelta(minutes=5, seconds=30), control_sources)
    control_session.expire_all()
    finished = next(row for row in rows_of(control_session, slo) if row.starts_at == now)
    assert finished.is_complete
    assert finished.total == pytest.approx(100, rel=0.05)


def test_gaps_are_filled_when_the_history_comes_later(
    control_session, control_sources, prometheus, objectives, steady, now
):
    gather_rows(control_session, now, control_sources)
    slo = objectives["checkout-availability"]
    assert queries.line(control_session, slo.key, now).state == "nodata"
    prometheus.load(steady(now, hours=30).text())
    gather_rows(control_session, now, control_sources)
    control_session.expire_all()
    counts, coverage = queries.recount(control_session, slo, now)
    assert counts.total == pytest.approx(10 * 2 * 60 * 30, rel=0.02)
    assert coverage.missing <= 2  # the five minutes that run, and those whose last scrape may be on its way
    assert coverage.ok >= 30 * 12 - 1


def test_without_prometheus_nothing_is_written_and_the_old_figures_become_stale(
    control_session, control_sources, prometheus, objectives, steady, now
):
    prometheus.load(steady(now).text())
    gather_rows(control_session, now, control_sources)
    control_session.commit()
    prometheus.stop()
    with pytest.raises(Unavailable):
        gather_rows(control_session, now + timedelta(minutes=5), control_sources)
    control_session.rollback()
    later = queries.line(control_session, "checkout-availability", now + timedelta(minutes=5))
    assert later.state == "stale"
    assert later.status.budget_left == 1


def test_hour_sums_agree_with_their_rows(
    control_session, control_sources, prometheus, objectives, steady, now
):
    prometheus.load(steady(now, hours=5, bad_since=now - timedelta(hours=2)).text())
    gather_rows(control_session, now, control_sources)
    slo = objectives["checkout-availability"]
    for start, end in (
        (now - timedelta(hours=5), now),
        (now - timedelta(hours=3, minutes=35), now - timedelta(minutes=10)),
        (now - timedelta(minutes=50), now - timedelta(minutes=20)),
        (now - timedelta(minutes=20), now - timedelta(minutes=20)),
    ):
        rows = [
            row for row in rows_of(control_session, slo) if start <= row.starts_at < end and row.state == "ok"
        ]
        counted = queries.counts_between(control_session, slo, start, end)
        assert counted.bad == pytest.approx(sum(row.bad for row in rows))
        assert counted.total == pytest.approx(sum(row.total for row in rows))


def test_the_figures_become_points_of_series(
    control_session, control_sources, prometheus, objectives, steady, now
):
    prometheus.load(steady(now, bad_since=now - timedelta(minutes=30)).text())
    gather_rows(control_session, now, control_sources)
    left = store.latest_by(control_session, "slo.budget_left", "slo")
    assert set(left) == set(objectives)
    assert left["checkout-availability"].value < 0
    assert store.latest(control_session, "slo.burn_1h", {"slo": "checkout-availability"}).value > 14.4
    latency = store.latest(control_session, "slo.latency_p95", {"slo": "checkout-latency"})
    assert 0.5 < latency.value <= 1
    assert latency.at == now - timedelta(minutes=5) or latency.at == now


def test_rows_of_two_revisions_are_never_summed(
    control_session, control_sources, prometheus, objectives, steady, now
):
    prometheus.load(steady(now, hours=2).text())
    gather_rows(control_session, now, control_sources)
    old = objectives["checkout-availability"]

    assert queries.recount(control_session, replace(old, revision=2), now)[0].total == 0
    count = control_session.scalar(select(func.count()).select_from(SloBucket).where(SloBucket.revision == 2))
    assert count == 0

"""Every series is a gauge on /metrics: absent where nothing is known, with the age beside it."""

from __future__ import annotations

from datetime import timedelta

from prometheus_client.parser import text_string_to_metric_families

from app.jobs import commands as job_runs
from app.schedule import SCHEDULE
from app.series import gauges, store


def samples(client):
    text = client.get("/metrics").text
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_newest_point_of_each_series_is_a_sample_with_its_moment(control_client, control_session, now):
    earlier = now - timedelta(hours=3)
    store.record(control_session, "kpi.orders", [(earlier, 7), (now, 9)])
    store.record(control_session, "slo.budget_left", [(earlier, -0.25)], {"slo": 'a "b" \\ c'})
    for month, cents in (("2026-09", 40), ("2026-10", 50)):
        store.record(control_session, "cost.per_active_user_cents", [(now, cents)], {"month": month})
    control_session.commit()
    found = samples(control_client)
    assert found["backroom_kpi_orders", ()] == 9
    assert found["backroom_kpi_orders_timestamp_seconds", ()] == now.timestamp()
    labels = (("slo", 'a "b" \\ c'),)
    assert found["backroom_slo_budget_left", labels] == -0.25
    assert found["backroom_slo_budget_left_timestamp_seconds", labels] == earlier.timestamp()
    assert found["backroom_cost_per_active_user_cents", (("month", "2026-10"),)] == 50
    assert ("backroom_cost_per_active_user_cents", (("month", "2026-09"),)) not in found
    assert not [name for name, _ in found if name.startswith("backroom_kpi_revenue")]


def test_the_database_is_asked_once_in_a_few_seconds(control_sources, control_session, now):
    tell = gauges.Exposition(control_sources.control, gauges.tell)
    assert tell() == ""
    store.record(control_session, "kpi.orders", [(now, 7)])
    control_session.commit()
    assert tell() == ""
    assert "backroom_kpi_orders 7.0" in gauges.Exposition(control_sources.control, gauges.tell)()


def test_without_the_database_there_are_metrics_without_samples_of_ours(control_app, control_config):
    from dataclasses import replace

    from app.factory import create_app

    lost = replace(control_config, control_database_url="postgresql+psycopg://x@127.0.0.1:9/x")
    answer = create_app(lost).test_client().get("/metrics")
    assert answer.status_code == 200
    assert "backroom_requests_total" in answer.text
    assert "backroom_scheduled_job_late" not in answer.text


def test_a_job_that_fails_is_told_by_the_page_that_is_scraped(control_client, control_session, now):
    job = SCHEDULE[0]
    run = job_runs.begin_now(control_session, job.name, now, "test", now, "start")
    job_runs.finish(control_session, run, "failed", "no", now)
    control_session.commit()
    found = samples(control_client)
    assert found["backroom_scheduled_job_late", (("name", job.name),)] == 1
    assert found["backroom_scheduled_job_late", (("name", SCHEDULE[1].name),)] == 0

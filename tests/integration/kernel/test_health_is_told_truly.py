from __future__ import annotations

import dataclasses

from app.factory import create_app


def test_alive_is_answered_without_asking_anything(control_client):
    assert control_client.get("/healthz").json == {"status": "ok"}


def test_ready_names_every_dependency_with_its_age(control_client):
    answer = control_client.get("/readyz")
    assert answer.status_code == 200
    found = answer.json["dependencies"]
    assert set(found) == {"postgres", "reporting", "redis", "prometheus", "alertmanager"}
    assert found["postgres"]["ok"] is True
    assert found["postgres"]["age_seconds"] == 0


def test_without_prometheus_it_is_degraded_but_serves(control_config):
    away = dataclasses.replace(control_config, prometheus_url="http://127.0.0.1:9")
    answer = create_app(away).test_client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json["status"] == "degraded"
    assert answer.json["dependencies"]["prometheus"]["ok"] is False
    assert answer.json["dependencies"]["prometheus"]["age_seconds"] is None


def test_without_its_database_it_is_down(control_config):
    away = dataclasses.replace(
        control_config, control_database_url="postgresql+psycopg://nobody@127.0.0.1:9/nothing"
    )
    client = create_app(away).test_client()
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200
    page = client.get("/jobs/")
    assert page.status_code in (303, 503)


def test_metrics_name_every_route_from_the_start(control_client):
    text = control_client.get("/metrics").text
    assert 'backroom_requests_total{code_class="5xx",route="/jobs/"} 0.0' in text

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from storefront.factory import create_app
from storefront.health import Probe


def test_a_healthy_shop_is_ready(client):
    assert client.get("/healthz").json == {"status": "alive"}
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json["status"] == "ready"
    assert answer.json["parts"]["postgres"]["state"] == "ok"
    assert answer.json["parts"]["postgres"]["age_seconds"] < 5


def test_without_redis_the_shop_is_degraded_and_ready(shop_config):
    app = create_app(replace(shop_config, redis_url="redis://127.0.0.1:9/0"))
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json["status"] == "degraded"
    assert answer.json["parts"]["redis"] == {"state": "down", "required": False, "age_seconds": None}


def test_without_its_database_the_shop_is_alive_and_not_ready(broken_app):
    client = broken_app.test_client()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["status"] == "not ready"
    assert "Retry-After" in answer.headers


def test_a_part_that_hangs_is_asked_once_and_not_waited_for():
    asked = []

    def hang() -> None:
        asked.append(1)
        time.sleep(1)

    probe = Probe(hang, True)
    began = time.monotonic()
    assert probe.state()["state"] == "down"
    assert probe.state()["state"] == "down"
    assert time.monotonic() - began < 0.9
    assert asked == [1]


@pytest.mark.parametrize(("age", "state"), [(12.0, "ok"), (None, "no data")])
def test_ages_of_what_others_sent_are_told(catalogue_app, age, state):
    catalogue_app.extensions["health"].ages["flags"] = lambda: age
    part = catalogue_app.test_client().get("/readyz").json["parts"]["flags"]
    assert (part["state"], part["age_seconds"]) == (state, age)

"""Whoever scrapes shows METRICS_TOKEN where one is set; probes answer everybody, without details."""

from __future__ import annotations

import dataclasses

import pytest

from app.factory import create_app as control
from storefront.factory import create_app as storefront

TOKEN = "a-token-for-scrapes-only"


@pytest.fixture(params=["control", "shop"])
def guarded(request):
    config = request.getfixturevalue(f"{request.param}_config")
    make = control if request.param == "control" else storefront
    return make(dataclasses.replace(config, metrics_token=TOKEN)).test_client()


@pytest.fixture(params=["control_app", "shop_app"])
def client_of_open(request):
    return request.getfixturevalue(request.param).test_client()


@pytest.mark.parametrize("sent", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer "}])
def test_a_stranger_reads_no_metrics(guarded, sent):
    answer = guarded.get("/metrics", headers=sent)
    assert answer.status_code == 401
    assert b"# HELP" not in answer.data


def test_who_has_the_token_reads_them(guarded):
    answer = guarded.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert b"# HELP" in answer.data


def test_a_probe_needs_no_token_and_a_stranger_is_told_no_details(guarded):
    assert guarded.get("/healthz").status_code == 200
    ready = guarded.get("/readyz")
    assert set(ready.get_json()) == {"status"}
    told = guarded.get("/readyz", headers={"Authorization": f"Bearer {TOKEN}"}).get_json()
    assert {"dependencies", "parts"} & set(told)


def test_without_a_token_they_are_open(client_of_open):
    assert client_of_open.get("/metrics").status_code == 200

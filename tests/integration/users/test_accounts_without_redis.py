from __future__ import annotations

from dataclasses import replace

import pytest

from storefront.factory import create_app
from storefront.users import throttle
from tests.ending import end_shop
from tests.integration.users.test_somebody_makes_an_account import ADA


@pytest.fixture
def client(shop_config):
    """A shop whose Redis is gone."""
    app = create_app(replace(shop_config, redis_url="redis://127.0.0.1:9/0"))
    app.config["WTF_CSRF_ENABLED"] = False
    throttle._local.counts.clear()
    yield app.test_client()
    end_shop(app)


def test_people_sign_up_and_stay_signed_in(client):
    client.post("/en/account/sign-up", data=ADA)
    assert client.get("/en/account").status_code == 200
    client.post("/en/account/sign-out")
    assert client.get("/en/account").status_code == 303
    assert client.post("/en/account/sign-in", data=ADA).status_code == 303


def test_guesses_are_counted_by_the_process_and_fewer_go_through(client, now):
    guess = {**ADA, "password": "guess number 1"}
    tries = [client.post("/en/account/sign-in", data=guess).status_code for _ in range(6)]
    assert tries == [422] * throttle.LIMITS["account"][1] + [429, 429]


def test_counts_of_past_windows_are_thrown_away():
    counts = throttle.LocalCounts({(str(n), 1): 1 for n in range(throttle.MOST_KEPT + 1)})
    assert counts.count("now", 2) == 1
    assert len(counts.counts) == 1

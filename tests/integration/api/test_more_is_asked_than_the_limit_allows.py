"""Quotas of the API, as they are told and as they are kept."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from redis import Redis

from app import limits
from app.factory import create_app
from app.limits import Policy, take
from tests.people import sign_in

SMALL = Policy("small", 10)


@pytest.fixture(autouse=True)
def _redis_is_asked(monkeypatch):
    monkeypatch.setattr(limits._Local, "paused_until", 0.0)
    monkeypatch.setattr(limits._Local, "full_at", {})


@pytest.fixture
def strict(control_config, compiled_templates):
    """A house that allows 10 units a minute."""
    app = create_app(replace(control_config, api_rate_limit=10, api_rate_limit_anonymous=10))
    app.jinja_env.bytecode_cache = compiled_templates
    yield app
    app.extensions["flags_serving"].stop()
    app.extensions["sources"].close()


def test_every_answer_tells_what_is_left_and_too_much_is_refused(strict):
    client = sign_in(strict, "viewer")
    lefts = []
    for _ in range(10):
        answer = client.get("/api/v1/jobs")
        assert answer.status_code == 200
        assert answer.headers["RateLimit-Policy"] == '"default";q=10;w=60'
        lefts.append(int(re.fullmatch(r'"default";r=(\d+);t=\d+', answer.headers["RateLimit"])[1]))
    assert lefts == list(range(9, -1, -1))
    refused = client.get("/api/v1/jobs")
    assert (refused.status_code, refused.json["type"]) == (429, "/problems/too-many-requests")
    assert 1 <= int(refused.headers["Retry-After"]) <= 7
    assert refused.headers["RateLimit"].startswith('"default";r=0')
    assert sign_in(strict, "ops").get("/api/v1/jobs").status_code == 200
    assert client.get("/kpi/").status_code == 200  # pages are no API


@pytest.mark.parametrize("path", ["/api/v1/jobs", "/API/v1/jobs", "/api//v1/jobs", "/api/v1/nothing"])
def test_no_spelling_of_an_address_has_a_quota_of_its_own(strict, program, path):
    client = strict.test_client()
    header = program("viewer").environ_base["HTTP_AUTHORIZATION"]
    for n in range(11):
        odd = {"Authorization": header, "X-Forwarded-For": f"192.0.2.{n}", "Host": f"h{n}.test"}
        last = client.get("/api/v1/jobs" if n < 10 else path, headers=odd)
    assert last.status_code == 429


def test_a_stranger_is_counted_by_network_whatever_the_answer(strict):
    client = strict.test_client()
    statuses = [
        client.get("/api/v1/jobs", environ_base={"REMOTE_ADDR": f"2001:db8:1:2::{n}"}).status_code
        for n in range(12)
    ]
    assert statuses == [401] * 10 + [429] * 2
    assert client.get("/api/v1/jobs", environ_base={"REMOTE_ADDR": "2001:db8:1:3::1"}).status_code == 401


def test_what_is_named_in_the_wiring_exists(strict):
    from app.factory import COMPARE_THEMSELVES, EXPENSIVE

    assert strict.view_functions.keys() >= COMPARE_THEMSELVES | EXPENSIVE


def test_guessing_tokens_is_slowed_by_address_also_where_sdks_ask(strict):
    client = strict.test_client()
    statuses = [
        client.get("/api/client/features", headers={"Authorization": f"*:production.{n}"}).status_code
        for n in range(12)
    ]
    assert statuses == [401] * 10 + [429] * 2


def test_many_at_once_get_exactly_the_quota(redis):
    with ThreadPoolExecutor(16) as pool:
        allowed = sum(pool.map(lambda _n: take(redis, SMALL, "one").is_allowed, range(60)))
    assert allowed == 10


def test_what_costs_more_leaves_less_and_is_not_taken_where_it_does_not_fit(redis):
    assert take(redis, SMALL, "one", 8).left == 2
    refused = take(redis, SMALL, "one", 4)
    assert (refused.is_allowed, refused.left) == (False, 2)
    assert 11 <= refused.wait_seconds <= 12  # two units of six seconds each
    assert take(redis, SMALL, "one", 2).is_allowed


def test_a_bucket_fills_up_again(redis):
    quick = Policy("quick", 10, 1)
    assert take(redis, quick, "one", 10).is_allowed
    assert not take(redis, quick, "one", 5).is_allowed
    redis.eval("redis.call('SET', KEYS[1], redis.call('GET', KEYS[1]) - 600000)", 1, redis.keys("*quick*")[0])
    assert take(redis, quick, "one", 5).is_allowed


def test_without_redis_there_is_half_and_never_all():
    nowhere = Redis.from_url("redis://127.0.0.1:9/0", socket_connect_timeout=0.1)
    allowed = [take(nowhere, SMALL, "one").is_allowed for _ in range(12)]
    assert allowed == [True] * 5 + [False] * 7
    assert take(nowhere, SMALL, "another").is_allowed

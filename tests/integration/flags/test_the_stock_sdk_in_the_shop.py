"""The shop's flags by the unmodified SDK, over a real socket, with the control plane coming and going."""

from __future__ import annotations

import functools
import json
import logging
import time
from dataclasses import replace

import pytest
from UnleashClient.cache import FileCache
from UnleashClient.clients.unleash_client import UnleashClient

from app import clock
from app.db import begin
from app.flags import commands, queries
from app.flags.models import FlagMetric
from app.flags.snapshot import Snapshot
from storefront import flags
from storefront.shopper import Shopper
from tests.serving import serve

SHOPPER = Shopper("visitor", "visit", None, "en", "DE", "mobile")


@pytest.fixture(autouse=True)
def _stopped():
    yield
    flags.stop()


def until(question, seconds=10.0):
    ends = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < ends, "did not happen in time"
        time.sleep(0.02)


def set_percent(app, percent):
    with app.app_context(), begin() as session:
        commands.set_percent(session, "f", "production", percent, clock.now(), "pm@house.test")


@pytest.fixture(params=["streaming", "polling"])
def shop_config(request, shop_config):
    """Whichever way the shop follows, the same must hold."""
    return replace(shop_config, flags_streaming=request.param == "streaming")


def pointed_at(config, url, token):
    return replace(config, flags_url=f"{url}/api", flags_token=token)


def is_on():
    return flags.is_enabled("f", SHOPPER)


def test_a_move_reaches_the_shop(control_app, shop_config, flag, client_token):
    flag("f", 100)
    with serve(control_app) as url:
        flags.start(pointed_at(shop_config, url, client_token))
        assert is_on()
        set_percent(control_app, 0)
        until(lambda: not is_on())
        assert flags.age_seconds() < 5


def test_each_call_carries_an_id_that_both_sides_log(control_app, shop_config, flag, client_token):
    flag("f", 100)
    seen = []

    def listening(environ, start_response):
        seen.append((environ["PATH_INFO"].rpartition("/")[2], environ.get("HTTP_X_REQUEST_ID")))
        return control_app(environ, start_response)

    with serve(listening) as url:
        flags.start(pointed_at(shop_config, url, client_token))
        assert is_on()
        flags.stop()
    follows = "streaming" if shop_config.flags_streaming else "features"
    assert {follows, "register", "metrics"} <= {path for path, _ in seen}
    ids = [request_id for _, request_id in seen]
    assert all(ids)
    assert len(set(ids)) == len(ids)


def test_the_shop_is_seen_and_its_answers_are_counted(control_app, shop_config, flag, client_token):
    flag("f", 100)
    with serve(control_app) as url:
        flags.start(pointed_at(shop_config, url, client_token))
        assert [is_on() for _ in range(3)] == [True] * 3
        flags.stop()
    with control_app.app_context(), begin() as session:
        counted = session.get_one(FlagMetric, ("f", "production", "storefront", _hour()))
        assert (counted.yes, counted.no) == (3, 0)
        [app] = queries.apps(session, "f", "production", clock.now())
        assert app.connected == 1
        assert app.sdks[0].startswith("unleash-python-sdk:")


def _hour():
    return clock.now().replace(minute=0, second=0, microsecond=0)


def test_the_shop_keeps_its_flags_without_the_control_plane_also_over_a_restart(
    control_app, shop_config, flag, client_token
):
    flag("f", 100)
    with serve(control_app) as url:
        config = pointed_at(shop_config, url, client_token)
        flags.start(config)
        assert is_on()
    time.sleep(1.2)
    assert is_on()
    flags.start(config)
    assert is_on()
    assert flags.age_seconds() is not None


def test_the_shop_finds_the_control_plane_when_it_comes_back(control_app, shop_config, flag, client_token):
    flag("f", 100)
    with serve(control_app) as url:
        flags.start(pointed_at(shop_config, url, client_token))
        assert is_on()
    set_percent(control_app, 0)
    with serve(control_app, port=int(url.rpartition(":")[2])):
        until(lambda: not is_on())


def test_a_shop_that_starts_first_has_everything_off_and_no_age(shop_config, caplog):
    with caplog.at_level(logging.WARNING):
        flags.start(pointed_at(shop_config, "http://127.0.0.1:9", "*:production.x"))
        assert not is_on()
        assert flags.age_seconds() is None
        flags.stop()
    assert not any(record.exc_info for record in caplog.records if record.name == "UnleashClient")


def test_a_control_plane_that_hangs_delays_the_start_by_a_second_at_most(shop_config):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        flags.start(pointed_at(shop_config, f"http://127.0.0.1:{silent.getsockname()[1]}", "*:production.x"))
        assert time.monotonic() - began < 2
        assert not is_on()


def test_rubbish_from_the_control_plane_leaves_the_flags_as_they_were(
    control_app, shop_config, flag, client_token, monkeypatch
):
    flag("f", 100)
    with serve(control_app) as url:
        flags.start(pointed_at(shop_config, url, client_token))
        assert is_on()
        _send_rubbish(control_app, monkeypatch)
        set_percent(control_app, 0)
        time.sleep(1.5)
        assert is_on()
    assert json.loads((shop_config.data_dir / "flags.json").read_text())["features"][0]["name"] == "f"


def _send_rubbish(app, monkeypatch):
    """By polls and by streams: a flag that no engine takes."""
    broken = '{"name": "f", "enabled": "no"}'
    answer = f'{{"version": 2, "features": [{broken}]}}', 200, {"ETag": '"x"'}
    view = app.view_functions["flags_client.features"]
    app.view_functions["flags_client.features"] = functools.wraps(view)(lambda: answer)
    event = f'{{"eventId": 9, "type": "feature-updated", "feature": {broken}}}'
    monkeypatch.setattr(Snapshot, "changes", lambda *_: [event])


def test_without_an_address_everything_is_off(shop_config):
    flags.start(shop_config)
    assert not is_on()


def test_a_setting_that_no_sdk_takes_is_logged_and_flags_stay_off(shop_config, caplog):
    flags.start(replace(shop_config, flags_url="http//nonsense", flags_token="*:production.x"))
    until(lambda: any("did not start" in record.message for record in caplog.records))
    assert not is_on()


def test_any_stock_sdk_reads_strategies_variants_and_constraints(control_app, flag, client_token, tmp_path):
    flag("f", 50)
    strategies = [
        {
            "name": "flexibleRollout",
            "parameters": {"rollout": 100},
            "constraints": [{"contextName": "plan", "operator": "IN", "values": ["gold"]}],
        }
    ]
    variants = [{"name": "red", "weight": 1000, "payload": {"type": "string", "value": "#f00"}}]
    flag("g")
    with control_app.app_context(), begin() as session:
        now = clock.now()
        commands.set_targeting(session, "g", "production", strategies, variants, now, "pm@house.test")
        commands.set_enabled(session, "g", "production", True, now, "pm@house.test")
    with serve(control_app) as url, _sdk(url, client_token, tmp_path) as sdk:
        sdk.initialize_client()
        half = sum(sdk.is_enabled("f", {"userId": str(n)}) for n in range(1000))
        assert 450 < half < 550
        assert sdk.is_enabled("g", {"properties": {"plan": "gold"}})
        assert not sdk.is_enabled("g", {"properties": {"plan": "tin"}})
        variant = sdk.get_variant("g", {"userId": "1", "properties": {"plan": "gold"}})
        assert (variant["name"], variant["payload"]["value"]) == ("red", "#f00")


class _sdk:
    """The SDK with its own defaults and its own file cache, as any other service would have it."""

    def __init__(self, url, token, folder):
        self.client = UnleashClient(
            f"{url}/api",
            "elsewhere",
            custom_headers={"Authorization": token},
            cache=FileCache("elsewhere", directory=str(folder)),
        )

    def __enter__(self):
        return self.client

    def __exit__(self, *error):
        self.client.destroy()

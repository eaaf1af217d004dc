"""The shop streams its flags, polls while there is no stream, and goes back to it by itself."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from app import clock
from app.db import begin
from app.flags import commands, streams
from app.flags.serving import serving_of
from storefront import flag_stream, flags
from tests.integration.flags.test_the_stock_sdk_in_the_shop import is_on, pointed_at, set_percent, until
from tests.serving import serve


@pytest.fixture(autouse=True)
def _stopped():
    yield
    flags.stop()


@pytest.fixture
def patient_config(shop_config):
    """Polls so seldom that whatever comes soon came by the stream."""
    return replace(shop_config, flags_poll_seconds=60.0)


def test_a_move_comes_over_the_stream(control_app, patient_config, flag, client_token):
    flag("f", 100)
    with serve(control_app) as url:
        flags.start(pointed_at(patient_config, url, client_token))
        assert is_on()
        assert flags.is_streaming()
        set_percent(control_app, 0)
        until(lambda: not is_on())
        assert flags.is_streaming()
        serving_of(control_app).feed.close()


def test_a_heartbeat_keeps_the_state_young(control_app, patient_config, flag, client_token, monkeypatch):
    monkeypatch.setattr(streams, "HEARTBEAT_SECONDS", 0.1)
    flag("f", 100)
    with serve(control_app) as url:
        flags.start(pointed_at(patient_config, url, client_token))
        time.sleep(1.0)
        assert flags.is_streaming()
        assert flags.age_seconds() < 0.9
        serving_of(control_app).feed.close()


def test_where_no_stream_can_be_had_the_shop_polls(control_app, shop_config, flag, client_token, monkeypatch):
    monkeypatch.setattr(streams, "MOST_STREAMS", 0)
    flag("f", 100)
    with serve(control_app) as url:
        flags.start(pointed_at(shop_config, url, client_token))
        assert is_on()
        assert not flags.is_streaming()
        set_percent(control_app, 0)
        until(lambda: not is_on())


def test_the_shop_goes_back_to_the_stream_when_it_can_be_had_again(
    control_app, shop_config, flag, client_token, monkeypatch
):
    monkeypatch.setattr(flag_stream, "LAST_RETRY_SECONDS", 0.5)
    monkeypatch.setattr(streams, "MOST_STREAMS", 0)
    flag("f", 100)
    with serve(control_app) as url:
        flags.start(pointed_at(shop_config, url, client_token))
        assert not flags.is_streaming()
        monkeypatch.setattr(streams, "MOST_STREAMS", 10)
        until(flags.is_streaming)
        set_percent(control_app, 0)
        until(lambda: not is_on())
        serving_of(control_app).feed.close()


def test_what_changed_while_the_control_plane_was_gone_is_caught_up(
    control_app, control_config, patient_config, flag, client_token
):
    """The stream goes on after the last event that came, at another process that never knew this one."""
    from app.factory import create_app

    flag("f", 100)
    with serve(control_app) as url:
        flags.start(pointed_at(patient_config, url, client_token))
        until(flags.is_streaming)
        serving_of(control_app).feed.close()
    until(lambda: not flags.is_streaming())
    with control_app.app_context(), begin() as session:
        commands.kill(session, "f", "production", clock.now(), "pm@house.test")
    other = create_app(control_config)
    with serve(other, port=int(url.rpartition(":")[2])):
        until(lambda: not is_on())
        until(flags.is_streaming)
        serving_of(other).stop()
    other.extensions["sources"].close()


def test_the_shop_stops_at_once_though_its_stream_is_open(control_app, patient_config, flag, client_token):
    flag("f", 100)
    with serve(control_app) as url:
        flags.start(pointed_at(patient_config, url, client_token))
        until(flags.is_streaming)
        began = time.monotonic()
        flags.stop()
        assert time.monotonic() - began < 4
        serving_of(control_app).feed.close()

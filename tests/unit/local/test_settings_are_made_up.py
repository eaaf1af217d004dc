"""Every setting has a value on one machine; what the environment gives wins."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import WrongSetting, control_plane_config, storefront_config
from local.environment import given, of_process, settings
from local.machine import INNER_PORTS, CannotStart, Machine, read_machine


class Known(dict):
    """Secrets by their own name."""

    def __missing__(self, name: str) -> str:
        return f"secret-of-{name}-0123456789"


def machine() -> Machine:
    ports = {**read_machine({}).ports, **{name: 50_000 + i for i, name in enumerate(INNER_PORTS)}}
    return Machine(Path("/state"), ports)


def test_nothing_needs_to_be_given():
    found = settings(machine(), Known(), {})
    control, shop = control_plane_config(found), storefront_config(found)
    assert control.redis_url == shop.redis_url == "redis://127.0.0.1:6380/0"
    assert control.control_url == "http://127.0.0.1:8000"
    assert shop.flags_url == "http://127.0.0.1:8000/api"
    assert shop.gateway_url == "http://127.0.0.1:50000"


def test_what_is_given_wins():
    found = settings(machine(), Known(), {"SMTP_URL": "smtp://mail:25", "LOG_LEVEL": "debug", "OTHER": "x"})
    assert (found["SMTP_URL"], found["LOG_LEVEL"]) == ("smtp://mail:25", "debug")
    assert "OTHER" not in found


def test_a_wrong_setting_stops_with_its_name():
    with pytest.raises(WrongSetting, match=r"SHOP_CURRENCY.*three capital letters"):
        settings(machine(), Known(), {"SHOP_CURRENCY": "euro"})


def test_a_part_that_is_given_by_url_is_not_started():
    assert given({"REDIS_URL": "redis://elsewhere"}).redis
    assert not given({}).redis
    urls = dict.fromkeys(("CONTROL_DATABASE_URL", "REPORTING_DATABASE_URL", "SHOP_DATABASE_URL"), "x")
    assert given(urls).databases


def test_one_database_url_without_the_others_is_refused():
    with pytest.raises(CannotStart, match="REPORTING_DATABASE_URL, SHOP_DATABASE_URL"):
        given({"CONTROL_DATABASE_URL": "x"})


def test_a_process_sees_its_settings_and_little_else():
    found = of_process({"LOG_LEVEL": "info"}, {"PATH": "/bin", "AWS_SECRET": "s"})
    assert found["PATH"] == "/bin"
    assert found["LOG_LEVEL"] == "info"
    assert "AWS_SECRET" not in found

"""What the environment says about ports and the state folder."""

from __future__ import annotations

import pytest

from local.house import shoppers_for
from local.machine import PORTS, ROOT, CannotStart, read_machine
from local.start import is_wanted


def test_without_settings_the_documented_ports_are_used():
    machine = read_machine({})
    assert dict(machine.ports) == PORTS
    assert machine.state == ROOT / ".run"


def test_a_setting_moves_a_port_and_the_folder():
    machine = read_machine({"CONTROL_PORT": "8010", "STATE_DIR": "/somewhere", "SHOP_PORT": ""})
    assert machine.ports["CONTROL_PORT"] == 8010
    assert machine.ports["SHOP_PORT"] == 8080
    assert str(machine.state) == "/somewhere"


@pytest.mark.parametrize("text", ["0", "-1", "65536", "80.5", "8000x", "٨٠٨٠", "1e3"])
def test_a_wrong_port_is_told_with_its_name_and_what_is_allowed(text):
    with pytest.raises(CannotStart, match=r"REDIS_PORT.*1 to 65535"):
        read_machine({"REDIS_PORT": text})


def test_two_parts_cannot_share_a_port():
    with pytest.raises(CannotStart, match="CONTROL_PORT and SHOP_PORT are both 8080"):
        read_machine({"CONTROL_PORT": "8080"})


@pytest.mark.parametrize(("rate", "shoppers"), [("0", "0"), ("2", "6"), ("0.5", "2"), ("100", "300")])
def test_page_views_a_second_become_shoppers(rate, shoppers):
    assert shoppers_for("--rate", rate) == shoppers


@pytest.mark.parametrize("rate", ["-1", "101", "nan", "inf", "many", ""])
def test_a_wrong_rate_is_refused(rate):
    with pytest.raises(CannotStart, match="--rate has the wrong value"):
        shoppers_for("--rate", rate)


def test_a_switch_is_on_unless_told_otherwise(monkeypatch):
    monkeypatch.delenv("DEMO", raising=False)
    assert is_wanted("DEMO")
    monkeypatch.setenv("DEMO", "0")
    assert not is_wanted("DEMO")
    monkeypatch.setenv("DEMO", "off")
    with pytest.raises(CannotStart, match="DEMO"):
        is_wanted("DEMO")

"""Without the control plane, Prometheus, Redis or the worker the shop sells on."""

from __future__ import annotations

import os
import signal

import httpx
import pytest

from tests.e2e.house import wait_until
from tests.e2e.shopping import buy

PARTS = ("control", "scheduler", "prometheus", "alertmanager", "redis", "worker")


@pytest.mark.parametrize("part", PARTS)
def test_the_shop_sells_while_a_part_is_gone(house, shopper, part):
    pids = house.pids(part)
    assert pids, f"{part} was not running"
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)  # hangs, which is worse than dead, and ./run does not restart it
    try:
        number = buy(shopper, house)
        assert number
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def test_the_control_plane_says_what_is_stale_while_prometheus_is_gone(house, desk):
    pids = house.pids("prometheus")
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        ready = httpx.get(f"{house.control}/readyz", timeout=10)
        assert ready.status_code == 200
        assert ready.json()["dependencies"]["prometheus"]["ok"] is False
        page = desk("ops")
        degraded = page.locator(".trouble", has_text="Prometheus")
        wait_until(lambda: page.reload() and degraded.count(), 60, 2)
        page.goto(f"{house.control}/alerts/")
        wait_until(lambda: "blind since" in page.reload().text(), 60, 2)
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def test_a_killed_worker_is_started_again_and_mail_goes_out(house, shopper):
    for pid in house.pids("worker"):
        os.kill(pid, signal.SIGKILL)
    before = set((house.state / "mail").glob("*.eml"))
    buy(shopper, house)
    wait_until(lambda: set((house.state / "mail").glob("*.eml")) - before, 45)

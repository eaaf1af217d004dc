from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields

import httpx
import psutil

from config import FIELD_OF
from local.machine import free_port
from tests.shopping import Shop

NAME_OF = {field: name for name, field in FIELD_OF.items()}


def settings_of(shop: Shop, port: int) -> dict[str, str]:
    """The shop's settings as a launcher would hand them to a process."""
    values = {field.name: getattr(shop.config, field.name) for field in fields(shop.config)}
    values |= {"locales": "en,de,ar", "secure_cookies": "0", "worker_metrics_port": port}
    return {**os.environ, **{NAME_OF.get(name, name.upper()): str(value) for name, value in values.items()}}


def eventually(holds: Callable[[], object], seconds: float = 50) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to hold in time"
        time.sleep(0.1)


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz").is_success
    except httpx.TransportError:
        return False


@contextmanager
def running(shop: Shop) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A worker and the port of its metrics; killed at the end if it still runs."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "storefront.worker"], env=settings_of(shop, port))
    try:
        eventually(lambda: answers(port))
        yield process, port
    finally:
        process.kill()
        process.wait()


def buy(shop: Shop) -> None:
    browser = shop.browser()
    browser.add(shop.shelve())
    assert browser.pay().status_code == 303


def test_orders_placed_while_it_was_killed_are_confirmed_by_the_next_one(shop: Shop) -> None:
    with running(shop) as (worker, _):
        assert psutil.Process(worker.pid).memory_info().rss < 200 * 2**20
    buy(shop)
    assert [order.status for order in shop.orders()] == ["paid"]
    with running(shop) as (worker, port):
        eventually(lambda: [order.status for order in shop.orders()] == ["confirmed"])
        eventually(lambda: len(list(shop.config.mail_dir.glob("*.eml"))) == 1)
        told = 'shop_mails_total{outcome="sent"} 1.0'
        eventually(lambda: told in httpx.get(f"http://127.0.0.1:{port}/metrics").text)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0

"""Locust's shoppers in a shop that really answers."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from local.machine import ROOT
from tests.shopping import Shop, gateway, shop, told

__all__ = ["gateway", "shop"]


@pytest.fixture
def address(shop: Shop) -> Iterator[str]:
    shop.app.config["WTF_CSRF_ENABLED"] = True  # they send the form's token like anybody
    for _ in range(3):
        shop.shelve(stock=10_000)
    server = make_server("127.0.0.1", 0, shop.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


def _locust(address: str, wanted: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "locust", "-f", "local/shoppers.py", "--headless", "--only-summary"]
    return subprocess.Popen(
        [*command, "--host", address],
        cwd=ROOT,
        env={**os.environ, "SHOPPERS_FILE": str(wanted)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _eventually(holds: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to hold in time"
        time.sleep(0.2)


def _seen() -> float:
    return sum(
        told("shop_journeys_total", journey=journey, outcome="good", locale=locale)
        for journey in ("browse", "search", "cart", "checkout", "pay")
        for locale in ("en", "de", "ar")
    )


def test_they_look_buy_and_go_when_the_file_says_so(shop: Shop, address: str, tmp_path: Path) -> None:
    wanted = tmp_path / "shoppers"
    wanted.write_text("60")
    before = _seen(), told("shop_web_vitals_lcp_seconds_count", device="mobile")
    bad = told("shop_requests_total", route="/<locale>/cart/add", method="POST", code_class="4xx")

    locust = _locust(address, wanted)
    try:
        _eventually(lambda: _seen() > before[0] + 30)
        _eventually(lambda: told("shop_web_vitals_lcp_seconds_count", device="mobile") > before[1])
        _eventually(lambda: shop.orders())
        wanted.write_text("0")
        _eventually(_is_quiet)
        assert locust.poll() is None
    finally:
        locust.terminate()
        locust.wait(20)

    assert told("shop_requests_total", route="/<locale>/cart/add", method="POST", code_class="4xx") == bad


def _is_quiet() -> bool:
    before = _seen()
    time.sleep(3)
    return _seen() == before


def test_they_refuse_to_visit_another_machine(tmp_path: Path) -> None:
    locust = _locust("http://192.0.2.7", tmp_path / "none")
    said, _ = locust.communicate(timeout=60)

    assert locust.returncode != 0
    assert "only visit this machine" in said

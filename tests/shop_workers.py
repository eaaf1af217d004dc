"""The shop under gunicorn with several workers, as it runs in earnest, and what all of them show."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from config import FIELD_OF, STOREFRONT, StorefrontConfig
from local.environment import of_process
from local.machine import ROOT, free_port
from local.processes import Program, Running, answers

WORKERS = 4


def settings(config: StorefrontConfig) -> dict[str, str]:
    """The environment that says the same."""
    found = {}
    for setting in STOREFRONT:
        value = getattr(config, FIELD_OF.get(setting.name, setting.name.lower()))
        if isinstance(value, bool):
            value = int(value)
        found[setting.name] = ",".join(value) if isinstance(value, tuple) else str(value)
    return found


@contextmanager
def shop_served(config: StorefrontConfig, folder: Path, count: int) -> Iterator[str]:
    """The URL; some worker answers."""
    url = f"http://127.0.0.1:{free_port()}"
    (folder / "metrics").mkdir()
    serve = ("-c", "storefront/gunicorn_conf.py", "-b", url.removeprefix("http://"), "-w", str(count))
    program = Program(
        "shop",
        (sys.executable, "-m", "gunicorn", *serve, "wsgi:storefront()"),
        ready=lambda: answers(f"{url}/healthz"),
        env=of_process({**settings(config), "PROMETHEUS_MULTIPROC_DIR": str(folder / "metrics")}, os.environ),
        folder=ROOT,
        stop_seconds=15,
    )
    running = Running(program, folder / "shop.log")
    running.wait_ready()
    try:
        yield url
    finally:
        running.stop()


@contextmanager
def shop_workers(config: StorefrontConfig, folder: Path, count: int = WORKERS) -> Iterator[str]:
    """The URL; every worker has told which release it shows."""
    with shop_served(config, folder, count) as url:
        while len(list((folder / "metrics").glob("gauge_livemin_*.db"))) < count:
            time.sleep(0.05)
        yield url


def oldest_release(client: httpx.Client, locale: str = "de") -> int:
    """Of all workers: the shop's own gauge tells the oldest that any of them shows."""
    for line in client.get("/metrics").text.splitlines():
        if line.startswith(f'shop_catalog_release{{locale="{locale}"}}'):
            return int(float(line.rpartition(" ")[2]))
    return -1


def seconds_until(client: httpx.Client, release: int, most_seconds: float = 20.0) -> float | None:
    """How long until the last worker shows it; None: it never did."""
    began = time.perf_counter()
    while (took := time.perf_counter() - began) < most_seconds:
        if oldest_release(client) == release:
            return took
    return None

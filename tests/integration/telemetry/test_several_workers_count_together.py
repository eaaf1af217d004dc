"""Two processes behind one address: a scrape of any of them answers for all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from local.machine import ROOT

COUNT = """
import os, sys
from storefront import telemetry
telemetry.expect_locales(("de",))
for _ in range(int(sys.argv[1])):
    telemetry.order_placed("de")
    with telemetry.journey("pay", "de"):
        pass
telemetry.catalog_in_use("de", int(sys.argv[2]))
telemetry.watch_ages(flags=lambda: float(sys.argv[3]))
telemetry._tell_ages()
if sys.argv[4:] == ["die"]:
    telemetry.forget_process(os.getpid())
    sys.stdout.flush()
    os._exit(0)
"""
SCRAPE = "from storefront import telemetry; print(telemetry.exposition()[0].decode())"


@pytest.fixture
def metrics_folder(tmp_path: Path) -> Path:
    return tmp_path


def _run(folder: Path, code: str, *arguments: object) -> str:
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def _value(scraped: str, series: str) -> float:
    return float(next(line.rsplit(" ", 1)[1] for line in scraped.splitlines() if line.startswith(series)))


def test_counts_of_all_processes_are_added_and_outlive_them(metrics_folder: Path) -> None:
    _run(metrics_folder, COUNT, 3, 7, 1)
    _run(metrics_folder, COUNT, 4, 7, 1, "die")

    scraped = _run(metrics_folder, SCRAPE)

    assert _value(scraped, 'shop_orders_total{locale="de"}') == 7
    assert _value(scraped, 'shop_journey_duration_seconds_count{journey="pay"}') == 7


def test_the_slowest_worker_decides_what_gauges_say(metrics_folder: Path) -> None:
    _run(metrics_folder, COUNT, 0, 7, 2.5)
    _run(metrics_folder, COUNT, 0, 6, 40)
    _run(metrics_folder, COUNT, 0, 1, 900, "die")

    scraped = _run(metrics_folder, SCRAPE)

    assert _value(scraped, 'shop_catalog_release{locale="de"}') == 6
    assert _value(scraped, "shop_flags_age_seconds") == 40


def test_no_web_worker_speaks_for_the_queue(metrics_folder: Path) -> None:
    _run(metrics_folder, COUNT, 1, 1, 1)

    assert "shop_outbox_pending" not in _run(metrics_folder, SCRAPE)


def test_gunicorns_two_workers_answer_as_one(shop_config: object, tmp_path: Path) -> None:
    from config import StorefrontConfig
    from local.machine import free_port
    from local.processes import Program, Running, answers

    assert isinstance(shop_config, StorefrontConfig)
    port, metrics = free_port(), tmp_path / "metrics"
    metrics.mkdir()
    command = (
        sys.executable,
        "-m",
        "gunicorn",
        "-c",
        "storefront/gunicorn_conf.py",
        "-b",
        f"127.0.0.1:{port}",
    )
    url = f"http://127.0.0.1:{port}"
    environment = {
        "PATH": os.environ["PATH"],
        "PROMETHEUS_MULTIPROC_DIR": str(metrics),
        "ENVIRONMENT": "test",
        "SECRET_KEY": shop_config.secret_key,
        "REDIS_URL": shop_config.redis_url,
        "SHOP_DATABASE_URL": shop_config.shop_database_url,
        "GATEWAY_URL": shop_config.gateway_url,
        "GATEWAY_SECRET": shop_config.gateway_secret,
        "SHOP_URL": url,
        "SHOP_DATA_DIR": str(tmp_path),
    }
    program = Program(
        "shop", (*command, "wsgi:storefront()"), lambda: answers(f"{url}/healthz"), environment, ROOT
    )
    running = Running(program, tmp_path / "shop.log")
    try:
        running.wait_ready()
        for _ in range(30):  # a new connection each: both workers get some
            assert httpx.get(f"{url}/en/cart").status_code == 200
        assert "gunicorn" not in httpx.get(f"{url}/healthz").headers["Server"]
        pids = {line.rsplit("_", 1)[1] for line in map(str, metrics.glob("counter_*.db"))}
        scrapes = [httpx.get(f"{url}/metrics").text for _ in range(4)]
    finally:
        running.stop()

    series = 'shop_requests_total{code_class="2xx",method="GET",route="/<locale>/cart"}'
    assert len(pids) >= 2
    assert {_value(scraped, series) for scraped in scrapes} == {30}

"""A hundred objectives over thirty days: the list, one of them, and the gathering, beside naive PromQL.

`python -m benchmarks.slo` on services of its own; with `--year` also two hundred objectives with a year of
hours and a hundred days of rows. Both sides are measured in the same run and on the same data.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from sqlalchemy import text

from app.factory import create_app
from app.prometheus import Prometheus
from app.slo import commands, jobs, queries
from app.slo.history import past_windows
from app.slo.reading import read
from app.sources import Sources
from config import control_plane_config
from local import prometheus as programs
from tests.people import sign_in
from tests.services import PrometheusBench, Services, run_services

OBJECTIVES, DAYS, STEP_SECONDS = 100, 30, 120
ROUNDS = 40
RUNS = 10  # of the gathering, half a minute apart
EVERY_SECONDS = 30
LIST_MS, DETAIL_MS, CORE_SHARE, TIMES_FASTER = 100, 150, 0.05, 50


def history(file: Path, until: int) -> None:
    """Days and nights of a good and an overall counter for each objective, as OpenMetrics text."""
    began = until - DAYS * 86_400
    with file.open("w") as out:
        for name, share in (("good", 0.998), ("all", 1.0)):
            out.write(f"# TYPE bench_{name} counter\n")
            for number in range(OBJECTIVES):
                count = 0.0
                for at in range(began, until + 1, STEP_SECONDS):
                    count += share * (30 + 20 * math.sin(at / 13_751 + number))
                    out.write(f'bench_{name}_total{{of="{number}"}} {count:.0f} {at}\n')
        out.write("# EOF\n")


@contextmanager
def control_plane(services: Services, folder: Path) -> Iterator[Flask]:
    services.start_redis()
    config = control_plane_config(
        {
            "ENVIRONMENT": "test",
            "LOG_LEVEL": "warning",
            "SECRET_KEY": "only-for-measuring",  # nosec B105 # guards nothing
            "ENCRYPTION_KEYS": "only-for-measuring-on-this-machine",
            "SECURE_COOKIES": "0",
            "REDIS_URL": services.redis_url,
            "MAIL_DIR": str(folder / "mail"),
            "CONTROL_DATABASE_URL": services.control_database_url,
            "REPORTING_DATABASE_URL": services.reporting_database_url,
            "PROMETHEUS_URL": services.prometheus_url,
            "ALERTMANAGER_URL": services.alertmanager_url,
            "CONTROL_URL": "http://control.test",
            "SHOP_URL": "http://shop.test",
            "ALERT_WEBHOOK_TOKEN": "only-for-measuring",  # nosec B105 # guards nothing
        }
    )
    app = create_app(config)
    yield app
    app.extensions["sources"].close()


def make_objectives(sources: Sources, count: int, now: datetime) -> None:
    with sources.control.begin() as session:
        for number in range(count):
            values = {
                "key": f"bench-{number}",
                "name": f"Objective {number}",
                "objective": 0.995,
                "good": f'bench_good_total{{of="{number}"}}',
                "total": f'bench_all_total{{of="{number}"}}',
            }
            commands.create(session, read(values), "bench", now)


def gather(sources: Sources, now: datetime) -> str:
    with sources.control.begin() as session:
        return jobs.gather_rows(session, now, sources)


def fill(sources: Sources, now: datetime) -> float:
    """Until the whole past is there; a run takes so much of it."""
    began = time.perf_counter()
    for _ in range(100):
        gather(sources, now)
        with sources.control.begin() as session:
            missing = session.scalar(
                text("SELECT count(*) FROM slo_status WHERE filled_from > :since"),
                {"since": now - timedelta(days=DAYS) + timedelta(hours=1)},
            )
        if not missing:
            return time.perf_counter() - began
    raise SystemExit("the history was not filled")


def p95(action: Callable[[], object], rounds: int = ROUNDS) -> float:
    action()
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        action()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(times, n=20)[-1]


def naive(prometheus: Prometheus, now: datetime) -> float:
    """What a page without rows asks: the ratio of thirty days, for each objective a query."""
    began = time.perf_counter()
    for number in range(OBJECTIVES):
        good, total = (f'sum(rate(bench_{name}_total{{of="{number}"}}[{DAYS}d]))' for name in ("good", "all"))
        prometheus.query(f"1 - {good} / {total}", now)
    return (time.perf_counter() - began) * 1000


def gathering(sources: Sources, now: datetime) -> tuple[float, float]:
    """The share of a core that this process takes, and the share of the time that a run takes in all."""
    processor, wall = time.process_time(), time.perf_counter()
    for run in range(1, RUNS + 1):
        gather(sources, now + timedelta(seconds=EVERY_SECONDS * run))
    whole = RUNS * EVERY_SECONDS
    return (time.process_time() - processor) / whole, (time.perf_counter() - wall) / whole


def line(name: str, value: str, target: str, is_met: bool) -> None:
    print(f"  {name:<44}{value:>14}   target {target:<16}{'met' if is_met else 'MISSED'}", flush=True)


def month(app: Flask, sources: Sources, now: datetime) -> None:
    client = sign_in(app, "viewer")
    list_ms = p95(lambda: client.get("/slo/"))
    detail_ms = p95(lambda: client.get("/slo/bench-7"))
    naive_ms = naive(sources.prometheus, now)
    with sources.control.begin() as session:
        read_ms = p95(lambda: queries.lines(session, now))
    own, whole = gathering(sources, now)
    print(f"{OBJECTIVES} objectives, {DAYS} days")
    line("list page, p95", f"{list_ms:.1f} ms", f"< {LIST_MS} ms", list_ms < LIST_MS)
    line("detail page, p95", f"{detail_ms:.1f} ms", f"< {DETAIL_MS} ms", detail_ms < DETAIL_MS)
    line("the list's figures by naive PromQL", f"{naive_ms:.0f} ms", "", True)
    faster = naive_ms / read_ms
    line("the same from rows", f"{read_ms:.1f} ms", f">= {TIMES_FASTER} times", faster >= TIMES_FASTER)
    line("naive PromQL / rows", f"{faster:.0f} times", f">= {TIMES_FASTER} times", faster >= TIMES_FASTER)
    line("gathering, this process", f"{own:.2%}", f"< {CORE_SHARE:.0%} of a core", own < CORE_SHARE)
    print(f"  a gathering is over after {whole * EVERY_SECONDS:.2f} s, databases included")


_YEAR_HOURS = text("""
    INSERT INTO slo_hours (slo_id, revision, starts_at, bad, total, ok, no_traffic, no_data, excluded)
    SELECT id, 1, at, 1, 600, 12, 0, 0, 0 FROM slos,
           generate_series(date_trunc('hour', CAST(:now AS timestamptz)) - interval '365 days',
                           CAST(:now AS timestamptz), interval '1 hour') AS at
    ON CONFLICT DO NOTHING
""")
_ROWS = text("""
    INSERT INTO slo_buckets (slo_id, revision, starts_at, good, bad, total, state, is_complete)
    SELECT id, 1, at, 50, 0.1, 50.1, 'ok', true FROM slos,
           generate_series(date_bin('5 minutes', CAST(:now AS timestamptz), 'epoch') - interval '100 days',
                           CAST(:now AS timestamptz), interval '5 minutes') AS at
     WHERE id % 10 = :part
    ON CONFLICT DO NOTHING
""")


def year(app: Flask, sources: Sources, now: datetime) -> None:
    print("200 objectives, a year of hours and 100 days of rows: filling", flush=True)
    with sources.control.begin() as session:
        for number in range(OBJECTIVES, 2 * OBJECTIVES):
            values = {"key": f"bench-{number}", "name": f"Objective {number}", "objective": 0.995}
            values |= {"good": f'bench_good_total{{of="{number}"}}', "total": "bench_all_total"}
            commands.create(session, read(values), "bench", now)
    for part in range(10):
        with sources.control.begin() as session:
            session.execute(text("SET LOCAL statement_timeout = 0"))
            if part == 0:
                session.execute(_YEAR_HOURS, {"now": now})
            session.execute(_ROWS, {"now": now, "part": part})
            session.execute(text("UPDATE slo_status SET filled_from = :at"), {"at": now - timedelta(days=31)})
    client = sign_in(app, "viewer")
    list_ms, detail_ms = p95(lambda: client.get("/slo/")), p95(lambda: client.get("/slo/bench-7"))
    with sources.control.begin() as session:
        slo = queries.objective(session, "bench-7")
        past_ms = p95(lambda: past_windows(session, slo, now, 12))
    line("list page, p95", f"{list_ms:.1f} ms", f"< {2 * LIST_MS} ms", list_ms < 2 * LIST_MS)
    line("detail page, p95", f"{detail_ms:.1f} ms", f"< {DETAIL_MS} ms", detail_ms < DETAIL_MS)
    line("twelve past windows, p95", f"{past_ms:.1f} ms", f"< {LIST_MS} ms", past_ms < LIST_MS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--year", action="store_true", help="also two hundred objectives with a year of hours"
    )
    chosen = parser.parse_args()
    now = datetime.now(UTC).replace(microsecond=0)
    now = datetime.fromtimestamp(now.timestamp() // 300 * 300 - 60, UTC)
    with run_services() as services, TemporaryDirectory() as folder:
        bench, file = PrometheusBench(services), Path(folder) / "samples.txt"
        history(file, int(now.timestamp()) + RUNS * EVERY_SECONDS)
        programs.make_blocks(file, bench.folder / "data")
        bench.start()
        with control_plane(services, Path(folder)) as app:
            sources: Sources = app.extensions["sources"]
            make_objectives(sources, OBJECTIVES, now)
            print(f"filled the past of {OBJECTIVES} objectives in {fill(sources, now):.0f} s", flush=True)
            month(app, sources, now)
            if chosen.year:
                year(app, sources, now)


if __name__ == "__main__":
    main()

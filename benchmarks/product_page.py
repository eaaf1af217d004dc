"""The product page cached beside uncached, and instrumented beside bare, in one run.

Three servers of the same code on free ports of 127.0.0.1, with the database and Redis of a running house:
`as it is`, `uncached` (every read asks PostgreSQL) and `bare` (no metrics, no usage events). Requests go to
them in turn, so that whatever else the machine does falls on all of them alike. Bounded in number.

    python -m benchmarks.product_page            with the settings of the storefront in the environment
"""

from __future__ import annotations

import os
import re
import socket
import statistics
import subprocess  # nosec B404 # never through a shell
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import httpx

ROUNDS = 300  # requests to each server
WARM_UP = 20
READY_SECONDS = 20.0
VARIANTS = ("as it is", "uncached", "bare")
READS = 400  # of the data path alone


def serve(variant: str, port: int) -> None:
    """One server, in a process of its own."""
    from werkzeug.serving import make_server

    from config import storefront_config
    from storefront import factory

    if variant == "bare":
        _leave_out_telemetry()
    app = factory.create_app(storefront_config())
    if variant == "uncached":
        _leave_out_cache(app.extensions["cache"])
    make_server("127.0.0.1", port, app, threaded=False).serve_forever()


def _leave_out_cache(cache: object) -> None:
    from storefront.cache import Cache

    if not isinstance(cache, Cache):
        raise TypeError("the shop has another cache")
    cache.breaker.opened_at = cache.breaker.trial_at = float("inf")  # rests for ever: nobody asks Redis


def _leave_out_telemetry() -> None:
    from storefront import telemetry, usage

    telemetry.instrument = lambda app: None
    telemetry.cache_lookup = lambda name, result: None
    telemetry.Journey.__enter__ = lambda self: self
    telemetry.Journey.__exit__ = lambda self, *outcome: None
    usage.record = lambda kind, shopper, **detail: None


@contextmanager
def servers() -> Iterator[Mapping[str, str]]:
    """Base addresses by variant."""
    running, bases = [], {}
    try:
        for variant in VARIANTS:
            port = _free_port()
            command = [sys.executable, "-m", "benchmarks.product_page", "serve", variant, str(port)]
            server = subprocess.Popen(  # nosec B603 # nosemgrep: dangerous-subprocess-use-audit # no shell
                command, stderr=subprocess.DEVNULL
            )
            running.append(server)
            bases[variant] = f"http://127.0.0.1:{port}"
        for base in bases.values():
            _wait_ready(base)
        yield bases
    finally:
        for process in running:
            process.terminate()
            process.wait(10)


def measure(bases: Mapping[str, str]) -> dict[str, list[float]]:
    """Milliseconds of each answer, by variant."""
    address = _some_product(bases["as it is"])
    taken: dict[str, list[float]] = {variant: [] for variant in bases}
    clients = {variant: httpx.Client(base_url=base, timeout=10) for variant, base in bases.items()}
    for number in range(ROUNDS + WARM_UP):
        for variant, client in clients.items():
            began = time.perf_counter()
            client.get(address).raise_for_status()
            if number >= WARM_UP:
                taken[variant].append((time.perf_counter() - began) * 1000)
    for client in clients.values():
        client.close()
    return taken


def measure_data_path() -> tuple[float, float]:
    """Median microseconds of reading one product: from Redis, and from PostgreSQL."""
    from config import storefront_config
    from storefront import db
    from storefront.factory import create_app
    from storefront.products import queries, remembered

    app = create_app(storefront_config())
    with app.app_context(), db.begin() as session:
        slug = queries.all_slugs(session)[0]
        cached = _median_us(lambda: remembered.product_page(slug, "en"))
        asked = _median_us(lambda: queries.product_page(session, slug, "en"))
    return cached, asked


def report(taken: Mapping[str, list[float]], cached_us: float, asked_us: float) -> list[str]:
    lines = [f"{'product page':<14}{'n':>6}{'p50 ms':>10}{'p95 ms':>10}{'× as it is':>12}"]
    base = statistics.median(taken["as it is"])
    for variant, times in taken.items():
        p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
        lines.append(f"{variant:<14}{len(times):>6}{p50:>10.2f}{p95:>10.2f}{p50 / base:>12.2f}")
    bare = statistics.median(taken["bare"])
    return [
        *lines,
        f"caching: {statistics.median(taken['uncached']) / base:.2f} times as fast over HTTP, "
        f"{asked_us / cached_us:.1f} times on the data path ({asked_us:.0f} → {cached_us:.0f} µs)",
        f"instrumentation: {100 * (base / bare - 1):+.1f} % of a bare answer",
    ]


def main() -> None:
    print(f"Product page, {ROUNDS} requests to each of {len(VARIANTS)} servers in turn")
    with servers() as bases:
        taken = measure(bases)
    print("\n".join(report(taken, *measure_data_path())))


def _median_us(read: Callable[[], object]) -> float:
    times = []
    for _ in range(READS):
        began = time.perf_counter()
        read()
        times.append((time.perf_counter() - began) * 1e6)
    return statistics.median(times)


def _some_product(base: str) -> str:
    found = re.search(r'class="card__link" href="([^"]+)"', httpx.get(f"{base}/en/products", timeout=10).text)
    if found is None:
        raise SystemExit("The shop has no products. Start it with ./run first.")
    return found[1]


def _wait_ready(base: str) -> None:
    due = time.monotonic() + READY_SECONDS
    while time.monotonic() < due:
        try:
            httpx.get(f"{base}/healthz", timeout=1)
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{base} did not start within {READY_SECONDS:.0f} s")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        os.environ.setdefault("LOG_LEVEL", "error")
        serve(sys.argv[2], int(sys.argv[3]))
    else:
        main()

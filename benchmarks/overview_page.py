"""The overview and the rooms at 20 requests a second, beside the cheapest answer of the same server.

`./run bench` calls this against a house with thirty days of history. Requests are sent on a fixed clock
(open loop), so that a slow answer does not slow down the asking; bounded in number, to 127.0.0.1 only.
"""

from __future__ import annotations

import random
import statistics
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import httpx

RATE_PER_SECOND = 20
SECONDS = 30
WARM_UP = 3  # rounds over all addresses that are not counted
TARGET_P95_MS = 100
BASE = "/healthz"
ADDRESSES = (
    BASE,
    "/",
    "/overview/now",
    "/slo/",
    "/slo/tiles",
    "/slo/checkout-availability",
    "/alerts/",
    "/flags/",
    "/kpi/",
    "/jobs/",
)


def signed_in(control: str, email: str, password: str) -> httpx.Client:
    """A client with the session cookie of a person."""
    client = httpx.Client(base_url=control, timeout=10, limits=httpx.Limits(max_connections=32))
    page = client.get("/accounts/sign-in").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    answer = client.post(
        "/accounts/sign-in", data={"email": email, "password": password, "csrf_token": token}
    )
    if answer.status_code != 303:
        raise SystemExit(f"could not sign in as {email}: {answer.status_code}")
    return client


def measure(client: httpx.Client, addresses: Sequence[str]) -> Mapping[str, list[float]]:
    """Milliseconds of each answer, by address. Which address comes next is shuffled, from a fixed seed."""
    known = [address for address in addresses if client.get(address).status_code == 200]
    for _ in range(WARM_UP):
        for address in known:
            client.get(address)
    plan = (known * (RATE_PER_SECOND * SECONDS // len(known) + 1))[: RATE_PER_SECOND * SECONDS]
    random.Random(1).shuffle(plan)  # nosec B311 # no secret
    taken: dict[str, list[float]] = defaultdict(list)

    def ask(address: str, due: float) -> None:
        answer = client.get(address)
        answer.raise_for_status()
        taken[address].append((time.perf_counter() - due) * 1000)  # waiting for a free connection counts

    began = time.perf_counter()
    with ThreadPoolExecutor(32) as pool:
        waits = []
        for number, address in enumerate(plan):
            due = began + number / RATE_PER_SECOND
            time.sleep(max(0.0, due - time.perf_counter()))
            waits.append(pool.submit(ask, address, due))
        for wait in waits:
            wait.result()
    return taken


def report(taken: Mapping[str, list[float]]) -> list[str]:
    base = statistics.median(taken[BASE])
    lines = [f"{'address':<16}{'n':>5}{'p50 ms':>10}{'p95 ms':>10}{'× healthz':>11}"]
    for address, times in sorted(taken.items(), key=lambda item: -statistics.median(item[1])):
        p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
        lines.append(f"{address:<16}{len(times):>5}{p50:>10.1f}{p95:>10.1f}{p50 / base:>11.1f}")
    slow = [
        address for address, times in taken.items() if statistics.quantiles(times, n=20)[-1] > TARGET_P95_MS
    ]
    verdict = "all within" if not slow else f"over it: {', '.join(sorted(slow))}"
    return [*lines, f"target: p95 under {TARGET_P95_MS} ms at {RATE_PER_SECOND} requests a second; {verdict}"]


def main(control: str, email: str, password: str) -> None:
    print(f"Overview and rooms, {RATE_PER_SECOND} requests a second for {SECONDS} s")
    with closing(signed_in(control, email, password)) as client:
        print("\n".join(report(measure(client, ADDRESSES))))

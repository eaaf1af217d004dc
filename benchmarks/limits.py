"""What limiting costs: the same requests of the API with the limit and without, and one taking beside a PING.

`python -m benchmarks.limits` on services of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from flask import Flask
from redis import Redis

from app import limits
from app.limits import Policy, Verdict, take
from benchmarks.slo import control_plane
from tests.people import sign_in
from tests.services import run_services

TAKINGS, REQUESTS, ROUNDS = 2_000, 150, 3
PLENTY = Policy("bench", 1_000_000)


def seconds(act: Callable[[], object], times: int) -> float:
    begun = time.perf_counter()
    for _turn in range(times):
        act()
    return (time.perf_counter() - begun) / times


def nothing_taken(_redis: Redis, policy: Policy, _holder: str, _units: int = 1) -> Verdict:
    return Verdict(policy, True, policy.quota, 0, 0)


def measure_taking(redis: Redis) -> None:
    ping = seconds(redis.ping, TAKINGS)
    taking = seconds(lambda: take(redis, PLENTY, "one"), TAKINGS)
    print(f"taking units: {taking / ping:.2f} times a PING of Redis ({taking * 1e6:.0f} µs)")


def measure_requests(app: Flask) -> None:
    client = sign_in(app, "viewer")
    with_it, without = [], []
    for _round in range(ROUNDS):
        with_it.append(seconds(lambda: client.get("/api/v1/kpi"), REQUESTS))
        with patch.object(limits, "take", nothing_taken):
            without.append(seconds(lambda: client.get("/api/v1/kpi"), REQUESTS))
    print(f"a request of the API: {min(with_it) / min(without):.3f} times one without a limit")


def main() -> None:
    with (
        run_services() as services,
        TemporaryDirectory() as folder,
        control_plane(services, Path(folder)) as app,
    ):
        with Redis.from_url(services.redis_url, decode_responses=True) as redis:
            measure_taking(redis)
        measure_requests(app)


if __name__ == "__main__":
    main()

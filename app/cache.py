"""Redis for what may be lost: nudges, counters of tries, open pages. A page never waits long for it."""

from __future__ import annotations

from redis import Redis

PREFIX = "backroom:"
TIMEOUT_SECONDS = 0.25


def connect(url: str) -> Redis:
    return Redis.from_url(
        url,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        health_check_interval=30,
        decode_responses=True,
    )

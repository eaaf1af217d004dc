"""Redis for what may be lost: a cache and nudges. Redis being down is never an error here."""

from __future__ import annotations

import json
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

PREFIX = "backroom:"
# A page never waits longer than this for a cache.
TIMEOUT_SECONDS = 0.25


def connect(url: str) -> Redis:
    return Redis.from_url(
        url,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        health_check_interval=30,
        decode_responses=True,
    )


def get_json(redis: Redis, key: str) -> Any | None:
    """What was kept under `key`; None where there is nothing, Redis is down or the value is not JSON."""
    try:
        text = redis.get(PREFIX + key)
        return None if text is None else json.loads(text)
    except (RedisError, ValueError):
        return None


def set_json(redis: Redis, key: str, value: Any, ttl_seconds: int) -> bool:
    """Keep `value` for a while. False where Redis is down."""
    try:
        return bool(redis.set(PREFIX + key, json.dumps(value), ex=ttl_seconds))
    except RedisError:
        return False


def delete(redis: Redis, key: str) -> None:
    try:
        redis.delete(PREFIX + key)
    except RedisError:
        return  # the entry ends by its own time

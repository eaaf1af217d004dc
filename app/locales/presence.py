"""Who else has a string open. Kept in Redis for as long as their page asks; without Redis nobody is shown.

A set of names by the second they were last heard of, at `backroom:editing:<locale>:<message>`.
"""

from __future__ import annotations

from datetime import datetime

from redis import Redis
from redis.exceptions import RedisError

from app.cache import PREFIX

HEARTBEAT_SECONDS = 8  # how often an open page says that it is there
GONE_SECONDS = 20  # who was not heard of for so long has left


def arrive(redis: Redis, code: str, message_id: int, who: str, now: datetime) -> list[str]:
    """Says that somebody has the string open; answers who else has, by name."""
    key = f"{PREFIX}editing:{code}:{message_id}"
    seconds = now.timestamp()
    try:
        with redis.pipeline(transaction=False) as pipe:
            pipe.zadd(key, {who: seconds})
            pipe.zremrangebyscore(key, "-inf", seconds - GONE_SECONDS)
            pipe.expire(key, GONE_SECONDS)
            pipe.zrange(key, 0, -1)
            names = pipe.execute()[-1]
    except RedisError:
        return []
    return sorted(name for name in names if name != who)


def leave(redis: Redis, code: str, message_id: int, who: str) -> None:
    """Whoever saves and goes on is seen to have left at once, not when the time is up."""
    try:
        redis.zrem(f"{PREFIX}editing:{code}:{message_id}", who)
    except RedisError:
        return

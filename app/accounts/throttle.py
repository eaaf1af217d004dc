"""Slows down guessing: so many tries per address and per account, then a pause.

Counts in Redis, shared by all workers. With Redis down each worker counts for itself and allows fewer tries:
a broken Redis must not open the door.
"""

from __future__ import annotations

import hashlib
import ipaddress
import threading
import time

from redis import Redis
from redis.exceptions import RedisError

from app.cache import PREFIX

WINDOW_SECONDS = 900
TRIES_PER_ACCOUNT = 10
TRIES_PER_ADDRESS = 60  # an office shares one
LOCAL_SHARE = 0.5  # of the tries, while each worker counts alone

_local: dict[str, tuple[int, float]] = {}  # key → (tries, end of the window on the monotonic clock)
_lock = threading.Lock()
MOST_LOCAL_KEYS = 10_000


def _key(kind: str, value: str) -> str:
    return f"{PREFIX}tries:{kind}:{hashlib.sha256(value.encode('utf-8', 'replace')).hexdigest()[:32]}"


def network(address: str) -> str:
    """An IPv6 customer holds a whole /64, so that counts as one address."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if ip.version == 6:
        return str(ipaddress.ip_network(f"{ip}/64", strict=False))
    return str(ip)


def wait_seconds(redis: Redis, address: str, account: str) -> int:
    """Counts one try, before it is looked at; 0 where it may go on, else how long to wait."""
    waits = [
        _count(redis, _key("address", network(address)), TRIES_PER_ADDRESS),
        _count(redis, _key("account", account), TRIES_PER_ACCOUNT),
    ]
    return max(waits)


def _count(redis: Redis, key: str, most: int) -> int:
    try:
        with redis.pipeline() as pipe:
            pipe.set(key, 0, ex=WINDOW_SECONDS, nx=True)
            pipe.incr(key)
            pipe.ttl(key)
            _, tries, left = pipe.execute()
    except RedisError:
        tries, left = _count_here(key)
        most = int(most * LOCAL_SHARE)
    return max(1, int(left)) if int(tries) > most else 0


def _count_here(key: str) -> tuple[int, int]:
    at = time.monotonic()
    with _lock:
        if len(_local) > MOST_LOCAL_KEYS:
            for old in [name for name, (_, ends) in _local.items() if ends < at] or list(_local)[:1000]:
                del _local[old]
        tries, ends = _local.get(key, (0, 0.0))
        if ends < at:
            tries, ends = 0, at + WINDOW_SECONDS
        _local[key] = (tries + 1, ends)
    return tries + 1, int(ends - at)


def forget(redis: Redis, account: str) -> None:
    """After a right password the account's tries start anew; the address's stay."""
    key = _key("account", account)
    with _lock:
        _local.pop(key, None)
    try:
        redis.delete(key)
    except RedisError:
        return  # the window ends by itself

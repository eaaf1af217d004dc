"""How often somebody may try to sign in: counted by account and by address, in Redis for all processes.

Without Redis each process counts for itself and lets through fewer, so that an outage opens no door.
"""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import dataclass, field

from redis import Redis

from storefront.cache import Cache
from storefront.senders import network

WINDOW_SECONDS = 300
# kind of counter → tries within the window; the second number is for a process that counts alone
LIMITS = {"account": (8, 4), "address": (40, 15), "link": (3, 1)}
MOST_KEPT = 10_000


@dataclass
class LocalCounts:
    """Counts of this process, for the time that Redis is away."""

    counts: dict[tuple[str, int], int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, key: str, window: int) -> int:
        with self.lock:
            if len(self.counts) > MOST_KEPT:
                self.counts = {place: n for place, n in self.counts.items() if place[1] == window}
            self.counts[key, window] = self.counts.get((key, window), 0) + 1
            return self.counts[key, window]


_local = LocalCounts()


def may_try(cache: Cache, account: str, address: str, kind: str = "account") -> bool:
    """Count this try and say whether it may go on. `kind` "link": mails that anybody can have sent to it."""
    window = int(time.time()) // WINDOW_SECONDS
    counters = ((kind, account), ("address", network(address)))
    tries = [_count(cache, kind, who, window) for kind, who in counters]
    return all(tries)


def succeeded(cache: Cache, account: str) -> None:
    """The right password: the account's own tries start anew."""
    window = int(time.time()) // WINDOW_SECONDS
    cache.ask(lambda redis: redis.delete(_key("account", account, window)))
    with _local.lock:
        _local.counts.pop((_key("account", account, window), window), None)


def _count(cache: Cache, kind: str, who: str, window: int) -> bool:
    shared, alone = LIMITS[kind]
    key = _key(kind, who, window)

    def count_up(redis: Redis) -> int:
        pipeline = redis.pipeline()
        pipeline.incr(key)
        pipeline.expire(key, WINDOW_SECONDS)
        return int(pipeline.execute()[0])

    tries = cache.ask(count_up)
    return _local.count(key, window) <= alone if tries is None else tries <= shared


def _key(kind: str, who: str, window: int) -> str:
    return f"shop:tries:{kind}:{hashlib.sha256(who.encode()).hexdigest()[:32]}:{window}"

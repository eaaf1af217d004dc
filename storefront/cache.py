"""What the shop remembers in Redis so that it need not ask Postgres. Correct without Redis, only slower.

    product = cached("product", slug, 60, build=lambda: load(slug), encode=asdict, decode=Product.read)
    forget("product", slug)      one key
    forget("listing")            everything of that name

A value is kept longer than it is fresh. While Postgres is down the old value is served and the page says
since when (`g.stale_since`). Numbers that `forget` counts up are read together with the value, so a reader
that began before a change can never bring the old value back.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, cast

from flask import current_app, g, has_app_context
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from storefront.breaker import Breaker
from storefront.errors import Unavailable
from storefront.telemetry import cache_lookup

T = TypeVar("T")

SHAPE = 2  # count up when what is stored under a name changes its shape
TIMEOUT_SECONDS = 0.05
KEEP_SECONDS = 86_400  # how long a value may serve as the last good one
LOCK_MS = 3_000
WAIT_SECONDS = 0.02  # between looks for what another process is building
WAITS = 10


@dataclass
class Cache:
    redis: Redis
    breaker: Breaker = field(default_factory=Breaker)

    def ask(self, command: Callable[[Redis], T]) -> T | None:
        """Run a command; None when Redis is down, slow or resting behind the breaker."""
        now = time.monotonic()
        if not self.breaker.allows(now):
            return None
        try:
            answer = command(self.redis)
        except (RedisError, OSError):
            self.breaker.record(False, time.monotonic())
            return None
        self.breaker.record(True, now)
        return answer


@dataclass(frozen=True)
class Entry:
    value: Any  # as decoded by the caller
    stored_at: float  # unix seconds
    is_current: bool  # nobody called forget() since
    age_seconds: float


@dataclass(frozen=True)
class Place:
    """Where one value lives. The braces keep the keys of a name on one node of a Redis Cluster."""

    name: str
    key: str
    marks: tuple[int, int]  # how often forget(name) and forget(name, key) were called

    def stamp(self) -> list[object]:
        return [SHAPE, self.key, *self.marks]


@dataclass(frozen=True)
class Recipe(Generic[T]):
    """How a value is made, stored and read, and for how long."""

    ttl_seconds: float
    keep_seconds: int
    build: Callable[[], T]
    encode: Callable[[T], Any]
    decode: Callable[[Any], T]


def connect(url: str) -> Cache:
    redis = Redis.from_url(
        url,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        decode_responses=False,
    )
    return Cache(redis)


def current_cache() -> Cache:
    return cast(Cache, current_app.extensions["cache"])


def cached(
    name: str,
    key: str,
    ttl_seconds: float,
    build: Callable[[], T],
    *,
    encode: Callable[[T], Any] = lambda value: value,
    decode: Callable[[Any], T] = lambda value: value,
    keep_seconds: int = KEEP_SECONDS,
) -> T:
    """The value of `key`, at most `ttl_seconds` old, or up to `keep_seconds` while the database is down."""
    cache = current_cache()
    found = _read(cache, name, key, decode)
    if found is None:
        cache_lookup(name, "error")
        return build()
    place, entry = found
    if entry is not None and entry.is_current and entry.age_seconds < ttl_seconds:
        cache_lookup(name, "hit")
        return cast(T, entry.value)
    cache_lookup(name, "miss")
    recipe = Recipe(ttl_seconds, keep_seconds, build, encode, decode)
    return _rebuild(cache, place, entry, recipe)


def forget(name: str, key: str | None = None, cache: Cache | None = None) -> None:
    """Make one value, or all values of a name, old. They are kept as the last good ones.

    Outside an app, `cache` says where.
    """
    counter = _mark_key(name, key)

    def count_up(redis: Redis) -> None:
        pipeline = redis.pipeline()
        pipeline.incr(counter)
        pipeline.expire(counter, 2 * KEEP_SECONDS)
        pipeline.execute()

    (cache or current_cache()).ask(count_up)


def drop(name: str, key: str) -> None:
    """Remove a value, the last good one too: for what must not outlive its owner, such as a session."""
    forget(name, key)
    current_cache().ask(lambda redis: redis.delete(_value_key(name, key)))


def _rebuild(cache: Cache, place: Place, old: Entry | None, recipe: Recipe[T]) -> T:
    lock = f"{_value_key(place.name, place.key)}:lock"
    mine = cache.ask(lambda redis: redis.set(lock, b"1", nx=True, px=LOCK_MS))
    if not mine:
        if old is not None and old.is_current and old.age_seconds < 2 * recipe.ttl_seconds:
            return cast(T, old.value)  # somebody is at it; a little older is better than waiting
        other = _wait_for_other(cache, place, recipe)
        if other is not None:
            return cast(T, other.value)
    try:
        value = recipe.build()
    except Unavailable:
        if old is None:
            raise
        _note_stale(old.stored_at)
        return cast(T, old.value)
    else:
        _write(cache, place, recipe.encode(value), recipe.keep_seconds)
        return value
    finally:
        if mine:
            cache.ask(lambda redis: redis.delete(lock))


def _wait_for_other(cache: Cache, place: Place, recipe: Recipe[T]) -> Entry | None:
    for _ in range(WAITS):
        time.sleep(WAIT_SECONDS)
        found = _read(cache, place.name, place.key, recipe.decode)
        if found is None:
            return None
        entry = found[1]
        if entry is not None and entry.is_current and entry.age_seconds < recipe.ttl_seconds:
            return entry
    return None


def _read(cache: Cache, name: str, key: str, decode: Callable[[Any], T]) -> tuple[Place, Entry | None] | None:
    """Where the value belongs and what lies there; None when Redis gives no answer."""
    keys = [_mark_key(name, None), _mark_key(name, key), _value_key(name, key)]
    answer = cast("list[bytes | None] | None", cache.ask(lambda redis: redis.mget(keys)))
    if answer is None:
        return None
    place = Place(name, key, (_number(answer[0]), _number(answer[1])))
    return place, _entry(place, answer[2], decode)


def _entry(place: Place, raw: bytes | None, decode: Callable[[Any], T]) -> Entry | None:
    """What was stored, if it is whole and for this key; anything else counts as nothing stored."""
    if raw is None:
        return None
    try:
        stored = json.loads(raw)
        shape, key, *marks = stored["stamp"]
        if shape != SHAPE or key != place.key:
            return None
        at = float(stored["at"])
        age = max(0.0, time.time() - at)
        return Entry(decode(stored["value"]), at, tuple(marks) == place.marks, age)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError):
        cache_lookup(place.name, "error")
        return None


def _write(cache: Cache, place: Place, value: Any, keep_seconds: int) -> None:
    stored = json.dumps({"stamp": place.stamp(), "at": time.time(), "value": value}, separators=(",", ":"))
    cache.ask(lambda redis: redis.set(_value_key(place.name, place.key), stored, ex=keep_seconds))


def _note_stale(stored_at: float) -> None:
    if has_app_context():
        since = datetime.fromtimestamp(stored_at, UTC)
        known = g.get("stale_since")
        g.stale_since = min(since, known) if known else since


def _value_key(name: str, key: str) -> str:
    short = key if len(key) <= 80 else hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
    return f"shop:cache:{{{name}}}:value:{short}"


def _mark_key(name: str, key: str | None) -> str:
    if key is None:
        return f"shop:cache:{{{name}}}:forgotten"
    return _value_key(name, key) + ":forgotten"


def _number(raw: bytes | None) -> int:
    return int(raw) if raw is not None and raw.isdigit() else 0

"""How much may be asked for: so many units a minute for each token, person or address.

The generic cell rate algorithm (ITU-T I.371): a bucket of `quota` units that fills up again evenly within the
window. One script in Redis takes the units and says what is left, in one round trip for all workers alike.
While Redis does not answer each worker counts for itself and gives half: a broken Redis opens no door.

Under /api/v1 every answer tells what is left (draft-ietf-httpapi-ratelimit-headers). Of the endpoints of SDKs
only tokens that are not good are counted, by address.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass

from flask import Flask, Response, current_app, g, request
from flask_babel import lazy_gettext as _l
from redis import Redis
from redis.exceptions import RedisError

from app.cache import PREFIX
from app.errors import TooMany
from app.guards import person, token
from app.problems import on_problem
from app.sources import sources
from app.versions import is_api

EXTENSION = "expensive_endpoints"
WINDOW_SECONDS = 60
READ_UNITS, WRITE_UNITS, EXPENSIVE_UNITS = 1, 2, 20
READS = ("GET", "HEAD", "OPTIONS")
LOCAL_SHARE = 0.5  # of the quota, while each worker counts alone
PAUSE_SECONDS = 5.0  # after Redis did not answer, before it is asked again
MOST_LOCAL_KEYS = 10_000

# KEYS[1]: the bucket. ARGV: microseconds that one unit takes to come back, the bucket's size and the units
# taken, both in microseconds as well. Answers: whether there was enough, and how long until it is full.
TAKE = """
local now = redis.call('TIME')
now = now[1] * 1000000 + now[2]
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
local size, cost = tonumber(ARGV[1]), tonumber(ARGV[2])
if full + cost - now > size then return {0, full - now} end
full = full + cost
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000) + 1)
return {1, full - now}
"""


@dataclass(frozen=True)
class Policy:
    """`quota` units in `window_seconds`; all of them at once, if somebody likes."""

    name: str
    quota: int
    window_seconds: int = WINDOW_SECONDS

    @property
    def header(self) -> str:
        return f'"{self.name}";q={self.quota};w={self.window_seconds}'


@dataclass(frozen=True)
class Verdict:
    policy: Policy
    is_allowed: bool
    left: int  # units
    full_seconds: int  # until the whole quota is there again
    wait_seconds: int  # until what was asked for can be had; 0: it was

    @property
    def header(self) -> str:
        return f'"{self.policy.name}";r={self.left};t={self.full_seconds}'


def network(address: str) -> str:
    """What one customer holds: of IPv6 a whole /64. IPv4 written as IPv6 is IPv4."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ipaddress.ip_network((ip, 64), strict=False))


def take(redis: Redis, policy: Policy, holder: str, units: int = 1) -> Verdict:
    """Takes units of a holder's quota; nothing is taken where there are too few."""
    unit_us = policy.window_seconds * 1_000_000 / policy.quota
    size, cost = policy.quota * unit_us, min(units, policy.quota) * unit_us
    key = f"{PREFIX}limit:{policy.name}:{_hashed(holder)}"
    found = _elsewhere(redis, key, size, cost)
    if found is None:
        size *= LOCAL_SHARE
        found = _here(key, size, cost)
    allowed, busy_us = found
    return Verdict(
        policy=policy,
        is_allowed=allowed,
        left=max(0, int((size - busy_us) / unit_us + 1e-6)),
        full_seconds=math.ceil(busy_us / 1_000_000),
        wait_seconds=0 if allowed else max(1, math.ceil((busy_us + cost - size) / 1_000_000)),
    )


def _hashed(holder: str) -> str:
    return hashlib.sha256(holder.encode("utf-8", "replace")).hexdigest()[:32]


class _Local:
    """What one worker counts while Redis is away."""

    lock = threading.Lock()
    full_at: dict[str, float] = {}  # noqa: RUF012 # key → when its bucket is full, on the monotonic clock
    paused_until = 0.0


def _elsewhere(redis: Redis, key: str, size: float, cost: float) -> tuple[bool, float] | None:
    """None: Redis does not answer."""
    if time.monotonic() < _Local.paused_until:
        return None
    try:
        allowed, busy_us = redis.eval(TAKE, 1, key, f"{size:.0f}", f"{cost:.0f}")
    except RedisError:
        _Local.paused_until = time.monotonic() + PAUSE_SECONDS
        return None
    return bool(allowed), float(busy_us)


def _here(key: str, size: float, cost: float) -> tuple[bool, float]:
    cost = min(cost, size)
    with _Local.lock:
        now = time.monotonic() * 1_000_000
        if len(_Local.full_at) >= MOST_LOCAL_KEYS:
            for old in [name for name, at in _Local.full_at.items() if at <= now]:
                del _Local.full_at[old]
        full = max(_Local.full_at.get(key, 0.0), now)
        if full + cost - now > size or len(_Local.full_at) >= MOST_LOCAL_KEYS:
            return False, max(full - now, cost)
        _Local.full_at[key] = full + cost
        return True, full + cost - now


def _holder() -> tuple[Policy, str]:
    """Who pays for this request: never what the address of the request says, which anybody can vary."""
    config = sources().config
    if (machine := token()) is not None:
        return Policy("default", config.api_rate_limit), f"token:{machine.id}"
    if (someone := person()) is not None:
        return Policy("default", config.api_rate_limit), f"person:{someone.id}"
    return Policy("anonymous", config.api_rate_limit_anonymous), network(request.remote_addr or "")


def _units() -> int:
    expensive: Collection[str] = current_app.extensions[EXTENSION]
    if request.endpoint in expensive:
        return EXPENSIVE_UNITS
    return READ_UNITS if request.method in READS else WRITE_UNITS


def _charge() -> None:
    """Raises `TooMany`. Once a request."""
    policy, holder = _holder()
    verdict: Verdict = take(sources().redis, policy, holder, _units())
    g.limit = verdict
    if not verdict.is_allowed:
        raise _too_many(verdict)


def _too_many(verdict: Verdict) -> TooMany:
    why = _l("More was asked for than the limit allows. Wait %(seconds)s s.", seconds=verdict.wait_seconds)
    return TooMany(why, verdict.wait_seconds)


def _count_failure(response: Response) -> Response:
    """A token that is not good: after too many of them its address is told to wait."""
    policy = Policy("failures", sources().config.api_rate_limit_anonymous)
    verdict = take(sources().redis, policy, network(request.remote_addr or ""))
    return response if verdict.is_allowed else on_problem(_too_many(verdict))


def init_app(app: Flask, expensive: Collection[str]) -> None:
    """Register after the guards, which say who asks; who is refused by them pays as well, when answered.

    `expensive`: endpoints that take far more work than others, such as exports and what-ifs.
    """
    app.extensions[EXTENSION] = expensive

    @app.before_request
    def charge() -> None:
        if is_api():
            _charge()

    @app.after_request
    def tell(response: Response) -> Response:
        if response.status_code == 401 and "Authorization" in request.headers:
            response = _count_failure(response)
        if not is_api():
            return response
        if "limit" not in g:
            try:
                _charge()
            except TooMany as problem:
                response = on_problem(problem)
        verdict: Verdict = g.limit
        response.headers["RateLimit-Policy"] = verdict.policy.header
        response.headers["RateLimit"] = verdict.header
        return response

"""Slows down guessing by address and by account: some tries are free, then each one costs a longer wait.

Counts in Redis, shared by all workers. With Redis down each worker counts for itself and allows fewer tries:
a broken Redis must not open the door. Nobody is locked out for good: the wait never grows past a quarter of
an hour, a browser that the account's owner signed in with before has tries of its own, and a link by mail
opens the door in any case.
"""

from __future__ import annotations

import hashlib
import ipaddress
import threading
import time
from dataclasses import dataclass

from redis import Redis
from redis.exceptions import RedisError

from app.cache import PREFIX

WINDOW_SECONDS = 900  # how long an address's tries are remembered, and the longest wait
MEMORY_SECONDS = 86_400  # how long an account's are
TRIES_PER_ACCOUNT = 10
TRIES_PER_ADDRESS = 60  # an office shares one
CODES_PER_ACCOUNT = 5  # six digits are fewer than any password
LINKS_PER_ACCOUNT = 3  # mails that somebody can have sent to an address that is not theirs
FIRST_WAIT_SECONDS = 30
LOCAL_SHARE = 0.5  # of the tries, while each worker counts alone

# One try, counted unless it has to wait: seconds to wait, and which try it was (0: not counted).
COUNT = """
local now = tonumber(redis.call('TIME')[1])
local ends = tonumber(redis.call('HGET', KEYS[1], 'until') or '0')
if ends > now then return {ends - now, 0} end
local tries = redis.call('HINCRBY', KEYS[1], 'tries', 1)
if tries == 1 then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
local over = tries - tonumber(ARGV[1])
if over >= 0 then
  local wait = math.min(tonumber(ARGV[3]) * 2 ^ math.min(over, 16), tonumber(ARGV[4]))
  redis.call('HSET', KEYS[1], 'until', now + wait)
  if redis.call('TTL', KEYS[1]) < wait then redis.call('EXPIRE', KEYS[1], wait) end
end
return {0, tries}
"""


@dataclass(frozen=True)
class Limit:
    kind: str
    free: int  # tries before the first wait
    memory_seconds: int


@dataclass(frozen=True)
class Try:
    wait_seconds: int  # 0: it may go on
    number: int  # which try of the account it is; 0: it has to wait

    @property
    def is_suspicious(self) -> bool:
        """The last free one: once a day for an account, the moment to tell its owner."""
        return self.number == TRIES_PER_ACCOUNT


@dataclass
class _Count:
    tries: int
    until: float  # on the monotonic clock
    forgotten_at: float


_local: dict[str, _Count] = {}
_lock = threading.Lock()
MOST_LOCAL_KEYS = 10_000


def _key(kind: str, value: str) -> str:
    return f"{PREFIX}tries:{kind}:{hashlib.sha256(value.encode('utf-8', 'replace')).hexdigest()[:32]}"


def network(address: str) -> str:
    """An IPv6 customer holds a whole /64, so that counts as one address; IPv4 written as IPv6 is IPv4."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ip.ipv4_mapped or ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def delay_seconds(over: int) -> int:
    """The wait after so many tries past the free ones: 30 s, doubled each time, at most 15 min."""
    return int(min(FIRST_WAIT_SECONDS * 2 ** min(over, 16), WINDOW_SECONDS))


def try_password(redis: Redis, address: str, account: str, browser: str = "") -> Try:
    """Counts one try before it is looked at. `browser`: one that the account knows, which counts apart."""
    there = _count(redis, _address(), network(address))
    if there.wait_seconds:
        return there
    if browser:
        return _count(redis, Limit("browser", TRIES_PER_ACCOUNT, MEMORY_SECONDS), f"{account} {browser}")
    return _count(redis, Limit("account", TRIES_PER_ACCOUNT, MEMORY_SECONDS), account)


def wait_seconds(redis: Redis, address: str, account: str, browser: str = "") -> int:
    return try_password(redis, address, account, browser).wait_seconds


def code_wait_seconds(redis: Redis, account: str) -> int:
    """Codes of the second factor, and passwords of whoever is asked again."""
    return _count(redis, Limit("code", CODES_PER_ACCOUNT, MEMORY_SECONDS), account).wait_seconds


def link_wait_seconds(redis: Redis, address: str, account: str) -> int:
    """Links for a new password, counted for known and unknown accounts alike."""
    there = _count(redis, _address(), network(address)).wait_seconds
    return there or _count(redis, Limit("link", LINKS_PER_ACCOUNT, WINDOW_SECONDS), account).wait_seconds


def _address() -> Limit:
    return Limit("address", TRIES_PER_ADDRESS, WINDOW_SECONDS)


def _count(redis: Redis, limit: Limit, value: str) -> Try:
    key = _key(limit.kind, value)
    arguments = (limit.free, limit.memory_seconds, FIRST_WAIT_SECONDS, WINDOW_SECONDS)
    try:
        wait, tries = redis.eval(COUNT, 1, key, *arguments)
    except RedisError:
        return _count_here(key, int(limit.free * LOCAL_SHARE), limit.memory_seconds)
    return Try(int(wait), int(tries))


def _count_here(key: str, free: int, memory_seconds: int) -> Try:
    at = time.monotonic()
    with _lock:
        _make_room(at)
        count = _local.get(key)
        if count is None or count.forgotten_at < at:
            count = _local[key] = _Count(0, 0.0, at + memory_seconds)
        if count.until > at:
            return Try(max(1, int(count.until - at)), 0)
        count.tries += 1
        if count.tries >= free:
            count.until = at + delay_seconds(count.tries - free)
            count.forgotten_at = max(count.forgotten_at, count.until)
        return Try(0, count.tries)


def _make_room(at: float) -> None:
    if len(_local) > MOST_LOCAL_KEYS:
        for old in [name for name, count in _local.items() if count.forgotten_at < at] or list(_local)[:1000]:
            del _local[old]


def forget(redis: Redis, account: str, browser: str = "") -> None:
    """After a right password the account's tries start anew; the address's stay."""
    _forget(redis, _key("account", account))
    if browser:
        _forget(redis, _key("browser", f"{account} {browser}"))


def forget_codes(redis: Redis, account: str) -> None:
    _forget(redis, _key("code", account))


def _forget(redis: Redis, key: str) -> None:
    with _lock:
        _local.pop(key, None)
    try:
        redis.delete(key)
    except RedisError:
        return  # the memory ends by itself

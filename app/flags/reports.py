"""What SDKs report: who they are, and how often each flag answered yes and no. Pure: no I/O, no clock.

Read leniently, since old and foreign SDKs leave out or misspell fields: what cannot be understood is left
out, and only a body that is no report at all is refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l

from app.errors import Refused
from app.flags.flag import is_takeable
from app.flags.impacts import Impact, impacts_of

MAX_FLAGS = 5_000  # in one report
MAX_VARIANTS = 100  # of one flag
MAX_COUNT = 10**12
TEXT_LENGTH = 200
OLDEST = timedelta(days=1)  # a bucket further off has a wrong clock: its counts belong to now
LONGEST_INTERVAL_SECONDS = 86_400


Header = Callable[[str], str | None]  # one header of a request by its name; None where it is absent


@dataclass(frozen=True)
class Instance:
    """One process that asks for flags."""

    app_name: str
    instance_id: str
    connection_id: str
    sdk: str
    interval_seconds: int | None


@dataclass(frozen=True)
class Count:
    flag: str
    yes: int
    no: int
    variants: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    app_name: str
    hour: datetime
    counts: tuple[Count, ...]  # one a flag, in the order of their names
    impacts: tuple[Impact, ...] = ()


def instance_of_headers(header: Header) -> Instance | None:
    """From the headers of a poll; None where an SDK does not say who it is."""
    app_name = _short(header("unleash-appname"))
    if not app_name:
        return None
    return Instance(
        app_name=app_name,
        instance_id=_short(header("unleash-instanceid")),
        connection_id=_short(header("unleash-connection-id")),
        sdk=_short(header("unleash-sdk")),
        interval_seconds=interval_seconds(header("unleash-interval")),
    )


def instance_of_registration(body: object, header: Header) -> Instance:
    """From POST /client/register. Raises `Refused` where there is no appName."""
    if not isinstance(body, dict) or not _short(body.get("appName")):
        raise Refused(_l("A registration is a JSON object with an appName."))
    return Instance(
        app_name=_short(body["appName"]),
        instance_id=_short(body.get("instanceId")),
        connection_id=_short(body.get("connectionId")),
        sdk=_short(body.get("sdkVersion")) or _short(header("unleash-sdk")),
        interval_seconds=interval_seconds(header("unleash-interval")),
    )


def interval_seconds(text: str | None) -> int | None:
    """Of a header in milliseconds; Node sends the word "undefined"."""
    try:
        seconds = float(text or "") / 1000
    except ValueError:
        return None
    if not math.isfinite(seconds) or not 0 < seconds <= LONGEST_INTERVAL_SECONDS:
        return None
    return max(1, round(seconds))


def report_of(body: object, now: datetime) -> Report:
    """From POST /client/metrics. A bucket may be null: nothing was asked."""
    if not isinstance(body, dict) or not _short(body.get("appName")):
        raise Refused(_l("A report is a JSON object with an appName."))
    bucket = body.get("bucket")
    if not isinstance(bucket, dict):
        bucket = {}
    toggles = bucket.get("toggles")
    if not isinstance(toggles, dict):
        toggles = {}
    if len(toggles) > MAX_FLAGS:
        raise Refused(_l("A report names at most %(most)s flags.", most=MAX_FLAGS))
    counts = [_count(name, told) for name, told in sorted(toggles.items()) if is_takeable(name)]
    hour, impacts = _hour(bucket.get("start"), now), impacts_of(body.get("impactMetrics"))
    return Report(_short(body["appName"]), hour, tuple(c for c in counts if c), impacts)


def _count(name: str, told: object) -> Count | None:
    if not isinstance(told, dict):
        return None
    variants = told.get("variants")
    named = variants if isinstance(variants, dict) and len(variants) <= MAX_VARIANTS else {}
    counted = {_short(key): _whole(value) for key, value in named.items()}
    count = Count(
        name,
        _whole(told.get("yes")),
        _whole(told.get("no")),
        {key: value for key, value in counted.items() if key and value},
    )
    return count if count.yes or count.no or count.variants else None


def _hour(start: object, now: datetime) -> datetime:
    at = _moment(start)
    if at is None or abs(now - at) > OLDEST:
        at = now
    return min(at, now).replace(minute=0, second=0, microsecond=0)


def _moment(value: object) -> datetime | None:
    """ISO 8601 or milliseconds since 1970."""
    try:
        if isinstance(value, str):
            at = datetime.fromisoformat(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            at = datetime.fromtimestamp(value / 1000, UTC)
        else:
            return None
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        return 0
    return value if 0 <= value <= MAX_COUNT else 0


def _short(value: object) -> str:
    """Text that fits a column: no NUL, no half of a surrogate pair."""
    if not isinstance(value, str):
        return ""
    return value.encode("utf-8", "ignore").decode().replace("\x00", "").strip()[:TEXT_LENGTH]

"""The range of time that all charts of a page share. Pure; it lives in the URL (`range`; `from`, `to`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

RANGES: dict[str, tuple[LazyString, timedelta]] = {
    "1h": (_l("1 hour"), timedelta(hours=1)),
    "6h": (_l("6 hours"), timedelta(hours=6)),
    "24h": (_l("24 hours"), timedelta(hours=24)),
    "7d": (_l("7 days"), timedelta(days=7)),
    "30d": (_l("30 days"), timedelta(days=30)),
    "90d": (_l("90 days"), timedelta(days=90)),
}
LONGEST = timedelta(days=400)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class TimeRange:
    key: str  # one of RANGES, or "custom"
    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def step_seconds(self, points: int = 360, least: int = 60) -> int:
        """A round step that gives at most about so many points."""
        raw = self.length.total_seconds() / points
        return next((s for s in (60, 300, 900, 3600, 21600, 86400) if s >= max(raw, least)), 86400)


def read_moment(text: str) -> datetime | None:
    """Unix seconds or ISO 8601; None for anything else."""
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        pass
    try:
        found = datetime.fromisoformat(text.upper())  # RFC 3339 allows t and z
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # past the ends of the calendar in UTC
        return None


def read_range(args: Mapping[str, str], now: datetime, default: str = "24h") -> TimeRange:
    """What the URL asks for. Anything that makes no sense falls back to the default, never to an error."""
    start, end = read_moment(args.get("from", "")), read_moment(args.get("to", ""))
    if start and end and EARLIEST <= start < end <= now + LONGEST and end - start <= LONGEST:
        return TimeRange("custom", start, end)
    key = args.get("range", default)
    key = key if key in RANGES else default
    return TimeRange(key, now - RANGES[key][1], now)

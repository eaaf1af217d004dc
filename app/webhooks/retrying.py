"""When a delivery is tried again, and when no longer. Pure: chance and the clock are arguments.

Full jitter: each wait is anything between nothing and twice its mean, so that a receiver that comes back is
not met by all that waited at the same moment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal

# The mean wait after each try, in seconds; together about two days.
WAITS_SECONDS = (5, 30, 300, 1_800, 7_200, 18_000, 28_800, 28_800, 28_800, 28_800)
LONGEST_WAIT = timedelta(hours=8)  # that a receiver may ask for
GONE = 410
# After so long without one good answer nobody is there, and its owner is told.
GIVE_UP_AFTER = timedelta(days=3)

Result = Literal["delivered", "again", "failed", "gone"]


@dataclass(frozen=True)
class Outcome:
    result: Result
    due_at: datetime | None = None  # of the next try


def after_try(status: int | None, tries: int, now: datetime, chance: float, retry_after: str = "") -> Outcome:
    """`status` None: no answer came. `tries`: this one counted. `chance`: 0 ≤ chance < 1."""
    if status is not None and 200 <= status < 300:
        return Outcome("delivered")
    if status == GONE:
        return Outcome("gone")
    if tries > len(WAITS_SECONDS):
        return Outcome("failed")
    wait = timedelta(seconds=WAITS_SECONDS[tries - 1] * 2 * chance)
    asked = wait_asked_for(retry_after, now) if status in (429, 503) else timedelta()
    return Outcome("again", now + max(wait, min(asked, LONGEST_WAIT)))


def wait_asked_for(header: str, now: datetime) -> timedelta:
    """Retry-After (RFC 9110): seconds or a date; nothing where it is neither."""
    header = header.strip()
    if re.fullmatch(r"[0-9]{1,9}", header):
        return timedelta(seconds=int(header))
    try:
        at = parsedate_to_datetime(header)
    except (ValueError, TypeError):
        return timedelta()
    return max(timedelta(), (at if at.tzinfo else at.replace(tzinfo=UTC)) - now)


def is_given_up(failing_since: datetime | None, now: datetime) -> bool:
    return failing_since is not None and now - failing_since >= GIVE_UP_AFTER

"""Which flags can go, why, and what to do next. Pure: no I/O, no clock.

A flag that outlives its question is a branch in the code that nobody tests; each has one reason here, the
strongest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from flask_babel import lazy_gettext as _l

from app.flags.flag import PRODUCTION
from app.flags.percent import Reach
from app.flags.rows import Row

Reason = Literal["completed", "stale", "everybody", "overdue", "unseen", "off"]

EVERYBODY_DAYS = 30  # so long at 100 % in production: the question is answered
OFF_DAYS = 30  # so long live and off again
UNSEEN_DAYS = 14  # so long defined, and no SDK ever asked
QUIET_DAYS = 30  # so long since an SDK asked last

# In the order of the page: what can go at once stands first. (reason, what is so, what to do next)
REASONS: Mapping[Reason, tuple[object, object]] = {
    "completed": (
        _l("Decided"),
        _l("Take it out of the code; archive it when no SDK asks for it any more."),
    ),
    "stale": (_l("Marked stale"), _l("Take it out of the code, then archive it.")),
    "everybody": (
        _l("Everybody has had it for long"),
        _l("Mark it completed as kept, then take it out of the code."),
    ),
    "off": (_l("Off for long"), _l("Mark it completed as discarded, or say why it stays.")),
    "overdue": (_l("Older than it was meant to get"), _l("Decide: kept, discarded, or a longer life.")),
    "unseen": (_l("Nobody asks for it"), _l("Is it in the code at all? If not, archive it.")),
}


@dataclass(frozen=True)
class Due:
    """One flag on the list."""

    flag: Row
    reason: Reason
    since: datetime | None  # how long it has been so

    @property
    def is_asked(self) -> bool:
        """Whether applications still ask for it, so that it has to leave the code first."""
        return self.flag.apps > 0


def due(rows: Iterable[Row], now: datetime) -> list[Due]:
    """By reason, then the longest first. Drills stay: they are made to."""
    found = [one for row in rows if not row.is_drill and (one := _due(row, now)) is not None]
    order = list(REASONS)
    return sorted(found, key=lambda one: (order.index(one.reason), one.since or now, one.flag.name))


def _due(row: Row, now: datetime) -> Due | None:
    if row.life is not None and row.life.completed_at is not None:
        return Due(row, "completed", row.life.completed_at)
    if row.is_stale:
        return Due(row, "stale", None)
    if row.lifetime_days is None:
        return _unseen(row, now)
    return _settled(row, now) or _overdue(row, now) or _unseen(row, now)


def _settled(row: Row, now: datetime) -> Due | None:
    """At 100 % for long, or live once and off for long."""
    state = row.states.get(PRODUCTION)
    if state is None or state.moved_at is None:
        return None
    age = now - state.moved_at
    if state.reach == Reach(100, is_targeted=False) and age > timedelta(days=EVERYBODY_DAYS):
        return Due(row, "everybody", state.moved_at)
    if state.reach.percent == 0 and state.is_readable and age > timedelta(days=OFF_DAYS):
        return Due(row, "off", state.moved_at)
    return None


def _overdue(row: Row, now: datetime) -> Due | None:
    days = row.lifetime_days
    if days is None or not row.is_overdue(now):
        return None
    return Due(row, "overdue", row.created_at + timedelta(days=days))


def _unseen(row: Row, now: datetime) -> Due | None:
    if row.seen_at is None:
        is_old = now - row.created_at > timedelta(days=UNSEEN_DAYS)
        return Due(row, "unseen", row.created_at) if is_old else None
    is_quiet = now - row.seen_at > timedelta(days=QUIET_DAYS)
    return Due(row, "unseen", row.seen_at) if is_quiet else None

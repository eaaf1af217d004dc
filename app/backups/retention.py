"""Which backups stay: the newest of each of the last days, weeks and months that have one. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True)
class Keep:
    """How many days, weeks and months keep their newest backup."""

    daily: int
    weekly: int
    monthly: int


def kept(made: Collection[datetime], keep: Keep) -> set[datetime]:
    """Periods without a backup do not count, so that a pause of backups never empties the folder."""
    newest_first = sorted(made, reverse=True)
    return (
        _newest_of_each(newest_first, keep.daily, lambda at: at.date())
        | _newest_of_each(newest_first, keep.weekly, lambda at: at.isocalendar()[:2])
        | _newest_of_each(newest_first, keep.monthly, lambda at: (at.year, at.month))
    )


def _newest_of_each(
    newest_first: list[datetime], most: int, period: Callable[[datetime], object]
) -> set[datetime]:
    found: dict[object, datetime] = {}
    for at in newest_first:
        if len(found) == most and period(at.astimezone(UTC)) not in found:
            break
        found.setdefault(period(at.astimezone(UTC)), at)
    return set(found.values())


def due_since(now: datetime, hour: int) -> datetime:
    """The newest moment at which a daily backup was due: `hour` o'clock UTC, today's or yesterday's."""
    today = now.astimezone(UTC).replace(hour=hour, minute=0, second=0, microsecond=0)
    return today if today <= now else today - timedelta(days=1)

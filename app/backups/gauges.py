"""How old what is safe is, for the rule that watches it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from app import clock
from app.backups import databases, queries
from app.backups.queries import Standing
from app.series.gauges import block
from config import ControlPlaneConfig

STALE = "backroom_backup_stale"
AGE, PROVEN_AGE = "backroom_backup_age_seconds", "backroom_backup_proven_age_seconds"


def tell(session: Session, config: ControlPlaneConfig) -> Iterator[str]:
    """Nothing where no backups are set up: whoever leaves them out on purpose is not woken."""
    if config.backup_dir is None:
        return
    now, hours = clock.now(), config.backup_stale_hours
    all_of_them = [queries.standing(session, name, hours, now) for name in databases.urls(config)]
    stale = (({"database": one.database}, float(one.is_stale)) for one in all_of_them)
    yield from block(STALE, "1 while no proven backup is young enough", stale)
    yield from _ages(AGE, "age of the newest backup", all_of_them, lambda one: one.saved_at, now)
    yield from _ages(
        PROVEN_AGE, "age of the newest backup that was restored and was the same", all_of_them, _proven, now
    )


def _proven(one: Standing) -> datetime | None:
    return one.proven_at


def _ages(
    name: str, about: str, rows: list[Standing], moment: Callable[[Standing], datetime | None], now: datetime
) -> Iterator[str]:
    samples = (
        ({"database": one.database}, (now - at).total_seconds())
        for one in rows
        if (at := moment(one)) is not None
    )
    return block(name, about, samples)

"""Writes of rollouts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.rollouts.models import RolloutReading
from app.rollouts.progress import Group

KEEP = timedelta(days=14)


def save(session: Session, flag: str, groups: Iterable[Group], since: datetime, at: datetime) -> None:
    """One reading; read again for the same moment, it is replaced."""
    rows = [
        {
            "flag": flag,
            "variant": group.variant,
            "at": at,
            "since": since,
            "exposures": group.exposures,
            "converted": group.converted,
            "good": group.good,
            "bad": group.bad,
        }
        for group in groups
    ]
    if not rows:
        return
    statement = insert(RolloutReading).values(rows)
    told = ("since", "exposures", "converted", "good", "bad")
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["flag", "variant", "at"], set_={name: statement.excluded[name] for name in told}
        )
    )


def prune(session: Session, now: datetime) -> None:
    session.execute(delete(RolloutReading).where(RolloutReading.at < now - KEEP))

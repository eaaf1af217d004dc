"""Writes of experiments."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.experiments.facts import Counted
from app.experiments.models import ExperimentArm


def save(session: Session, flag: str, counted: Counted, since: datetime, now: datetime) -> None:
    """The latest count takes the place of the one before."""
    session.execute(delete(ExperimentArm).where(ExperimentArm.flag == flag))
    session.add_all(
        ExperimentArm(
            flag=flag,
            variant=arm.variant,
            since=since,
            counted_at=now,
            exposures=arm.exposures,
            converted=arm.converted,
            mixed=counted.mixed,
        )
        for arm in counted.arms
    )


def forget_older(session: Session, before: datetime) -> None:
    """Counts of flags that no shopper has met for a while."""
    session.execute(delete(ExperimentArm).where(ExperimentArm.counted_at < before))

"""Scheduled work of experiments: count, so that no page has to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from app.db import transaction
from app.events import publish_on_commit
from app.experiments import commands, facts, queries

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.sources import Sources

LOOK_BACK = timedelta(days=30)
FORGET_AFTER = timedelta(days=30)


def measure(session: Session, now: datetime, sources: Sources) -> str:
    """Count each flag's shoppers by variant, since its split was last changed."""
    with transaction(sources.reporting, "PostgreSQL (reporting)") as reporting:
        flags = facts.flags_met(reporting, now - LOOK_BACK, now)
        for flag in flags:
            since = queries.split_since(session, flag, now - LOOK_BACK)
            counted = facts.count_arms(reporting, flag, since, now)
            if counted.arms:
                commands.save(session, flag, counted, since, now)
    commands.forget_older(session, now - FORGET_AFTER)
    publish_on_commit(session, sources.redis, "experiments")
    return f"{len(flags)} flags counted"

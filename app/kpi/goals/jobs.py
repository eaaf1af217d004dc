"""Scheduled work: whoever listens is told which targets were reached, and which were missed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from app.events import publish_on_commit
from app.kpi.goals import commands, queries
from app.kpi.goals.goal import news

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.sources import Sources


def tell(session: Session, now: datetime, sources: Sources) -> str:
    told = 0
    for line in queries.lines(session, now):
        goal = line.goal
        found = news(line.course, goal.reached_at is not None, goal.missed_at is not None)
        told += found is not None and commands.tell(session, line, found, now)
    if told:
        publish_on_commit(session, sources.redis, "timeline")
    return f"{told} told"

"""Writes of targets by date."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.kpi.goals import queries
from app.kpi.goals.goal import Wanted
from app.kpi.goals.models import KpiGoal


def add(session: Session, wanted: Wanted, who: str, now: datetime) -> int:
    """From where the figure stands now."""
    row = KpiGoal(
        **asdict(wanted) | {"labels": dict(wanted.labels)},
        began_on=now.date(),
        began_at=queries.figure(session, wanted.series, wanted.labels, now),
        set_by=who,
        set_at=now,
    )
    session.add(row)
    session.flush()
    record(session, who, "kpi.goal", f"kpi-goal:{row.id}", None, asdict(wanted), now)
    return row.id


def remove(session: Session, goal_id: int, who: str, now: datetime) -> None:
    row = queries.one(session, goal_id)
    before = {"series": row.series, "labels": row.labels, "value": row.value, "due_on": row.due_on}
    session.execute(delete(KpiGoal).where(KpiGoal.id == goal_id))
    record(session, who, "kpi.goal", f"kpi-goal:{goal_id}", before, None, now)

"""Writes of targets by date."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.kpi.goals import queries
from app.kpi.goals.goal import News, Wanted
from app.kpi.goals.models import KpiGoal
from app.timeline import commands as timeline
from app.timeline.entry import LONGEST_TITLE

TITLES: dict[News, str] = {"reached": "Target reached", "missed": "Target missed"}


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


def tell(session: Session, line: queries.Line, news: News, now: datetime) -> bool:
    """On the timeline and to whoever listens. False where it was told already."""
    goal, column = line.goal, KpiGoal.reached_at if news == "reached" else KpiGoal.missed_at
    is_first = session.scalar(
        update(KpiGoal)
        .where(KpiGoal.id == goal.id, column.is_(None))
        .values({column: now})
        .returning(KpiGoal.id)
    )
    if is_first is None:
        return False
    facts: dict[str, object] = {"series": goal.series, "labels": goal.labels, "unit": line.term.unit}
    facts |= {"target": goal.value, "now": line.now, "due_on": goal.due_on.isoformat(), "owner": goal.owner}
    about, url = f"kpi-goal:{goal.id}", "/kpi/-/targets"
    title = f"{TITLES[news]}: {called(line)}"[:LONGEST_TITLE]
    timeline.record(session, now, "note", title, about, detail=goal.owner, url=url, key=f"{about}:{news}")
    timeline.tell(session, now, f"kpi.target_{news}", called(line)[:LONGEST_TITLE], about, url, facts)
    return True


def called(line: queries.Line) -> str:
    members = ", ".join(line.goal.labels.values())
    return f"{line.term.name}: {members}" if members else str(line.term.name)

"""Reads of targets by date, each with its figure of the last week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.kpi import showing, tile_queries
from app.kpi.definitions import KPIS
from app.kpi.goals.goal import Course, course
from app.kpi.goals.models import KpiGoal
from app.kpi.growth import PHASES, STEP_DAYS, WEEKS, Crossing, Phase, crossing, phase_of
from app.kpi.measures import Period as Days
from app.kpi.selection import Selection
from app.series import store
from app.series.glossary import GLOSSARY, Term
from app.series.models import Series

LOOK_BACK = timedelta(days=7)
USERS = ("monthly-active-users", "active-users")  # the first one that there is
KNOWN_DAYS = 7 * WEEKS + STEP_DAYS
BADNESS: dict[Course, int] = {"late": 0, "behind": 1, "no data": 2, "on course": 3, "reached": 4}


@dataclass(frozen=True)
class Line:
    goal: KpiGoal
    term: Term
    now: float | None  # the mean of the last week's points
    trend: list[float | None]
    course: Course


def lines(session: Session, now: datetime) -> list[Line]:
    """What is late or behind comes first."""
    rows = session.scalars(select(KpiGoal).order_by(KpiGoal.due_on, KpiGoal.id)).all()
    made = [_line(session, row, now) for row in rows if row.series in GLOSSARY]
    return sorted(made, key=worst_first)


def worst_first(line: Line) -> tuple[int, date, int]:
    return BADNESS[line.course], line.goal.due_on, line.goal.id


def line(session: Session, goal_id: int, now: datetime) -> Line:
    return _line(session, one(session, goal_id), now)


def _line(session: Session, row: KpiGoal, now: datetime) -> Line:
    term = GLOSSARY[row.series]
    points = store.between(session, row.series, now - 4 * LOOK_BACK, now, row.labels)
    value = figure(session, row.series, row.labels, now)
    found = course(value, row.value, term.better, (row.began_on, row.began_at), row.due_on, now.date())
    every = max(1, len(points) // 60)
    return Line(row, term, value, [point.value for point in points[::every]], found)


def figure(session: Session, series: str, labels: Mapping[str, str], now: datetime) -> float | None:
    """The mean of the last seven days; None where nothing was recorded in them."""
    points = store.between(session, series, now - LOOK_BACK, now, labels)
    return sum(point.value for point in points) / len(points) if points else None


def one(session: Session, goal_id: int) -> KpiGoal:
    row = session.get(KpiGoal, goal_id)
    if row is None:
        raise NotFound(_l("There is no such target."))
    return row


@dataclass(frozen=True)
class Grown:
    """Where the shop stands among the phases of growth."""

    key: str  # of the KPI that it is told by
    users: Mapping[date, float]
    crossings: Mapping[int, Crossing | None]  # by the number of each phase ahead

    @property
    def day(self) -> date | None:
        return max(self.users, default=None)

    @property
    def now(self) -> float | None:
        return self.users[self.day] if self.day else None

    @property
    def phase(self) -> Phase | None:
        return phase_of(self.now) if self.now is not None else None


def growth(session: Session) -> Grown:
    key = next(key for key in USERS if key in KPIS)
    last = showing.today() - timedelta(days=1)
    span = Days(last - timedelta(days=KNOWN_DAYS), KNOWN_DAYS + 1)
    chosen = Selection("custom", span, "weekdays", span, zone=showing.own_zone())
    days = tile_queries.days(session, KPIS[key], span.first, last, chosen)
    users = {day: found.value for day, found in days.items()}
    ahead = [one for one in PHASES if users and one.from_users > users[max(users)]]
    return Grown(key, users, {one.number: crossing(users, one.from_users) for one in ahead})


def measured(session: Session) -> Sequence[tuple[str, dict[str, str]]]:
    """Every member of every series that was ever recorded, but months gone by and forecasts."""
    rows = session.execute(select(Series.key, Series.labels).order_by(Series.key, Series.labels))
    return [
        (row.key, row.labels)
        for row in rows
        if row.key in GLOSSARY and "month" not in row.labels and row.key != "kpi.forecast"
    ]

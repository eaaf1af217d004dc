"""The data of a rollout's charts: failures of both sides, and the ramp with what is still to come."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.rollouts import counts, queries, showing
from app.rollouts.models import Rollout
from app.rollouts.plan import stored
from app.timeline import queries as timeline
from app.ui.chart import Annotation, chart
from app.ui.timerange import TimeRange

LEAST_STEP_SECONDS = 60
RAMP_POINTS = 200
AHEAD = timedelta(minutes=30)


def errors(session: Session, row: Rollout, span: TimeRange) -> dict[str, Any]:
    """Share of failed journeys with the feature and without, summed by step of the chart."""
    step = span.step_seconds(least=LEAST_STEP_SECONDS)
    sums: dict[int, counts.Sides] = {}
    for look in queries.looks(session, row.id, span.start, span.end):
        at = int(look.at.timestamp()) // step * step
        sums[at] = sums.get(at, counts.NOTHING) + counts.stored(look.counts)
    treated, control = [], []
    for at, sides in sorted(sums.items()):
        moment = datetime.fromtimestamp(at, span.start.tzinfo)
        mine, others = sides.of(counts.ALL)
        treated.append((moment, mine.error_share))
        control.append((moment, others.error_share))
    return chart(
        {_("with it"): treated, _("without it"): control},
        start=span.start,
        end=span.end,
        step_seconds=step,
        unit="ratio",
        annotations=_happened(session, row, span.start, span.end),
    )


def ramp(session: Session, row: Rollout, now: datetime) -> dict[str, Any]:
    """The share that has the flag: as it was, and as it will be at the earliest."""
    plan = stored(row.plan)
    end = row.ended_at or max(now + AHEAD, *(at for at in (*showing.earliest(row, now), now) if at), now)
    step = max(60, int((end - row.started_at).total_seconds() / RAMP_POINTS))
    until = row.ended_at or now
    taken = [(entry.at, plan.steps[entry.step].percent / 100) for entry in _moves(session, row)]
    planned = [
        (at, one.percent / 100) for at, one in zip(showing.earliest(row, now), plan.steps, strict=True) if at
    ]
    was = _held(taken, row.started_at, until, step)
    last = [was[-1]] if was and planned else []
    return chart(
        {_("so far"): was, _("at the earliest"): _held(last + planned, until, end, step) if planned else []},
        start=row.started_at,
        end=end,
        step_seconds=step,
        unit="ratio",
        annotations=_happened(session, row, row.started_at, end),
    )


def _moves(session: Session, row: Rollout) -> list[Any]:
    moves = ("stay", "advance")
    found = [one for one in queries.decisions(session, row.id) if one.action in moves]
    return [one for one in reversed(found) if one.action == "advance" or one.code == "started"]


def _held(
    points: list[tuple[datetime, float]], start: datetime, end: datetime, step: int
) -> list[tuple[datetime, float]]:
    """Each value until the next, a point for every step of the chart."""
    found, at = [], start
    while at <= end:
        known = [value for moment, value in points if moment <= at + timedelta(seconds=step)]
        if known:
            found.append((at, known[-1]))
        at += timedelta(seconds=step)
    return found


def _happened(session: Session, row: Rollout, start: datetime, end: datetime) -> list[Annotation]:
    return [
        Annotation(entry.at, entry.kind, entry.title, entry.url, entry.ends_at)
        for entry in timeline.between(session, start, end)
        if entry.subject == f"flag:{row.flag}" or entry.kind in ("incident", "alert")
    ]

"""The thirty days in the control plane, marked as demo: deploys, incidents, a flag half rolled out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.cost import commands as cost
from app.cost.models import CostLine, CostMonth
from app.experiments import commands as experiments
from app.experiments.definition import read
from app.experiments.models import Experiment
from app.flags import commands as flags
from app.flags.flag import PRODUCTION
from app.flags.models import Flag, FlagState
from app.kpi import rebuilding
from app.series.models import SeriesPoint
from app.slo.models import SloBucket, SloHour
from app.timeline import commands as timeline
from app.timeline.models import TimelineEntry
from local.history import shape
from local.history.timeline import TIMELINE

WHO = "job:demo"
# Paid each month: component, name, vendor, cents. A small shop's bill, in euros.
COSTS = (
    ("hosting", "Two small servers", "Nordwolke", 2_000),
    ("database", "PostgreSQL, backed up daily", "Nordwolke", 2_500),
    ("queue", "Mail delivery", "Brieftaube", 600),
    ("payments", "Payment gateway, monthly fee", "Kassenhaus", 1_900),
    ("monitoring", "Alerts by telephone", "Nachtwache", 900),
)
PAID_FOR_DAYS = 92
# The entry that stands where the made-up part of the timeline ends; it also says that there is one.
MARK = "demo:history"


def loaded_until(session: Session) -> datetime | None:
    """When the demo history ends and the real one begins; None where there is no demo history."""
    found: datetime | None = session.scalar(select(TimelineEntry.at).where(TimelineEntry.key == MARK))
    return found


def write(session: Session, today: datetime, until: datetime) -> None:
    for number, entry in enumerate(TIMELINE):
        at = shape.moment(today, entry.day, entry.at)
        timeline.record(
            session,
            at,
            entry.kind,
            entry.title,
            entry.subject,
            entry.detail,
            ends_at=None if entry.minutes is None else at + timedelta(minutes=entry.minutes),
            key=f"demo:{number}",
            is_demo=True,
        )
    _roll_out(session, today)
    _experiment(session, today)
    since = (today - timedelta(days=PAID_FOR_DAYS)).date().replace(day=1)
    for component, name, vendor, cents in COSTS:
        cost.add_line(session, name, component, vendor, cents, since, WHO, until, is_demo=True)
    timeline.record(
        session,
        until,
        "note",
        "Demo history ends here",
        "demo",
        "All orders, sessions, metrics and entries before this moment are made up.",
        key=MARK,
        is_demo=True,
    )


def _roll_out(session: Session, today: datetime) -> None:
    """By the same command as a person, at the moments of the history; the flag is as old as that."""
    began = today - timedelta(days=shape.DAYS)
    flags.ensure_defaults(session, began)
    session.execute(update(Flag).where(Flag.name == shape.FLAG).values(created_at=began))
    for day, time, percent in shape.ROLLOUT:
        at = shape.moment(today, day, time)
        flags.set_percent(session, shape.FLAG, PRODUCTION, percent, now=at, who=WHO)
    ours = (TimelineEntry.subject == f"flag:{shape.FLAG}") & (TimelineEntry.detail == WHO)
    session.execute(update(TimelineEntry).where(ours).values(is_demo=True))


def _experiment(session: Session, today: datetime) -> None:
    """Two experiments on the flag, as long as its split stayed: one that is over and one that runs."""
    started, moved, _, halved = (shape.moment(today, day, time) for day, time, _ in shape.ROLLOUT)
    first = experiments.create(
        session, read(_plan("New checkout, a first tenth", 10)), started, WHO, is_demo=True
    )
    experiments.start(session, first.id, None, started, WHO)
    experiments.stop(session, first.id, None, moved, WHO)
    reason = "A tenth of so few shoppers decides nothing. Go on with half of them."
    said = {"decision": "inconclusive", "reason": reason}
    experiments.decide(session, first.id, None, said, moved + timedelta(minutes=4), WHO)
    second = experiments.create(session, read(_plan("New checkout for half", 50)), halved, WHO, is_demo=True)
    experiments.start(session, second.id, None, halved, WHO)


def _plan(name: str, percent: int) -> dict[str, object]:
    return {
        "name": name,
        "flag": shape.FLAG,
        "hypothesis": "With fewer fields on one page more of those who reach the checkout will order.",
        "variants": [{"name": "off", "weight": 100 - percent}, {"name": "on", "weight": percent}],
        "control": "off",
        "guards": [{"metric": "latency", "margin": 0.25}, {"metric": "order_value", "margin": 0.1}],
        "expected_effect": 0.08,
        "margin": 0.35,
        "exposure_cents": 1.0,
        "order_cents": 30.0,
    }


def remove(session: Session, until: datetime, now: datetime) -> None:
    """What was made up, and what jobs have computed from it. The audit trail forgets nothing, nor this."""
    state = session.get(FlagState, (shape.FLAG, PRODUCTION))
    if state is not None and state.changed_by == WHO:  # nobody has taken the rollout over
        flags.kill(session, shape.FLAG, PRODUCTION, now=now, who=WHO)
    session.execute(delete(TimelineEntry).where(TimelineEntry.is_demo | (TimelineEntry.detail == WHO)))
    session.execute(delete(Experiment).where(Experiment.is_demo))  # takes what was counted along
    session.execute(delete(CostLine).where(CostLine.is_demo))
    session.execute(delete(CostMonth).where(CostMonth.month <= until.astimezone(UTC).date()))
    session.execute(delete(SeriesPoint).where(SeriesPoint.at < until))
    for table in (SloBucket, SloHour):
        session.execute(delete(table).where(table.starts_at < until))
    rebuilding.forget_demo(session)

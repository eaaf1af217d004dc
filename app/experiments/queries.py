"""Reads of experiments, shaped for their pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.experiments.analysis import Analysis, Question, analyse
from app.experiments.definition import Definition, read
from app.experiments.metrics import METRICS, statistic
from app.experiments.models import Experiment, ExperimentBaseline, ExperimentCount
from app.experiments.money import Gain, gain
from app.experiments.stats import compare
from app.series import store

SHARE_KEY = "flag.share"
LARGEST_NUMBER = 2**31 - 1  # of an experiment: what its column holds
STALE_AFTER = timedelta(minutes=20)  # counting runs every 5 minutes
ORDER = ("running", "draft", "stopped", "decided")


@dataclass(frozen=True)
class Counted:
    """What was counted of one group of shoppers up to one day."""

    n: Mapping[str, int]  # by variant of the plan; 0 where nobody met it
    sums: Mapping[str, Mapping[str, float]]
    mixed: int  # met several variants: left out
    unexpected: Mapping[str, int]  # variants that the plan does not know


@dataclass(frozen=True)
class Results:
    """Everything that a page says about one experiment."""

    experiment: Experiment
    definition: Definition
    counted: Counted | None  # None: not counted yet
    analysis: Analysis | None
    gains: Mapping[str, Gain | None]  # by variant: what one more shopper brings, in cents
    shoppers_a_day: float | None
    is_stale: bool  # it runs, and was counted too long ago


def get(session: Session, number: int) -> Experiment:
    found = session.get(Experiment, number) if number <= LARGEST_NUMBER else None
    if found is None:
        raise NotFound(_l("There is no such experiment."))
    return found


def experiments(session: Session, flag: str | None = None) -> list[Experiment]:
    """Running ones first, then by age, newest first."""
    wanted = select(Experiment).order_by(Experiment.id.desc())
    if flag is not None:
        wanted = wanted.where(Experiment.flag == flag)
    return sorted(session.scalars(wanted), key=lambda one: ORDER.index(one.state))


def results(session: Session, experiment: Experiment, now: datetime) -> Results:
    days = _days_of(session, experiment, "", newest_only=True)
    return _results(experiment, days[max(days)] if days else None, now)


def all_results(session: Session, now: datetime, flag: str | None = None) -> list[Results]:
    return [results(session, one, now) for one in experiments(session, flag)]


def by_day(session: Session, experiment: Experiment, now: datetime) -> list[tuple[date, Results]]:
    """Cumulative: each day with everybody up to its end."""
    days = _days_of(session, experiment, "")
    return [(day, _results(experiment, days[day], now)) for day in sorted(days)]


def breakdown(
    session: Session, experiment: Experiment, dimension: str, now: datetime
) -> list[tuple[str, Results]]:
    """The newest day by locale, country or device; the largest group first."""
    newest = session.scalar(
        select(ExperimentCount.day)
        .where(ExperimentCount.experiment_id == experiment.id)
        .order_by(ExperimentCount.day.desc())
        .limit(1)
    )
    rows = session.scalars(
        select(ExperimentCount).where(
            ExperimentCount.experiment_id == experiment.id,
            ExperimentCount.dimension == dimension,
            ExperimentCount.day == newest,
        )
    )
    groups: dict[str, list[ExperimentCount]] = defaultdict(list)
    for row in rows:
        groups[row.value].append(row)
    found = [(value, _results(experiment, group, now)) for value, group in groups.items()]
    return sorted(found, key=lambda pair: -sum(pair[1].counted.n.values() if pair[1].counted else ()))


def to_count(session: Session, stopped_after: datetime) -> Sequence[Experiment]:
    """Those that run, and those that stopped lately or were never counted."""
    return session.scalars(
        select(Experiment)
        .where(
            Experiment.started_at.is_not(None),
            or_(
                Experiment.state == "running",
                Experiment.stopped_at > stopped_after,
                Experiment.counted_at.is_(None),
                Experiment.counted_at < Experiment.stopped_at,
            ),
        )
        .order_by(Experiment.id)
    ).all()


def counted_from(session: Session, experiment: Experiment) -> datetime | None:
    """The start, or the last change of the split after it, up to the stop."""
    if experiment.started_at is None:
        return None
    if experiment.state != "running":
        return experiment.counted_from or experiment.started_at
    point = store.latest(session, SHARE_KEY, {"flag": experiment.flag})
    return max(experiment.started_at, point.at) if point else experiment.started_at


def days_counted(session: Session, experiment: Experiment) -> set[date]:
    wanted = select(ExperimentCount.day).where(ExperimentCount.experiment_id == experiment.id).distinct()
    return set(session.scalars(wanted))


def baseline(session: Session, flag: str) -> ExperimentBaseline | None:
    """Of the flag where shoppers have met it lately, else of the whole shop."""
    found = session.get(ExperimentBaseline, flag) if flag else None
    return found if found is not None and found.n else session.get(ExperimentBaseline, "")


def _days_of(
    session: Session, experiment: Experiment, dimension: str, *, newest_only: bool = False
) -> dict[date, list[ExperimentCount]]:
    wanted = select(ExperimentCount).where(
        ExperimentCount.experiment_id == experiment.id, ExperimentCount.dimension == dimension
    )
    if newest_only:
        newest = (
            select(ExperimentCount.day)
            .where(ExperimentCount.experiment_id == experiment.id, ExperimentCount.dimension == dimension)
            .order_by(ExperimentCount.day.desc())
            .limit(1)
        )
        wanted = wanted.where(ExperimentCount.day == newest.scalar_subquery())
    days: dict[date, list[ExperimentCount]] = defaultdict(list)
    for row in session.scalars(wanted):
        days[row.day].append(row)
    return dict(days)


def _results(experiment: Experiment, rows: Sequence[ExperimentCount] | None, now: datetime) -> Results:
    definition = read(experiment.definition)
    counted = _counted(definition, rows) if rows is not None else None
    if experiment.counted_at is not None and counted is None:
        counted = _counted(definition, ())  # counted, and nobody was there
    a_day = _shoppers_a_day(experiment, counted)
    is_stale = (
        experiment.state == "running"
        and now - (experiment.counted_at or experiment.started_at or now) > STALE_AFTER
    )
    if counted is None:
        return Results(experiment, definition, None, None, {}, a_day, is_stale)
    analysis = analyse(definition.plan(a_day), questions(definition, counted), counted.n)
    return Results(experiment, definition, counted, analysis, _gains(definition, counted), a_day, is_stale)


def questions(definition: Definition, counted: Counted) -> list[Question]:
    """The goal first, then the guards."""
    margins = {guard.metric: guard.margin for guard in definition.guards}
    return [
        Question(
            key,
            {
                variant: statistic(
                    METRICS[key],
                    counted.n[variant],
                    counted.sums[variant],
                    definition.costs,
                    adjusted=definition.adjusted,
                )
                for variant in definition.weights
            },
            role="guard" if key in margins else "goal",
            less_is_better=METRICS[key].less_is_better,
            **({"margin": margins[key]} if key in margins else {}),
        )
        for key in (definition.goal, *margins)
    ]


def _counted(definition: Definition, rows: Sequence[ExperimentCount]) -> Counted:
    by_variant = {row.variant: row for row in rows}
    known = {name: by_variant.get(name) for name in definition.weights}
    return Counted(
        n={name: row.n if row else 0 for name, row in known.items()},
        sums={name: defaultdict(float, row.sums if row else {}) for name, row in known.items()},
        mixed=by_variant[""].n if "" in by_variant else 0,
        unexpected={name: row.n for name, row in by_variant.items() if name and name not in known},
    )


def _shoppers_a_day(experiment: Experiment, counted: Counted | None) -> float | None:
    """Of this experiment so far; None before a first hour has passed."""
    end = experiment.stopped_at or experiment.counted_at
    if counted is None or end is None or experiment.counted_from is None:
        return None
    days = (min(end, experiment.counted_at or end) - experiment.counted_from) / timedelta(days=1)
    return sum(counted.n.values()) / days if days > 1 / 24 else None


def _gains(definition: Definition, counted: Counted) -> dict[str, Gain | None]:
    """Always from revenue per shopper, whatever the goal."""
    revenue = {
        name: statistic(
            METRICS["revenue"],
            counted.n[name],
            counted.sums[name],
            definition.costs,
            adjusted=definition.adjusted,
        )
        for name in definition.weights
    }
    return {
        name: gain(
            compare(
                revenue[definition.control],
                revenue[name],
                difference="absolute",
                alpha=definition.alpha,
                tuning=definition.tuning,
            ),
            definition.margin,
            definition.exposure_cents,
        )
        for name in definition.weights
        if name != definition.control
    }

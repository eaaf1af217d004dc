"""Scheduled work of experiments: count, so that no page has to."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from app.db import transaction
from app.errors import Unavailable
from app.events import publish_on_commit
from app.experiments import commands, counting, queries
from app.experiments.analysis import is_ready
from app.experiments.definition import read
from app.experiments.models import Experiment

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.sources import Sources

log = logging.getLogger(__name__)

LATE = timedelta(days=2)  # orders and exposures may come so late; recent days are counted again
BASELINE_DAYS = 14
REPORTING = "PostgreSQL (reporting)"


def measure(session: Session, now: datetime, sources: Sources) -> str:
    """Count each experiment that runs, or stopped a while ago, day by day from where counting stands."""
    commands.end_planned(session, now)
    found = queries.to_count(session, now - LATE)
    days, failed = 0, None
    for experiment in found:
        try:
            with transaction(sources.reporting, REPORTING) as reporting:
                days += _count(session, reporting, experiment, now)
            _tell(session, experiment, now)
        except Unavailable as error:  # one that takes too long keeps the others from nothing
            log.warning("experiment %d was not counted: %s", experiment.id, error)
            failed = error
    publish_on_commit(session, sources.redis, "experiments")
    if failed is not None and not days:
        raise failed
    return f"{len(found)} experiments, {days} days counted"


def baselines(session: Session, now: datetime, sources: Sources) -> str:
    """What shoppers of each flag, and of the whole shop, did lately: what a plan is made from."""
    start = now - timedelta(days=BASELINE_DAYS)
    with transaction(sources.reporting, REPORTING) as reporting:
        flags = counting.flags_met(reporting, start, now)
        for flag in ("", *flags):
            n, sums = counting.baseline(reporting, flag, start, now)
            commands.save_baseline(session, flag, BASELINE_DAYS, n, sums, now)
    return f"{len(flags)} flags and the shop counted"


def _count(session: Session, reporting: Session, experiment: Experiment, now: datetime) -> int:
    since = queries.counted_from(session, experiment)
    if since is None or since >= now:
        return 0
    if since != experiment.counted_from:
        commands.count_anew(session, experiment, since)
    end = min(now, experiment.stopped_at or now)
    filters = read(experiment.definition).filters or {}
    days = _days(
        since.astimezone(UTC).date(), end.astimezone(UTC).date(), queries.days_counted(session, experiment)
    )
    for day in days:
        until = min(end, _midnight(day + timedelta(days=1)))
        counts = counting.count(reporting, experiment.flag, since, until, filters)
        commands.save_counts(session, experiment, day, counts, now)
    return len(days)


def _tell(session: Session, experiment: Experiment, now: datetime) -> None:
    if experiment.state != "running" or experiment.ready_at is not None:
        return
    found = queries.results(session, experiment, now).analysis
    if found is not None and is_ready(found):
        commands.tell_ready(session, experiment, found.verdict, now)


def _days(first: date, last: date, known: set[date]) -> list[date]:
    """Missing days, and the recent ones again."""
    every = (first + timedelta(days=index) for index in range((last - first).days + 1))
    return [day for day in every if day not in known or day >= last - LATE]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)

"""Scheduled work of rollouts: look at each every five seconds, tell people, read how any moved flag fares."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from app.db import transaction
from app.errors import Unavailable
from app.events import publish_on_commit
from app.experiments import facts
from app.mail import deliver, send_each
from app.rollouts import commands, looking, mails, queries
from app.rollouts.progress import Group

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.prometheus import Prometheus
    from app.sources import Sources

log = logging.getLogger(__name__)

MAILS_AT_ONCE = 20
TRIES = timedelta(days=1)  # how long a mail that is not accepted is tried again
LOOK_BACK = timedelta(days=7)
SHORTEST = timedelta(minutes=1)  # a range of Prometheus needs two scrapes
# `increase` sees a series only from its second sample on; the shop makes the series of a flag beforehand.
JOURNEYS = 'sum by (variant, outcome) (increase(shop_variant_journeys_total{{flag="{flag}"}}[{seconds}s]))'

Outcomes = Mapping[str, Mapping[str, float]]  # variant → outcome → journeys


def decide(session: Session, now: datetime, sources: Sources) -> str:
    """One look at each rollout, each in a transaction of its own: one that fails stops no other."""
    numbers = commands.open_numbers(session)
    failed = [number for number in numbers if not _look(number, now, sources)]
    if failed:
        raise Unavailable(f"No look at the rollouts {failed}", "rollouts")
    return f"{len(numbers)} rollouts looked at"


def _look(number: int, now: datetime, sources: Sources) -> bool:
    try:
        with transaction(sources.control, "PostgreSQL") as session:
            row = commands.locked(session, number)
            decision = looking.look(session, row, now, sources) if row else None
            for topic in ("rollouts", "flags", "timeline") if decision else ():
                publish_on_commit(session, sources.redis, topic)
    except Exception:  # isolated: logged, and the job counts as failed
        log.exception("no look at rollout %s", number)
        return False
    return True


def tell(session: Session, now: datetime, sources: Sources) -> str:
    """Mail what was decided to who is to know. A mail keeps its name at each try, so it is there once."""
    due = queries.unmailed(session, now - TRIES, MAILS_AT_ONCE)
    return send_each(due, lambda number: _mail(number, now, sources))


def _mail(number: int, now: datetime, sources: Sources) -> None:
    with transaction(sources.control, "PostgreSQL") as session:
        if (found := queries.mail_due(session, number)) is not None:
            entry, row = found
            deliver(sources.config, mails.mail(sources.config.control_url, row, entry), entry.at)
            entry.mailed_at = now


def measure(session: Session, now: datetime, sources: Sources) -> str:
    """Both sources are read apart: where one is silent, the other's numbers are kept."""
    found = queries.watched(session, now)
    for rollout in found:
        moved_at = rollout.state.moved_at or now - LOOK_BACK
        since = max(moved_at, now - LOOK_BACK)
        if since < now:
            groups = _groups(sources, rollout.flag.name, since, now)
            commands.save(session, rollout.flag.name, groups, since, now)
    commands.prune(session, now)
    publish_on_commit(session, sources.redis, "rollouts")
    return f"{len(found)} rollouts read"


def _groups(sources: Sources, flag: str, since: datetime, now: datetime) -> list[Group]:
    journeys = _journeys(sources.prometheus, flag, since, now)
    arms = _arms(sources, flag, since, now)
    variants = sorted({*(journeys or {}), *(arms or {})})
    return [_group(variant, journeys, arms) for variant in variants]


def _group(variant: str, journeys: Outcomes | None, arms: Mapping[str, tuple[int, int]] | None) -> Group:
    exposures, converted = (None, None) if arms is None else arms.get(variant, (0, 0))
    told = None if journeys is None else journeys.get(variant, {})
    return Group(
        variant,
        exposures,
        converted,
        good=None if told is None else told.get("good", 0.0),
        bad=None if told is None else told.get("bad", 0.0),
    )


def _journeys(prometheus: Prometheus, flag: str, since: datetime, now: datetime) -> Outcomes | None:
    seconds = int(max(now - since, SHORTEST).total_seconds())
    try:
        samples = prometheus.query(JOURNEYS.format(flag=flag, seconds=seconds), at=now)
    except Unavailable:
        return None
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for sample in samples:
        found[sample.labels["variant"]][sample.labels["outcome"]] = sample.value
    return found


def _arms(sources: Sources, flag: str, since: datetime, now: datetime) -> dict[str, tuple[int, int]] | None:
    try:
        with transaction(sources.reporting, "PostgreSQL (reporting)") as reporting:
            counted = facts.count_arms(reporting, flag, since, now)
    except Unavailable:
        return None
    return {arm.variant: (arm.exposures, arm.converted) for arm in counted.arms}

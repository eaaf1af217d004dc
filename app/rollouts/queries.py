"""Reads of rollouts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.flags import queries as flags
from app.flags.flag import PRODUCTION
from app.flags.rows import Row, State
from app.rollouts.models import RolloutReading
from app.rollouts.progress import Group, control_of, is_rolling, state_of
from app.series import store
from app.series.store import Point

SHARE_KEY = "flag.share"
STEPS = timedelta(days=90)


@dataclass(frozen=True)
class Rollout:
    """A flag on its way, with the latest reading of its groups."""

    flag: Row
    state: State
    groups: Sequence[Group]
    since: datetime | None  # the reading's span
    read_at: datetime | None  # None: nothing has been read since the last move

    @property
    def control(self) -> Group | None:
        return control_of(self.groups)

    @property
    def treated(self) -> list[Group]:
        return [group for group in self.groups if group != self.control]

    @property
    def look(self) -> str:
        return state_of(self.groups)


def rollouts(session: Session, now: datetime) -> list[Rollout]:
    """Flags on their way in production, no drills; what looks worst stands first, then the latest moved."""
    rolling = [row for row in flags.rows(session, now) if _is_rolling(row, now)]
    readings = _latest(session)
    found = [_rollout(row, readings.get(row.name, [])) for row in rolling]
    return sorted(found, key=lambda one: (one.look != "risk", _age(one.state, now), one.flag.name))


def one(session: Session, name: str, now: datetime) -> Rollout:
    """A rollout by its flag's name, on its way or not. Raises `NotFound`."""
    row = flags.one(session, name, now)
    if PRODUCTION not in row.states:
        raise NotFound(_l("There is no such flag in production."))
    return _rollout(row, _latest(session, name).get(name, []))


def steps(session: Session, name: str, now: datetime) -> list[Point]:
    """Every share that the flag has had in production lately, the oldest first."""
    return store.between(session, SHARE_KEY, now - STEPS, now + timedelta(seconds=1), {"flag": name})


def readings(session: Session, name: str, start: datetime, end: datetime) -> list[RolloutReading]:
    query = (
        select(RolloutReading)
        .where(RolloutReading.flag == name, RolloutReading.at >= start, RolloutReading.at < end)
        .order_by(RolloutReading.at, RolloutReading.variant)
    )
    return list(session.scalars(query))


def _is_rolling(row: Row, now: datetime) -> bool:
    state = row.states.get(PRODUCTION)
    if state is None or row.is_drill:
        return False
    return is_rolling(state.reach.percent, state.reach.is_targeted, state.moved_at, now)


def _age(state: State, now: datetime) -> timedelta:
    return now - (state.moved_at or state.changed_at)


def _latest(session: Session, name: str | None = None) -> dict[str, list[RolloutReading]]:
    newest = select(RolloutReading.flag, func.max(RolloutReading.at).label("at")).group_by(
        RolloutReading.flag
    )
    if name is not None:
        newest = newest.where(RolloutReading.flag == name)
    latest = newest.subquery()
    query = select(RolloutReading).join(
        latest, (latest.c.flag == RolloutReading.flag) & (latest.c.at == RolloutReading.at)
    )
    found: dict[str, list[RolloutReading]] = {}
    for reading in session.scalars(query.order_by(RolloutReading.variant)):
        found.setdefault(reading.flag, []).append(reading)
    return found


def _rollout(row: Row, read: list[RolloutReading]) -> Rollout:
    """A reading from before the last move tells of other groups and is left out."""
    state = row.states[PRODUCTION]
    current = [one for one in read if state.moved_at is None or one.at >= state.moved_at]
    return Rollout(
        flag=row,
        state=state,
        groups=[Group(one.variant, one.exposures, one.converted, one.good, one.bad) for one in current],
        since=current[0].since if current else None,
        read_at=current[0].at if current else None,
    )

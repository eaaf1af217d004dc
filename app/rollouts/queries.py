"""Reads of rollouts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.flags import queries as flags
from app.flags.flag import PRODUCTION
from app.flags.rows import Row, State
from app.rollouts.models import Rollout, RolloutDecision, RolloutFreeze, RolloutLook, RolloutReading
from app.rollouts.progress import Group, control_of, is_rolling, state_of
from app.series import store
from app.series.store import Point

SHARE_KEY = "flag.share"
STEPS = timedelta(days=90)
HISTORY = 200
ENDED = 50


def freeze(session: Session) -> RolloutFreeze | None:
    """The freeze of all rollouts that holds now."""
    return session.scalar(select(RolloutFreeze).where(RolloutFreeze.thawed_at.is_(None)))


def numbered(session: Session, number: int) -> Rollout:
    row = session.get(Rollout, number)
    if row is None:
        raise NotFound(_l("There is no such rollout."))
    return row


OPEN_FIRST = (Rollout.ended_at.is_(None).desc(), Rollout.id.desc())


def wanted(state: str, flag: str) -> Select[Any]:
    """`state`: open, ended or both; `flag`: of one alone."""
    query = select(Rollout).where(Rollout.flag == flag) if flag else select(Rollout)
    if not state:
        return query
    return query.where(Rollout.ended_at.is_(None) if state == "open" else Rollout.ended_at.is_not(None))


def open_rollouts(session: Session) -> list[Rollout]:
    return list(
        session.scalars(select(Rollout).where(Rollout.ended_at.is_(None)).order_by(Rollout.id.desc()))
    )


def ended_rollouts(session: Session, most: int = ENDED) -> list[Rollout]:
    query = select(Rollout).where(Rollout.ended_at.is_not(None))
    return list(session.scalars(query.order_by(Rollout.ended_at.desc(), Rollout.id.desc()).limit(most)))


def of_flag(session: Session, flag: str) -> list[Rollout]:
    """All rollouts of a flag, those that are on their way first, then the latest."""
    query = select(Rollout).where(Rollout.flag == flag)
    return list(
        session.scalars(query.order_by(Rollout.ended_at.is_(None).desc(), Rollout.id.desc()).limit(ENDED))
    )


def decisions_of(number: int) -> Select[Any]:
    return select(RolloutDecision).where(RolloutDecision.rollout_id == number)


def decisions(session: Session, number: int, most: int = HISTORY) -> list[RolloutDecision]:
    """The latest first."""
    query = decisions_of(number)
    return list(
        session.scalars(query.order_by(RolloutDecision.at.desc(), RolloutDecision.id.desc()).limit(most))
    )


def evidence(session: Session, number: int) -> dict[str, Any]:
    """Of the latest decision that rests on some."""
    query = select(RolloutDecision.evidence).where(
        RolloutDecision.rollout_id == number, RolloutDecision.evidence != {}
    )
    found = session.scalar(query.order_by(RolloutDecision.at.desc(), RolloutDecision.id.desc()).limit(1))
    return found or {}


def last_look(session: Session, number: int) -> RolloutLook | None:
    query = select(RolloutLook).where(RolloutLook.rollout_id == number)
    return session.scalar(query.order_by(RolloutLook.at.desc()).limit(1))


def looks(session: Session, number: int, start: datetime, end: datetime) -> list[RolloutLook]:
    query = select(RolloutLook).where(
        RolloutLook.rollout_id == number, RolloutLook.at >= start, RolloutLook.at < end
    )
    return list(session.scalars(query.order_by(RolloutLook.at)))


def unmailed(session: Session, since: datetime, most: int) -> list[int]:
    """Numbers of decisions that somebody is still to be told of, the oldest first."""
    due = (RolloutDecision.mail_to != "") & RolloutDecision.mailed_at.is_(None)
    query = select(RolloutDecision.id).where(due, RolloutDecision.at >= since)
    return list(session.scalars(query.order_by(RolloutDecision.id).limit(most)))


def mail_due(session: Session, number: int) -> tuple[RolloutDecision, Rollout] | None:
    """A decision that is still to be told, and that nobody else is about to tell."""
    query = (
        select(RolloutDecision, Rollout)
        .join(Rollout, Rollout.id == RolloutDecision.rollout_id)
        .where(RolloutDecision.id == number, RolloutDecision.mailed_at.is_(None))
        .with_for_update(of=RolloutDecision, skip_locked=True)
    )
    found = session.execute(query).first()
    return (found[0], found[1]) if found else None


@dataclass(frozen=True)
class Watched:
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


def watched(session: Session, now: datetime) -> list[Watched]:
    """Flags on their way in production, no drills; what looks worst stands first, then the latest moved."""
    rolling = [row for row in flags.rows(session, now) if _is_rolling(row, now)]
    readings = _latest(session)
    found = [_watched(row, readings.get(row.name, [])) for row in rolling]
    return sorted(found, key=lambda one: (one.look != "risk", _age(one.state, now), one.flag.name))


def one(session: Session, name: str, now: datetime) -> Watched:
    """A rollout by its flag's name, on its way or not. Raises `NotFound`."""
    row = flags.one(session, name, now)
    if PRODUCTION not in row.states:
        raise NotFound(_l("There is no such flag in production."))
    return _watched(row, _latest(session, name).get(name, []))


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


def _watched(row: Row, read: list[RolloutReading]) -> Watched:
    """A reading from before the last move tells of other groups and is left out."""
    state = row.states[PRODUCTION]
    current = [one for one in read if state.moved_at is None or one.at >= state.moved_at]
    return Watched(
        flag=row,
        state=state,
        groups=[Group(one.variant, one.exposures, one.converted, one.good, one.bad) for one in current],
        since=current[0].since if current else None,
        read_at=current[0].at if current else None,
    )

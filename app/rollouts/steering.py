"""A rollout's hand on its flag. What a person did to the flag meanwhile is seen, and never overwritten."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.errors import Conflict, NotFound, Refused
from app.flags import targeting, writing
from app.flags.models import FlagState
from app.flags.percent import can_move
from app.flags.writing import change_state, check_segments, locked_state, state_of
from app.rollouts import aim
from app.rollouts.models import Rollout
from app.rollouts.plan import Plan

Json = dict[str, Any]
GONE = "…"  # who archived a flag is told by its own history


def current(session: Session, flag: str, environment: str) -> Json:
    """The flag in its environment, locked until the transaction ends. Raises `NotFound`."""
    return state_of(locked_state(session, flag, environment)[1])


def check_movable(state: Json) -> None:
    if not can_move(state["strategies"]):
        raise Refused(
            _l("The rollout was not started."),
            {"flag": _l("Several strategies decide this flag already. Leave it one, or none.")},
        )


def check_revision(session: Session, flag: str, environment: str, expected: int | None) -> None:
    writing.check_revision(locked_state(session, flag, environment)[1].revision, expected)


def changed_by(session: Session, row: Rollout) -> str:
    """Who changed the flag since the rollout last did; "" when nobody did."""
    try:
        _, state = locked_state(session, row.flag, row.environment)
    except NotFound:
        return GONE
    return "" if state_of(state) == row.placed else state.changed_by


def set_step(session: Session, row: Rollout, plan: Plan, step: int, now: datetime, who: str) -> None:
    strategies = aim.strategies(plan, step, row.before["strategies"], row.flag)
    _put(session, row, {"enabled": True, "strategies": strategies}, now, who)


def give_back(session: Session, row: Rollout, now: datetime, who: str) -> None:
    """The flag as it was before the rollout."""
    _put(session, row, {name: row.before[name] for name in ("enabled", "strategies")}, now, who)


def switch_off(session: Session, row: Rollout, now: datetime, who: str) -> None:
    _put(session, row, {"enabled": False}, now, who)


def _put(session: Session, row: Rollout, wanted: Json, now: datetime, who: str) -> None:
    if row.placed and (hand := changed_by(session, row)):
        raise Conflict(
            _l("%(who)s changed the flag meanwhile. Nothing was overwritten; look at it first.", who=hand)
        )
    checked = {**wanted}
    if "strategies" in wanted:
        checked["strategies"] = targeting.checked_strategies(wanted["strategies"], row.flag)
        check_segments(session, targeting.segments_of(checked["strategies"]), "segments")

    def change(state: FlagState) -> None:
        for name, value in checked.items():
            setattr(state, name, value)

    change_state(session, row.flag, row.environment, "flag.rollout", change, now, who)
    row.placed = current(session, row.flag, row.environment)

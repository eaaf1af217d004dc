"""What people do to a rollout, by the name of the action: the buttons of its page, the routes of the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.errors import Refused
from app.guards import person, token, who
from app.rollouts import commands
from app.rollouts.models import Rollout
from app.ui.timerange import read_moment

Json = Mapping[str, Any]
Command = Callable[[Session, int, int | None, datetime, str, str], Rollout]
Act = Callable[[Session, int, datetime, Json], Rollout]


def _with_reason(command: Command) -> Act:
    def act(session: Session, number: int, now: datetime, said: Json) -> Rollout:
        return command(session, number, _version(said), now, who(), said.get("reason") or "")

    return act


def _approve(session: Session, number: int, now: datetime, said: Json) -> Rollout:
    """`step` is counted from 1, as people do."""
    step = said.get("step")
    following = None if step is None else int(step) - 1
    return commands.approve(session, number, _version(said), now, who(), role(), following)


def _override(session: Session, number: int, now: datetime, said: Json) -> Rollout:
    until = read_moment(said.get("until") or "")
    if until is None:
        raise Refused(_l("The budget was not overridden."), {"until": _l("Give a time.")})
    return commands.override(session, number, _version(said), now, who(), said.get("reason") or "", until)


def _version(said: Json) -> int | None:
    version = said.get("version")
    return None if version is None else int(version)


ACTIONS: Mapping[str, Act] = {
    "pause": _with_reason(commands.pause),
    "resume": _with_reason(commands.resume),
    "advance": _with_reason(commands.advance),
    "roll-back": _with_reason(commands.roll_back),
    "finish": _with_reason(commands.finish),
    "abort": _with_reason(commands.abort),
    "approve": _approve,
    "override": _override,
}


def role() -> str:
    """Of the person or token that makes this request."""
    holder = person() or token()
    return (holder.role if holder else None) or ""

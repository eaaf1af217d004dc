"""Writes of environments. Nothing commits here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import false, func, insert, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.audit import commands as audit
from app.errors import Conflict, NotFound, Refused
from app.flags import environment as rules
from app.flags.flag import PRODUCTION
from app.flags.models import Environment, Flag, FlagState
from app.flags.writing import next_revision

Json = dict[str, Any]


def create(session: Session, name: object, kind: object, now: datetime, who: str) -> None:
    """A place where every flag is off; it comes last on pages."""
    name, kind = rules.checked_name(name), rules.checked_type(kind)
    if (session.scalar(select(func.count()).select_from(Environment)) or 0) >= rules.MOST_ENVIRONMENTS:
        raise Conflict(_l("There are %(most)s environments already.", most=rules.MOST_ENVIRONMENTS))
    revision = next_revision(session)  # held: no flag is made in between without a state here
    last = session.scalar(select(func.max(Environment.position))) or 0
    environment = Environment(
        name=name, type=kind, position=last + 1, requires_approval=False, approvals_needed=1
    )
    try:
        with session.begin_nested():
            session.add(environment)
    except IntegrityError:
        raise Conflict(
            _l("The environment was not saved."),
            {"name": _l("There is such an environment already.")},
        ) from None
    columns = (FlagState.flag, FlagState.environment, FlagState.enabled, FlagState.strategies)
    more = (FlagState.variants, FlagState.revision, FlagState.changed_at, FlagState.changed_by)
    empty = literal([], JSONB)
    every_flag = select(
        Flag.name, literal(name), false(), empty, empty, literal(revision), literal(now), literal(who)
    )
    session.execute(insert(FlagState).from_select([*columns, *more], every_flag))
    audit.record(session, who, "environment.create", _subject(name), {}, details_of(environment), now)


def change(session: Session, name: str, changes: Mapping[str, object], now: datetime, who: str) -> bool:
    """Any of type, requires_approval, approvals_needed. Whether anything changed."""
    environment = _locked(session, name)
    before = details_of(environment)
    wanted = before | dict(changes)
    if unknown := sorted(set(changes) - {"type", "requires_approval", "approvals_needed"}):
        raise Refused(_l("The environment was not saved."), {unknown[0]: _l("There is no such field.")})
    environment.type = rules.checked_type(wanted["type"])
    environment.requires_approval, environment.approvals_needed = rules.checked_approvals(
        wanted["requires_approval"], wanted["approvals_needed"]
    )
    return _audit(session, who, "environment.change", environment, before, now)


def reorder(session: Session, names: Sequence[str], now: datetime, who: str) -> None:
    """All environments in the order that pages show them."""
    found = {
        row.name: row
        for row in session.scalars(select(Environment).order_by(Environment.name).with_for_update())
    }
    if sorted(names) != sorted(found):
        raise Conflict(_l("The environment was not saved."), {"names": _l("Name each environment once.")})
    before = sorted(found, key=lambda name: found[name].position)
    for position, name in enumerate(names, start=1):
        found[name].position = position
    if before != list(names):
        audit.record(
            session, who, "environment.order", "environments", {"order": before}, {"order": list(names)}, now
        )
        next_revision(session)  # so that every process hears of it


def set_archived(session: Session, name: str, archived: bool, now: datetime, who: str) -> bool:
    """Pages no longer show an archived one; SDKs that still ask keep its last state. Whether it changed."""
    environment = _locked(session, name)
    if archived and name == PRODUCTION:
        raise Conflict(_l("Production stays: charts and the timeline tell of it."))
    before = details_of(environment)
    if archived != (environment.archived_at is not None):
        environment.archived_at = now if archived else None
        next_revision(session)  # so that every process hears of it
    return _audit(session, who, "environment.archive", environment, before, now)


def details_of(environment: Environment) -> Json:
    return {
        "type": environment.type,
        "requires_approval": environment.requires_approval,
        "approvals_needed": environment.approvals_needed,
        "archived": environment.archived_at is not None,
    }


def _subject(name: str) -> str:
    return f"environment:{name}"


def _locked(session: Session, name: str) -> Environment:
    environment = session.get(Environment, name, with_for_update={"key_share": True}, populate_existing=True)
    if environment is None:
        raise NotFound(_l("There is no such environment."))
    return environment


def _audit(
    session: Session, who: str, action: str, environment: Environment, before: Json, now: datetime
) -> bool:
    after = details_of(environment)
    if before == after:
        return False
    audit.record(session, who, action, _subject(environment.name), before, after, now)
    return True

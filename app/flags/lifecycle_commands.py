"""Writes of a flag's life: completed, archived, revived, deleted, cloned. Nothing commits here."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.flags import approval, commands, dependency_commands, lifecycle
from app.flags.flag import Details
from app.flags.models import Flag, FlagState
from app.flags.percent import for_flag
from app.flags.writing import audited, change_flag, details_of, lock_graph, locked_flag, next_revision


def complete(
    session: Session, name: str, outcome: object, variant: object, now: datetime, who: str
) -> int | None:
    """The question that the flag asked is answered: its code may go."""
    kept, named = lifecycle.checked_outcome(outcome, variant)

    def change(flag: Flag) -> None:
        flag.completed_at = flag.completed_at or now
        flag.outcome, flag.outcome_variant = kept, named

    return change_flag(session, name, "flag.complete", change, now, who)


def reopen(session: Session, name: str, now: datetime, who: str) -> int | None:
    """It is not decided after all."""

    def change(flag: Flag) -> None:
        flag.completed_at = flag.outcome = flag.outcome_variant = None

    return change_flag(session, name, "flag.reopen", change, now, who)


def archive(session: Session, name: str, now: datetime, who: str) -> int | None:
    """Take a flag away from SDKs and lists; everybody is off then. `revive` brings it back as it was."""
    return _set_archived(session, name, True, now, who)


def revive(session: Session, name: str, now: datetime, who: str) -> int | None:
    return _set_archived(session, name, False, now, who)


def delete(session: Session, name: str, now: datetime, who: str) -> None:
    """For good: what it did is forgotten and its name is free. Only what is archived can be deleted."""
    flag = locked_flag(session, name)
    if flag.archived_at is None:
        raise Conflict(_l("Archive the flag first."))
    before = details_of(flag)
    for state in session.scalars(select(FlagState).where(FlagState.flag == name)):
        state.enabled, state.strategies, state.variants = False, [], []
    flag.deleted_at, flag.dependencies = now, []
    flag.revision = next_revision(session)
    audited(session, who, "flag.delete", name, before, {}, now)


def clone(session: Session, name: str, new_name: str, now: datetime, who: str) -> None:
    """Another flag with the same words and targeting, off everywhere."""
    flag = locked_flag(session, name)
    details = Details(flag.type, flag.description, flag.owner, tuple(flag.tags))
    commands.create(session, new_name, details, now, who, flag.project)
    new_name = new_name.strip()
    copy = locked_flag(session, new_name)
    copy.links, copy.impression_data = flag.links, flag.impression_data
    copy.dependencies, copy.expected_lifetime_days = flag.dependencies, flag.expected_lifetime_days
    for state in session.scalars(select(FlagState).where(FlagState.flag == name)):
        made = session.get_one(FlagState, (new_name, state.environment))
        made.strategies, made.variants = for_flag(state.strategies, name, new_name), state.variants
    session.flush()


def _set_archived(session: Session, name: str, archived: bool, now: datetime, who: str) -> int | None:
    lock_graph(session)
    if archived:
        approval.check_archive(session, name, who)

    def change(flag: Flag) -> None:
        if archived == (flag.archived_at is not None):
            return
        dependency_commands.check_archived(session, flag, archived)
        flag.archived_at = now if archived else None

    return change_flag(session, name, "flag.archive" if archived else "flag.revive", change, now, who)

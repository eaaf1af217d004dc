"""Writes of flags and of what they do in each environment; their life is in lifecycle_commands.py.

Nothing commits here. A change that changes nothing is none: no revision, no entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.audit.models import AuditEntry
from app.errors import Conflict, NotFound
from app.flags import dependency_commands, targeting
from app.flags import flag as rules
from app.flags.defaults import DEFAULTS
from app.flags.models import Environment, Flag, FlagState
from app.flags.percent import checked_percent, moved
from app.flags.writing import (
    audited,
    change_flag,
    change_state,
    check_segments,
    details_of,
    environment_names,
    lock_graph,
    new_state,
    next_revision,
    state_of,
    subject,
)

ENVIRONMENTS = (
    (rules.DEVELOPMENT, 1, "development"),
    (rules.PRODUCTION, 2, "production"),
)

Json = dict[str, Any]


def ensure_environments(session: Session) -> None:
    rows = [{"name": name, "position": position, "type": type_} for name, position, type_ in ENVIRONMENTS]
    session.execute(insert(Environment).values(rows).on_conflict_do_nothing())


def create(
    session: Session,
    name: str,
    details: rules.Details,
    now: datetime,
    who: str,
    project: str = rules.DEFAULT_PROJECT,
) -> None:
    """A flag that is off everywhere. Switched on before it was moved or targeted, it is on for everybody."""
    name = rules.checked_name(name)
    _free_name(session, name)
    flag = Flag(
        name=name,
        impression_data=False,
        is_stale=False,
        links=[],
        dependencies=[],
        created_at=now,
        created_by=who,
        revision=next_revision(session),
        **(_columns(details) | rules.checked_changes({"project": project})),
    )
    try:
        with session.begin_nested():
            session.add(flag)
    except IntegrityError:
        raise _name_is_taken() from None
    session.add_all(new_state(flag, environment, now, who) for environment in environment_names(session))
    session.flush()
    audited(session, who, "flag.create", name, None, details_of(flag), now)


def describe(
    session: Session, name: str, details: rules.Details, now: datetime, who: str, expected: int | None = None
) -> int | None:
    """The words of a flag, all at once, as a form sends them."""
    return _set_columns(session, name, "flag.describe", _columns(details), now, who, expected)


def patch(
    session: Session,
    name: str,
    changes: Mapping[str, object],
    now: datetime,
    who: str,
    expected: int | None = None,
) -> int | None:
    """Some columns of a flag, see flag.checked_changes; the others stay."""
    return _set_columns(session, name, "flag.describe", rules.checked_changes(changes), now, who, expected)


def mark_stale(session: Session, name: str, stale: bool, now: datetime, who: str) -> int | None:
    return _set_columns(session, name, "flag.stale", {"is_stale": stale}, now, who)


def set_percent(
    session: Session,
    name: str,
    environment: str,
    percent: object,
    now: datetime,
    who: str,
    expected: int | None = None,
) -> int | None:
    """Give the flag to so many percent, enabling it. Answers the audit entry's id, None without a change."""
    share = checked_percent(percent)

    def change(state: FlagState) -> None:
        state.strategies = moved(state.strategies, share, name)
        state.enabled = True

    return change_state(session, name, environment, "flag.rollout", change, now, who, expected)


def set_enabled(
    session: Session,
    name: str,
    environment: str,
    enabled: bool,
    now: datetime,
    who: str,
    expected: int | None = None,
) -> int | None:
    """Off keeps strategies and percentage for the next on."""

    def change(state: FlagState) -> None:
        state.enabled = enabled

    return change_state(session, name, environment, "flag.switch", change, now, who, expected)


def kill(session: Session, name: str, environment: str, now: datetime, who: str) -> int | None:
    """Off for everybody at once, whatever others are editing: no revision is asked for."""

    def change(state: FlagState) -> None:
        state.enabled = False

    return change_state(session, name, environment, "flag.kill", change, now, who)


def set_targeting(
    session: Session,
    name: str,
    environment: str,
    strategies: object,
    variants: object,
    now: datetime,
    who: str,
    expected: int | None = None,
    action: str = "flag.targeting",
) -> int | None:
    """Strategies and variants as on the wire, checked in full before anything is stored."""
    checked = targeting.checked_strategies(strategies, name)
    named = targeting.checked_variants(variants)

    def change(state: FlagState) -> None:
        check_segments(session, targeting.segments_of(checked))
        state.strategies, state.variants = checked, named

    return change_state(session, name, environment, action, change, now, who, expected)


def copy_state(
    session: Session,
    name: str,
    source: str,
    target: str,
    now: datetime,
    who: str,
    expected: int | None = None,
) -> int | None:
    """Strategies and variants of one environment for another; on or off stays as it is there."""
    state = session.get(FlagState, (name, source))
    if state is None:
        raise NotFound(_l("There is no flag %(name)s in %(environment)s.", name=name, environment=source))
    strategies, variants = state.strategies, state.variants

    def change(found: FlagState) -> None:
        found.strategies, found.variants = strategies, variants

    return change_state(session, name, target, "flag.copy", change, now, who, expected)


def undo(session: Session, name: str, entry_id: int, now: datetime, who: str) -> int | None:
    """Set back one change of one environment. Refused with `Conflict` where it changed again since."""
    entry = session.get(AuditEntry, entry_id)
    if entry is None or entry.subject != subject(name) or not entry.before or not entry.after:
        raise NotFound(_l("There is no such change to undo."))
    if "environment" not in entry.before:
        return _undo_flag(session, name, entry.before, entry.after, now, who)
    return _undo_state(session, name, entry.before, entry.after, now, who)


def ensure_defaults(session: Session, now: datetime, who: str = "job:init") -> None:
    """What a new installation starts with, see defaults.py; what is there already stays as it is."""
    ensure_environments(session)
    known = set(session.scalars(select(Flag.name)))
    for name, details in DEFAULTS.items():
        if name not in known:
            create(session, name, details, now, who)


def _free_name(session: Session, name: str) -> None:
    """Of a flag that was deleted only its name is left; whoever takes it starts anew."""
    flag = session.get(Flag, name, with_for_update=True)
    if flag is None:
        return
    if flag.deleted_at is None:
        raise _name_is_taken()
    session.delete(flag)
    session.flush()


def _name_is_taken() -> Conflict:
    return Conflict(_l("The flag was not saved."), {"name": _l("There is a flag of this name already.")})


def _columns(details: rules.Details) -> Json:
    return {
        "type": details.type,
        "description": details.description,
        "owner": details.owner,
        "tags": list(details.tags),
    }


def _set_columns(
    session: Session,
    name: str,
    action: str,
    columns: Json,
    now: datetime,
    who: str,
    expected: int | None = None,
) -> int | None:
    def change(flag: Flag) -> None:
        for column, value in columns.items():
            setattr(flag, column, value)

    return change_flag(session, name, action, change, now, who, expected)


def _undo_state(
    session: Session, name: str, before: Json, after: Json, now: datetime, who: str
) -> int | None:
    def change(state: FlagState) -> None:
        _check_unchanged(state_of(state), after)
        new = targeting.segments_of(before["strategies"]) - targeting.segments_of(state.strategies)
        check_segments(session, new)
        state.enabled = before["enabled"]
        state.strategies, state.variants = before["strategies"], before["variants"]

    return change_state(session, name, before["environment"], "flag.undo", change, now, who)


def _undo_flag(session: Session, name: str, before: Json, after: Json, now: datetime, who: str) -> int | None:
    """Only what this change changed; entries of former releases know fewer columns."""
    changed = {key for key in before if key in after and before[key] != after[key]}
    if "dependencies" in changed:
        dependency_commands.lock_for(session, name, before["dependencies"])
    elif "archived" in changed:
        lock_graph(session)

    def change(flag: Flag) -> None:
        current = details_of(flag)
        _check_unchanged({key: current.get(key) for key in after}, after)
        if "dependencies" in changed:
            dependency_commands.check(session, name, before["dependencies"])
        for column in changed - {"archived", "completed"}:
            setattr(flag, column, before[column])
        if "archived" in changed:
            dependency_commands.check_archived(session, flag, before["archived"])
            flag.archived_at = now if before["archived"] else None
        if "completed" in changed:
            flag.completed_at = now if before["completed"] else None

    return change_flag(session, name, "flag.undo", change, now, who)


def _check_unchanged(current: Json, left_by_change: Json) -> None:
    if current != left_by_change:
        raise Conflict(_l("The flag changed again since, so this change alone cannot be undone."))

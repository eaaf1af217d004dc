"""Writes of flags: each is locked, checked, audited, put on the timeline and given a revision.

Nothing commits here. A change that changes nothing is none: no revision, no entry.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.audit import commands as audit
from app.audit.models import AuditEntry
from app.errors import Conflict, NotFound
from app.flags import flag as rules
from app.flags import targeting
from app.flags.defaults import DEFAULTS
from app.flags.models import Environment, Flag, FlagRevision, FlagState
from app.flags.percent import checked_percent, moved, reach
from app.series import store
from app.timeline import commands as timeline

PROJECT = "default"
SHARE_KEY = "flag.share"
ENVIRONMENTS = ((rules.DEVELOPMENT, 1), (rules.PRODUCTION, 2))

Json = dict[str, Any]


def next_revision(session: Session) -> int:
    """One more, under a row lock held to the end of the transaction: revisions appear in their order."""
    statement = insert(FlagRevision).values(id=1, revision=1)
    bumped = statement.on_conflict_do_update(
        index_elements=["id"], set_={"revision": FlagRevision.revision + 1}
    ).returning(FlagRevision.revision)
    return session.scalars(bumped).one()


def ensure_environments(session: Session) -> None:
    rows = [{"name": name, "position": position} for name, position in ENVIRONMENTS]
    session.execute(insert(Environment).values(rows).on_conflict_do_nothing())


def create(session: Session, name: str, details: rules.Details, now: datetime, who: str) -> None:
    """A flag that is off everywhere. Switched on before it was moved or targeted, it is on for everybody."""
    name = rules.checked_name(name)
    flag = Flag(
        name=name,
        project=PROJECT,
        impression_data=False,
        is_stale=False,
        created_at=now,
        created_by=who,
        revision=next_revision(session),
        **_columns(details),
    )
    try:
        with session.begin_nested():
            session.add(flag)
    except IntegrityError:
        raise Conflict(
            _l("The flag was not saved."), {"name": _l("There is a flag of this name already.")}
        ) from None
    session.add_all(_new_state(flag, environment, now, who) for environment in _environments(session))
    session.flush()
    audit.record(session, who, "flag.create", _subject(name), None, _details_of(flag), now)


def describe(
    session: Session, name: str, details: rules.Details, now: datetime, who: str, expected: int | None = None
) -> int | None:
    def change(flag: Flag) -> None:
        for column, value in _columns(details).items():
            setattr(flag, column, value)

    return _change_flag(session, name, "flag.describe", change, now, who, expected)


def mark_stale(session: Session, name: str, stale: bool, now: datetime, who: str) -> int | None:
    def change(flag: Flag) -> None:
        flag.is_stale = stale

    return _change_flag(session, name, "flag.stale", change, now, who)


def archive(session: Session, name: str, now: datetime, who: str) -> int | None:
    """Take a flag away from SDKs and lists; everybody is off then. `undo` brings it back as it was."""

    def change(flag: Flag) -> None:
        flag.archived_at = now

    return _change_flag(session, name, "flag.archive", change, now, who)


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

    return _change_state(session, name, environment, "flag.rollout", change, now, who, expected)


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

    return _change_state(session, name, environment, "flag.switch", change, now, who, expected)


def kill(session: Session, name: str, environment: str, now: datetime, who: str) -> int | None:
    """Off for everybody at once, whatever others are editing: no revision is asked for."""

    def change(state: FlagState) -> None:
        state.enabled = False

    return _change_state(session, name, environment, "flag.kill", change, now, who)


def set_targeting(
    session: Session,
    name: str,
    environment: str,
    strategies: object,
    variants: object,
    now: datetime,
    who: str,
    expected: int | None = None,
) -> int | None:
    """Strategies and variants as on the wire, checked in full before anything is stored."""
    checked = targeting.checked_strategies(strategies, name)
    named = targeting.checked_variants(variants)

    def change(state: FlagState) -> None:
        state.strategies, state.variants = checked, named

    return _change_state(session, name, environment, "flag.targeting", change, now, who, expected)


def undo(session: Session, name: str, entry_id: int, now: datetime, who: str) -> int | None:
    """Set back one change of one environment. Refused with `Conflict` where it changed again since."""
    entry = session.get(AuditEntry, entry_id)
    if entry is None or entry.subject != _subject(name) or not entry.before or not entry.after:
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


def _subject(name: str) -> str:
    return f"flag:{name}"


def _audited(
    session: Session, who: str, action: str, name: str, before: Json, after: Json, now: datetime
) -> int:
    entry = audit.record(session, who, action, _subject(name), before, after, now)
    session.flush()
    return entry.id


def _environments(session: Session) -> list[str]:
    return list(session.scalars(select(Environment.name).order_by(Environment.position)))


def _columns(details: rules.Details) -> Json:
    return {
        "type": details.type,
        "description": details.description,
        "owner": details.owner,
        "tags": list(details.tags),
    }


def _new_state(flag: Flag, environment: str, now: datetime, who: str) -> FlagState:
    return FlagState(
        flag=flag.name,
        environment=environment,
        enabled=False,
        strategies=[],
        variants=[],
        revision=flag.revision,
        changed_at=now,
        changed_by=who,
    )


def _change_flag(
    session: Session,
    name: str,
    action: str,
    change: Callable[[Flag], None],
    now: datetime,
    who: str,
    expected: int | None = None,
) -> int | None:
    flag = session.get(Flag, name, with_for_update=True, populate_existing=True)
    if flag is None:
        raise NotFound(_l("There is no flag of this name."))
    _check_revision(flag.revision, expected)
    before = _details_of(flag)
    change(flag)
    after = _details_of(flag)
    if before == after:
        return None
    flag.revision = next_revision(session)
    return _audited(session, who, action, name, before, after, now)


def _change_state(
    session: Session,
    name: str,
    environment: str,
    action: str,
    change: Callable[[FlagState], None],
    now: datetime,
    who: str,
    expected: int | None = None,
) -> int | None:
    state = _locked(session, name, environment)
    _check_revision(state.revision, expected)
    before = _state_of(state)
    change(state)
    after = _state_of(state)
    if before == after:
        return None
    state.revision = next_revision(session)
    state.changed_at, state.changed_by = now, who
    _note_move(session, state, before, now, who)
    return _audited(session, who, action, name, before, after, now)


def _note_move(session: Session, state: FlagState, before: Json, now: datetime, who: str) -> None:
    """When the share of shoppers moved, keep since when; for production also on charts and the timeline."""
    was = reach(before["enabled"], before["strategies"])
    is_ = reach(state.enabled, state.strategies)
    if was != is_:
        state.moved_at, state.moved_from, state.moved_by = now, was.percent, who
    if state.environment != rules.PRODUCTION:
        return
    if was != is_:
        share = None if is_.percent is None else is_.percent / 100
        store.record(session, SHARE_KEY, [(now, share)], {"flag": state.flag})
    timeline.record(
        session,
        now,
        "flag",
        f"{state.flag}: {_share(was.percent)} → {_share(is_.percent)}",
        _subject(state.flag),
        detail=who,
        url=f"/flags/{state.flag}",
    )


def _share(percent: int | None) -> str:
    return "…" if percent is None else f"{percent} %"


def _locked(session: Session, name: str, environment: str) -> FlagState:
    query = (
        select(FlagState)
        .join(Flag, Flag.name == FlagState.flag)
        .where(FlagState.flag == name, FlagState.environment == environment, Flag.archived_at.is_(None))
        .with_for_update(of=FlagState)
        .execution_options(populate_existing=True)
    )
    state = session.scalars(query).first()
    if state is None:
        raise NotFound(
            _l("There is no flag %(name)s in %(environment)s.", name=name, environment=environment)
        )
    return state


def _check_revision(now: int, expected: int | None) -> None:
    if expected is not None and now != expected:
        raise Conflict(
            _l("Somebody changed this flag since you opened the page. Nothing was saved; reload to see it.")
        )


def _details_of(flag: Flag) -> Json:
    return {
        "type": flag.type,
        "description": flag.description,
        "owner": flag.owner,
        "tags": list(flag.tags),
        "is_stale": flag.is_stale,
        "archived": flag.archived_at is not None,
    }


def _state_of(state: FlagState) -> Json:
    return {
        "environment": state.environment,
        "enabled": state.enabled,
        "strategies": state.strategies,
        "variants": state.variants,
    }


def _undo_state(
    session: Session, name: str, before: Json, after: Json, now: datetime, who: str
) -> int | None:
    def change(state: FlagState) -> None:
        _check_unchanged(_state_of(state), after)
        state.enabled = before["enabled"]
        state.strategies, state.variants = before["strategies"], before["variants"]

    return _change_state(session, name, before["environment"], "flag.undo", change, now, who)


def _undo_flag(session: Session, name: str, before: Json, after: Json, now: datetime, who: str) -> int | None:
    def change(flag: Flag) -> None:
        _check_unchanged(_details_of(flag), after)
        for column in ("type", "description", "owner", "tags", "is_stale"):
            setattr(flag, column, before[column])
        flag.archived_at = now if before["archived"] else None

    return _change_flag(session, name, "flag.undo", change, now, who)


def _check_unchanged(current: Json, left_by_change: Json) -> None:
    if current != left_by_change:
        raise Conflict(_l("The flag changed again since, so this change alone cannot be undone."))

"""How each write of a flag is done: locked, compared, given a revision, audited. Nothing commits here.

A change that changes nothing is none: no revision, no entry. Locks are taken in one order, so that two
writes wait for each other and never for themselves: the graph, flags by name, segments, the revision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Text, cast, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit import commands as audit
from app.errors import Conflict, NotFound
from app.flags import approval
from app.flags import flag as rules
from app.flags.models import Environment, Flag, FlagRevision, FlagState, Segment
from app.flags.percent import reach
from app.series import store
from app.timeline import commands as timeline

SHARE_KEY = "flag.share"
CHANNEL = "backroom_flags"  # each write's revision, told by PostgreSQL when it is committed
WRITTEN = "flags_revision"  # of a session: the last revision that it made
GRAPH_LOCK = 7_340_012  # who gives a flag a parent: circles are only seen by one at a time

Json = dict[str, Any]


def next_revision(session: Session) -> int:
    """One more, under a row lock held to the end of the transaction: revisions appear in their order.

    Whoever listens on `backroom_flags` hears of it in the moment of the commit.
    """
    statement = insert(FlagRevision).values(id=1, revision=1)
    bumped = (
        statement.on_conflict_do_update(index_elements=["id"], set_={"revision": FlagRevision.revision + 1})
        .returning(FlagRevision.revision)
        .cte("bumped")
    )
    told = func.pg_notify(CHANNEL, cast(bumped.c.revision, Text))
    revision: int = session.execute(select(bumped.c.revision, told)).one().revision
    session.info[WRITTEN] = revision
    return revision


def subject(name: str) -> str:
    return f"flag:{name}"


def audited(
    session: Session, who: str, action: str, name: str, before: Json | None, after: Json, now: datetime
) -> int:
    entry = audit.record(session, who, action, subject(name), before, after, now)
    session.flush()
    return entry.id


def environment_names(session: Session) -> list[str]:
    return list(session.scalars(select(Environment.name).order_by(Environment.position, Environment.name)))


def new_state(flag: Flag, environment: str, now: datetime, who: str) -> FlagState:
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


def locked_flag(session: Session, name: str) -> Flag:
    """A flag that nobody else changes until the transaction ends, nor its states; archived ones too."""
    flag = session.get(Flag, name, with_for_update={"key_share": True}, populate_existing=True)
    if flag is None or flag.deleted_at is not None:
        raise NotFound(_l("There is no flag %(name)s.", name=name))
    return flag


def locked_state(session: Session, name: str, environment: str) -> tuple[Flag, FlagState]:
    flag = locked_flag(session, name)
    state = session.get(FlagState, (name, environment), populate_existing=True)
    if state is None or flag.archived_at is not None:
        raise NotFound(
            _l("There is no flag %(name)s in %(environment)s.", name=name, environment=environment)
        )
    return flag, state


def lock_graph(session: Session) -> None:
    """One at a time may change who depends on whom."""
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": GRAPH_LOCK})


class Outdated(Conflict):
    """It was changed since it was read; `fields` name both revisions."""


def check_revision(now: int, expected: int | None) -> None:
    if expected is not None and now != expected:
        raise Outdated(
            _l("Somebody changed this flag since you opened the page. Nothing was saved; reload to see it."),
            {"revision": _l("You saw %(seen)s, now it is %(now)s.", seen=expected, now=now)},
        )


def check_segments(session: Session, ids: Iterable[int], field: str = "strategies") -> None:
    """Each segment is there and stays there until the transaction ends."""
    wanted = sorted(set(ids))
    query = select(Segment.id).where(Segment.id.in_(wanted), Segment.deleted_at.is_(None))
    found = set(session.scalars(query.order_by(Segment.id).with_for_update(read=True))) if wanted else set()
    if missing := [str(one) for one in wanted if one not in found]:
        raise NotFound(
            _l("The flag was not saved."), {field: _l("There is no segment %(id)s.", id=", ".join(missing))}
        )


def change_flag(
    session: Session,
    name: str,
    action: str,
    change: Callable[[Flag], None],
    now: datetime,
    who: str,
    expected: int | None = None,
) -> int | None:
    """Answers the audit entry's id, None where nothing changed."""
    flag = locked_flag(session, name)
    check_revision(flag.revision, expected)
    before = details_of(flag)
    change(flag)
    after = details_of(flag)
    if before == after:
        return None
    if before["dependencies"] != after["dependencies"]:
        approval.check_parents(session, name, who)
    flag.revision = next_revision(session)
    return audited(session, who, action, name, before, after, now)


def change_state(
    session: Session,
    name: str,
    environment: str,
    action: str,
    change: Callable[[FlagState], None],
    now: datetime,
    who: str,
    expected: int | None = None,
) -> int | None:
    """Answers the audit entry's id, None where nothing changed."""
    flag, state = locked_state(session, name, environment)
    check_revision(state.revision, expected)
    before = state_of(state)
    change(state)
    after = state_of(state)
    if before == after:
        return None
    approval.check_direct(session, environment, action, who)
    state.revision = next_revision(session)
    state.changed_at, state.changed_by = now, who
    _note_move(session, flag, state, before, now, who)
    return audited(session, who, action, name, before, after, now)


def details_of(flag: Flag) -> Json:
    """A flag without its environments, as the audit trail keeps it."""
    return {
        "type": flag.type,
        "description": flag.description,
        "owner": flag.owner,
        "project": flag.project,
        "tags": list(flag.tags),
        "links": list(flag.links or []),
        "dependencies": list(flag.dependencies or []),
        "impression_data": flag.impression_data,
        "is_stale": flag.is_stale,
        "expected_lifetime_days": flag.expected_lifetime_days,
        "completed": flag.completed_at is not None,
        "outcome": flag.outcome,
        "outcome_variant": flag.outcome_variant,
        "archived": flag.archived_at is not None,
    }


def state_of(state: FlagState) -> Json:
    """A flag in one environment, as the audit trail keeps it."""
    return {
        "environment": state.environment,
        "enabled": state.enabled,
        "strategies": state.strategies,
        "variants": state.variants,
    }


def _note_move(session: Session, flag: Flag, state: FlagState, before: Json, now: datetime, who: str) -> None:
    """When the share of shoppers moved, keep since when; for production also on charts and the timeline."""
    was = reach(before["enabled"], before["strategies"])
    is_ = reach(state.enabled, state.strategies)
    if was != is_:
        state.moved_at, state.moved_from, state.moved_by = now, was.percent, who
    if state.environment != rules.PRODUCTION:
        return
    if is_.percent != 0 and flag.live_at is None:
        flag.live_at = now
    if was != is_:
        share = None if is_.percent is None else is_.percent / 100
        store.record(session, SHARE_KEY, [(now, share)], {"flag": state.flag})
    timeline.record(
        session,
        now,
        "flag",
        f"{state.flag}: {_share(was.percent)} → {_share(is_.percent)}",
        subject(state.flag),
        detail=who,
        url=f"/flags/{state.flag}",
    )


def _share(percent: int | None) -> str:
    return "…" if percent is None else f"{percent} %"

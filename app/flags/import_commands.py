"""Taking over the flags of another server into one environment, all or nothing. Nothing commits here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.flags import segment_commands
from app.flags.flag import DEFAULT_PROJECT
from app.flags.import_report import Line, Report
from app.flags.models import Environment, Flag, FlagState
from app.flags.models import Segment as SegmentTable
from app.flags.segment import Draft
from app.flags.targeting import with_segments
from app.flags.unleash_import import File, Segment, Wanted
from app.flags.writing import (
    audited,
    change_flag,
    change_state,
    details_of,
    environment_names,
    lock_graph,
    new_state,
    next_revision,
)

Json = dict[str, Any]
# Of a new flag, where the file does not say.
UNSAID: Json = {
    "type": "release",
    "description": "",
    "project": DEFAULT_PROJECT,
    "impression_data": False,
    "is_stale": False,
    "owner": "",
    "tags": [],
}


def take_over(
    session: Session, file: File, environment: str, now: datetime, who: str, dry_run: bool = False
) -> Report:
    """What becomes of each flag and segment; with a refusal, or for a dry run, nothing is written."""
    savepoint = session.begin_nested()
    report = _take_all(session, file, environment, now, who)
    if dry_run or report.is_refused:
        savepoint.rollback()
    else:
        savepoint.commit()
    return report


def _take_all(session: Session, file: File, environment: str, now: datetime, who: str) -> Report:
    if session.get(Environment, environment) is None:
        raise NotFound(_l("There is no such environment."))
    lock_graph(session)
    report = Report([Line(_kind(name), name, "refused", why) for name, why in file.refused.items()])
    numbers = _take_segments(session, file.segments, report, now, who)
    wanted = sorted(file.flags, key=lambda one: one.name)
    query = select(Flag).where(Flag.name.in_([one.name for one in wanted])).order_by(Flag.name)
    here = {flag.name: flag for flag in session.scalars(query.with_for_update(key_share=True))}
    for one in wanted:
        if reason := _refusal(one, here.get(one.name)):
            report.lines.append(Line("flag", one.name, "refused", reason))
        else:
            report.lines.append(_take(session, one, here.get(one.name), environment, numbers, now, who))
    return report


def _kind(name: str) -> Literal["flag", "segment"]:
    return "segment" if name.startswith("segment ") else "flag"


def _take_segments(
    session: Session, segments: tuple[Segment, ...], report: Report, now: datetime, who: str
) -> dict[int, int]:
    """Their numbers in the file → their numbers here; segments are the same when their names are."""
    query = select(SegmentTable).where(SegmentTable.deleted_at.is_(None)).order_by(SegmentTable.id)
    here = {row.name: row for row in session.scalars(query.with_for_update())}
    numbers: dict[int, int] = {}
    for one in segments:
        row = here.get(one.name)
        if row is not None:
            numbers[one.id] = row.id
            report.lines.append(_take_segment(session, one, row, now, who))
        elif one.constraints is None:
            reason = _l("The file names this segment without its constraints, and there is none here.")
            report.lines.append(Line("segment", one.name, "refused", reason))
        else:
            draft = Draft(one.name, one.description, None, one.constraints)
            numbers[one.id] = segment_commands.create(session, draft, now, who)
            report.lines.append(Line("segment", one.name, "created"))
    return numbers


def _take_segment(session: Session, one: Segment, row: SegmentTable, now: datetime, who: str) -> Line:
    if one.constraints is None or list(one.constraints) == row.constraints:
        return Line("segment", one.name, "unchanged")
    draft = Draft(row.name, one.description or row.description, row.project, one.constraints)
    segment_commands.change(session, row.id, draft, now, who)
    return Line("segment", one.name, "changed", changes=("constraints",))


def _refusal(one: Wanted, flag: Flag | None) -> object:
    """Why it cannot be taken; None where it can."""
    if flag is not None and flag.archived_at is not None and flag.deleted_at is None and not one.is_archived:
        return _l("It is archived here. Revive it first.")
    return None


def _take(
    session: Session,
    one: Wanted,
    flag: Flag | None,
    environment: str,
    numbers: Mapping[int, int],
    now: datetime,
    who: str,
) -> Line:
    before = None if flag is None else details_of(flag)
    is_new = flag is None or flag.deleted_at is not None
    if is_new:
        _create(session, one, flag, now, who)
    changed = False if is_new else _describe(session, one, now, who)
    strategies = with_segments(list(one.strategies), dict(numbers))

    def change(state: FlagState) -> None:
        state.enabled, state.strategies, state.variants = one.enabled, strategies, list(one.variants)

    targeted = False
    if not one.is_archived:
        entry = change_state(session, one.name, environment, "flag.import", change, now, who)
        targeted = entry is not None
    if is_new:
        return Line("flag", one.name, "created")
    after = details_of(session.get_one(Flag, one.name))
    keys = [key for key in after if before is not None and before.get(key) != after[key]]
    changes = (*keys, *(("targeting",) if targeted else ()))
    return Line("flag", one.name, "changed" if changed or targeted else "unchanged", changes=changes)


def _create(session: Session, one: Wanted, tombstone: Flag | None, now: datetime, who: str) -> None:
    if tombstone is not None:
        session.delete(tombstone)
        session.flush()
    flag = Flag(
        name=one.name,
        created_at=now,
        created_by=who,
        revision=next_revision(session),
        archived_at=now if one.is_archived else None,
        links=[],
        dependencies=list(one.dependencies or ()),
    )
    for column, value in {**UNSAID, **one.columns}.items():
        setattr(flag, column, value)
    session.add(flag)
    session.flush()
    session.add_all(new_state(flag, name, now, who) for name in environment_names(session))
    session.flush()
    audited(session, who, "flag.create", one.name, None, details_of(flag), now)


def _describe(session: Session, one: Wanted, now: datetime, who: str) -> bool:
    def change(flag: Flag) -> None:
        for column, value in one.columns.items():
            setattr(flag, column, value)
        if one.dependencies is not None:
            flag.dependencies = list(one.dependencies)

    return change_flag(session, one.name, "flag.import", change, now, who) is not None

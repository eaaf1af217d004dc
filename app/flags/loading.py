"""Reads of everything that SDKs of one environment may get. One row that cannot be read takes no other
down.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.errors import Refused
from app.flags.dependency import checked_dependencies
from app.flags.evaluator import is_taken
from app.flags.models import Flag, FlagRevision, FlagState
from app.flags.models import Segment as SegmentRow
from app.flags.snapshot import Entry, Snapshot
from app.flags.targeting import NOBODY, readable, readable_constraints
from app.flags.wire import Feature, Segment, as_json

log = logging.getLogger(__name__)

COLUMNS = (
    Flag.name,
    Flag.project,
    Flag.type,
    Flag.description,
    Flag.tags,
    Flag.impression_data,
    Flag.is_stale,
    Flag.dependencies,
    FlagState.enabled,
    FlagState.strategies,
    FlagState.variants,
)


def revision(session: Session) -> int:
    return session.scalar(select(FlagRevision.revision)) or 0


def snapshot(session: Session, environment: str, before: Snapshot | None = None) -> Snapshot:
    """All at one revision; reads only what changed since `before`. The session must be new.

    Where the revision grew and no row tells of it, somebody wrote past the commands: all is read again.
    """
    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    now = revision(session)
    segments, gone = _segments(session)
    if before is None or before.revision > now:
        entries = {entry.feature.name: entry for entry in _entries(session, environment, 0)}
        return Snapshot(environment, now, entries, segments, gone, known_since=now)
    changed = _entries(session, environment, before.revision)
    newest = max((*gone.values(), *(segment.revision for segment in segments.values())), default=0)
    if not changed and newest <= before.revision:
        changed = _differences(before, _entries(session, environment, 0), now)
    return before.with_changes(now, changed, segments, gone)


def _entries(session: Session, environment: str, since: int) -> list[Entry]:
    query = (
        select(
            *COLUMNS,
            func.greatest(Flag.revision, FlagState.revision).label("revision"),
            Flag.archived_at.is_not(None).label("is_archived"),
            Flag.deleted_at.is_not(None).label("is_deleted"),
        )
        .join(FlagState, FlagState.flag == Flag.name)
        .where(FlagState.environment == environment)
        .where(or_(Flag.revision > since, FlagState.revision > since))
        .order_by(Flag.name)
    )
    return _taken([_entry(row._asdict()) for row in session.execute(query)])


def _taken(entries: list[Entry]) -> list[Entry]:
    """One flag that the engine of SDKs refuses would cost them all others: it is off instead."""
    if is_taken(as_json(entry.feature) for entry in entries):
        return entries
    return [entry if is_taken([as_json(entry.feature)]) else _off(entry) for entry in entries]


def _off(entry: Entry) -> Entry:
    log.error("flag %s is refused by the engine of SDKs: it is sent as off", entry.feature.name)
    off = replace(entry.feature, enabled=False, strategies=[], variants=[], dependencies=[])
    return replace(entry, feature=off)


def _entry(row: dict[str, Any]) -> Entry:
    is_gone = row.pop("is_archived") | row.pop("is_deleted")
    return Entry(revision=row.pop("revision"), is_gone=is_gone, feature=feature(row))


def feature(row: Mapping[str, Any]) -> Feature:
    """What cannot be read is off, and the log says so; pages show it as well."""
    found = readable(row["strategies"], row["variants"], row["name"])
    parents = _dependencies(row["dependencies"])
    is_readable = found is not None and parents is not None
    if not is_readable:
        log.error("flag %s has targeting that no SDK can read: it is sent as off", row["name"])
    strategies, variants = found or ([], [])
    changed = {
        "tags": _tags(row["tags"]),
        "strategies": strategies,
        "variants": variants,
        "dependencies": parents or [],
        "enabled": row["enabled"] and is_readable,
    }
    return Feature(**{**row, **changed})


def _tags(stored: object) -> tuple[str, ...]:
    return tuple(tag for tag in stored if isinstance(tag, str)) if isinstance(stored, list) else ()


def _dependencies(stored: object) -> list[dict[str, Any]] | None:
    try:
        return checked_dependencies(stored)
    except Refused:
        return None


def _differences(before: Snapshot, entries: list[Entry], now: int) -> list[Entry]:
    """Rows that are not as they were although none says that it changed."""
    found = {entry.feature.name: entry for entry in entries}
    different = [
        Entry(entry.feature, now, entry.is_gone)
        for name, entry in found.items()
        if name not in before.entries or entry.text != before.entries[name].text
    ]
    removed = [
        Entry(entry.feature, now, is_gone=True)
        for name, entry in before.entries.items()
        if name not in found and not entry.is_gone
    ]
    return different + removed


def _segments(session: Session) -> tuple[dict[int, Segment], dict[int, int]]:
    """Those that can be used, and when the others went. An unreadable one holds for nobody."""
    current, gone = {}, {}
    for row in session.scalars(select(SegmentRow).order_by(SegmentRow.id)):
        constraints = readable_constraints(row.constraints)
        if row.deleted_at is not None:
            gone[row.id] = row.revision
            continue
        if constraints is None:
            log.error("segment %s cannot be read by any SDK: it holds for nobody", row.id)
        current[row.id] = Segment(
            row.id, row.name, NOBODY if constraints is None else constraints, row.revision
        )
    return current, gone

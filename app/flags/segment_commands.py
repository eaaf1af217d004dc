"""Writes of segments. Nothing commits here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.audit import commands as audit
from app.errors import Conflict, NotFound
from app.flags import approval
from app.flags.models import Flag, FlagState, Segment
from app.flags.segment import Draft
from app.flags.writing import Outdated, next_revision

Json = dict[str, Any]


def create(session: Session, draft: Draft, now: datetime, who: str) -> int:
    """The number of the new segment."""
    segment = Segment(created_at=now, created_by=who, **_stamp(session, now, who), **_columns(draft))
    _save(session, segment)
    _audit(session, who, "segment.create", segment, {}, now)
    return segment.id


def change(
    session: Session, segment_id: int, draft: Draft, now: datetime, who: str, expected: int | None = None
) -> bool:
    """All of a segment at once. Whether anything changed."""
    segment = _locked(session, segment_id)
    if expected is not None and segment.revision != expected:
        raise Outdated(
            _l("Somebody changed this segment since you opened it. Nothing was saved."),
            {"revision": _l("You saw %(seen)s, now it is %(now)s.", seen=expected, now=segment.revision)},
        )
    before, wanted = details_of(segment), _columns(draft)
    if before == wanted:
        return False
    if before["constraints"] != wanted["constraints"]:
        approval.check_segment(session, used_by(session, segment_id), segment_id, who)
    for column, value in {**wanted, **_stamp(session, now, who)}.items():
        setattr(segment, column, value)
    _save(session, segment)
    _audit(session, who, "segment.change", segment, before, now)
    return True


def delete(session: Session, segment_id: int, now: datetime, who: str) -> None:
    """A segment that a strategy names, even of an archived flag, stays."""
    segment = _locked(session, segment_id)
    if names := used_by(session, segment_id):
        raise Conflict(
            _l("Flags use this segment: %(names)s. Take it out there first.", names=", ".join(names))
        )
    before = details_of(segment)
    segment.deleted_at = now
    for column, value in _stamp(session, now, who).items():
        setattr(segment, column, value)
    audit.record(session, who, "segment.delete", _subject(segment), before, {}, now)


def used_by(session: Session, segment_id: int) -> list[str]:
    """Names of the flags, archived ones too, with a strategy that names the segment."""
    query = (
        select(Flag.name)
        .join(FlagState, FlagState.flag == Flag.name)
        .where(FlagState.strategies.contains([{"segments": [segment_id]}]), Flag.deleted_at.is_(None))
        .distinct()
        .order_by(Flag.name)
    )
    return list(session.scalars(query))


def details_of(segment: Segment) -> Json:
    return {
        "name": segment.name,
        "description": segment.description,
        "project": segment.project,
        "constraints": segment.constraints,
    }


def _columns(draft: Draft) -> Json:
    return {
        "name": draft.name,
        "description": draft.description,
        "project": draft.project,
        "constraints": list(draft.constraints),
    }


def _stamp(session: Session, now: datetime, who: str) -> Json:
    return {"changed_at": now, "changed_by": who, "revision": next_revision(session)}


def _save(session: Session, segment: Segment) -> None:
    try:
        with session.begin_nested():
            session.add(segment)
    except IntegrityError:
        raise Conflict(
            _l("The segment was not saved."), {"name": _l("There is a segment of this name already.")}
        ) from None


def _locked(session: Session, segment_id: int) -> Segment:
    segment = session.get(Segment, segment_id, with_for_update=True, populate_existing=True)
    if segment is None or segment.deleted_at is not None:
        raise NotFound(_l("There is no such segment."))
    return segment


def _subject(segment: Segment) -> str:
    return f"segment:{segment.id}"


def _audit(session: Session, who: str, action: str, segment: Segment, before: Json, now: datetime) -> None:
    audit.record(session, who, action, _subject(segment), before, details_of(segment), now)

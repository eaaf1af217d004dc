"""Reads of corrections: which hold, which rows they leave out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.slo import correction as rule
from app.slo.bucket import BUCKET, Bucket
from app.slo.correction import Correction, Span
from app.slo.models import SloCorrection
from app.slo.objective import Objective


@dataclass(frozen=True)
class Made:
    """A correction as lists show it."""

    correction: Correction
    created_at: datetime
    undone_at: datetime | None
    undone_by: str


def active(session: Session) -> list[Correction]:
    found = session.scalars(select(SloCorrection).where(SloCorrection.undone_at.is_(None)))
    return [of_row(row) for row in found.all()]


def listed(session: Session, slo: Objective | None = None) -> list[Made]:
    """Newest first, undone ones too; of one objective those that are for it."""
    found = session.scalars(select(SloCorrection).order_by(SloCorrection.id.desc())).all()
    made = [Made(of_row(row), row.created_at, row.undone_at, row.undone_by) for row in found]
    return [one for one in made if slo is None or is_for(one.correction, slo)]


def one(session: Session, number: int) -> Made:
    row = session.get(SloCorrection, number)
    if row is None:
        raise NotFound(_l("There is no such correction."))
    return Made(of_row(row), row.created_at, row.undone_at, row.undone_by)


def rows_for(
    slos: Sequence[Objective], fixed: Sequence[Correction], buckets: Sequence[Bucket]
) -> dict[int, list[Span]]:
    """By objective, the rows that corrections leave out among those from the first to the last bucket."""
    if not fixed or not buckets:
        return {}
    first, last = min(b.starts_at for b in buckets), max(b.starts_at for b in buckets)
    return {slo.id: excluded_of(slo, fixed, first, last + BUCKET) for slo in slos}


def excluded_of(slo: Objective, fixed: Sequence[Correction], start: datetime, end: datetime) -> list[Span]:
    mine = [one for one in fixed if is_for(one, slo)]
    return rule.rows_of(span for one in mine for span in one.spans(start, end))


def is_for(made: Correction, slo: Objective) -> bool:
    return made.is_for({slo.id, slo.parent_id or slo.id}, slo.labels)


def of_row(row: SloCorrection) -> Correction:
    same = {one.name: getattr(row, one.name) for one in fields(Correction) if one.name != "weekdays"}
    return Correction(**same, weekdays=tuple(row.weekdays))

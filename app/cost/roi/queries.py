"""Reads: promises and how they stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cost.roi.models import CostPromise, CostSaving
from app.cost.roi.promise import Promise, Standing, standing
from app.errors import NotFound


@dataclass(frozen=True)
class Stand:
    row: CostPromise
    promise: Promise
    savings: tuple[CostSaving, ...]  # by month, then name
    standing: Standing


def promise_of(row: CostPromise) -> Promise:
    return Promise(row.name, row.owner, row.from_month, row.investments, row.savings)


def stands(session: Session, month: date) -> list[Stand]:
    """Open ones first, by name."""
    rows = session.scalars(select(CostPromise)).all()
    return sorted((_stand(session, row, month) for row in rows), key=open_first)


def open_first(stand: Stand) -> tuple[bool, str, int]:
    return stand.row.verdict != "", stand.row.name, stand.row.id


def _stand(session: Session, row: CostPromise, month: date) -> Stand:
    savings = session.scalars(
        select(CostSaving).where(CostSaving.promise_id == row.id).order_by(CostSaving.month, CostSaving.name)
    ).all()
    by_month: dict[date, int] = {}
    for saving in savings:
        by_month[saving.month] = by_month.get(saving.month, 0) + saving.cents
    promise = promise_of(row)
    return Stand(row, promise, tuple(savings), standing(promise, by_month, month))


def stand(session: Session, promise_id: int, month: date) -> Stand:
    return _stand(session, one(session, promise_id), month)


def one(session: Session, promise_id: int) -> CostPromise:
    row = session.get(CostPromise, promise_id)
    if row is None:
        raise NotFound(_l("There is no such promise."))
    return row

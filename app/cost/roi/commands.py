"""Writes: promises, measured savings, and the review that closes a promise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.cost.line import read_month
from app.cost.roi import queries
from app.cost.roi.models import CostPromise, CostSaving
from app.cost.roi.promise import LONGEST_EVIDENCE, MOST_CENTS, VERDICTS, Promise
from app.errors import Conflict, Refused


def add(session: Session, promise: Promise, who: str, now: datetime) -> CostPromise:
    row = CostPromise(
        name=promise.name,
        owner=promise.owner,
        from_month=promise.from_month,
        investments=dict(promise.investments),
        savings=dict(promise.savings),
        verdict="",
        closed_by="",
        revision=1,
        saved_by=who,
        saved_at=now,
    )
    _insert(session, row)
    record(session, who, "cost.promise", f"cost-promise:{row.id}", None, promise.as_words(), now)
    return row


def change(
    session: Session, promise_id: int, promise: Promise, revision: int, who: str, now: datetime
) -> CostPromise:
    """While it is open, and without taking away what was measured. `revision`: the one that was read."""
    row = _open(session, promise_id)
    if row.revision != revision:
        raise Conflict(_l("Somebody changed this promise in the meantime. Reload the page to see it."))
    _keep_what_was_measured(session, promise_id, promise)
    before = queries.promise_of(row).as_words()
    row.name, row.owner, row.from_month = promise.name, promise.owner, promise.from_month
    row.investments, row.savings = dict(promise.investments), dict(promise.savings)
    row.revision, row.saved_by, row.saved_at = revision + 1, who, now
    _insert(session, row)
    record(session, who, "cost.promise", f"cost-promise:{row.id}", before, promise.as_words(), now)
    return row


def _keep_what_was_measured(session: Session, promise_id: int, promise: Promise) -> None:
    measured = session.scalars(select(CostSaving).where(CostSaving.promise_id == promise_id)).all()
    gone = sorted({one.name for one in measured} - {*promise.savings})
    wrong: dict[str, object] = {}
    if gone:
        wrong["savings"] = _l("These are measured already: %(names)s.", names=", ".join(gone))
    if any(one.month < promise.from_month for one in measured):
        wrong["from_month"] = _l("Savings of an earlier month are measured already.")
    if wrong:
        raise Refused(_l("The promise was not saved."), wrong)


def _insert(session: Session, row: CostPromise) -> None:
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError as error:
        taken = _l("There is a promise of this name already.")
        raise Conflict(taken, {"name": taken}) from error


def measure(session: Session, promise_id: int, told: Mapping[str, Any], who: str, now: datetime) -> None:
    """What one saving came to in a month; measured again it is corrected. Refused once a review closed it."""
    row = _open(session, promise_id)
    month, cents = read_month(str(told.get("month") or "")), told.get("cents")
    evidence = " ".join(str(told.get("evidence") or "").replace("\x00", "").split())
    wrong: dict[str, object] = {}
    if month is None or month < row.from_month or month > now.date():
        wrong["month"] = _l("Choose a month since it was to begin.")
    if told.get("name") not in row.savings:
        wrong["name"] = _l("Choose one of the promised savings.")
    if not isinstance(cents, int) or isinstance(cents, bool) or abs(cents) > MOST_CENTS:
        wrong["cents"] = _l("Write an amount.")
    if not evidence or len(evidence) > LONGEST_EVIDENCE:
        wrong["evidence"] = _l("Say how it is known.")
    if wrong:
        raise Refused(_l("The saving was not saved."), wrong)
    key = {"promise_id": promise_id, "month": month, "name": told["name"]}
    values = {"cents": cents, "evidence": evidence, "saved_by": who, "saved_at": now}
    statement = insert(CostSaving).values(**key, **values)
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))
    record(session, who, "cost.saving", f"cost-promise:{promise_id}", None, {**key, **values}, now)


def close(session: Session, promise_id: int, verdict: str, who: str, now: datetime) -> None:
    """By a review: kept, broken or stopped. Nothing is measured after that."""
    row = _open(session, promise_id)
    if verdict not in VERDICTS:
        raise Refused(_l("The review was not saved."), {"verdict": _l("Choose one of the list.")})
    row.verdict, row.closed_by, row.closed_at = verdict, who, now
    row.revision += 1
    record(session, who, "cost.promise", f"cost-promise:{promise_id}", None, {"verdict": verdict}, now)


def _open(session: Session, promise_id: int) -> CostPromise:
    row = session.get(CostPromise, promise_id, with_for_update=True) or queries.one(session, promise_id)
    if row.verdict:
        raise Conflict(_l("A review has closed this promise."))
    return row

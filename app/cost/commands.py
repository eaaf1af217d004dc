"""Writes: cost lines, and the points of the months that they change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.cost import metering, queries
from app.cost.line import CURRENCY, Line, check
from app.cost.models import CostLine
from app.errors import Conflict, Refused
from app.series import store


def add_line(
    session: Session,
    name: str,
    component: str,
    vendor: str,
    amount_cents: int,
    from_month: date,
    who: str,
    now: datetime,
    to_month: date | None = None,
    currency: str = CURRENCY,
    is_demo: bool = False,
) -> CostLine:
    """A cost for every month from `from_month` (its first day) on. Refuses with the names of the fields."""
    return add(
        session,
        Line(name, component, vendor, amount_cents, currency, from_month, to_month),
        who,
        now,
        is_demo=is_demo,
    )


def add(session: Session, line: Line, who: str, now: datetime, *, is_demo: bool = False) -> CostLine:
    check(line)
    row = CostLine(revision=1, is_demo=is_demo, created_by=who, created_at=now)
    _fill(row, line)
    session.add(row)
    session.flush()
    record(session, who, "cost.add", f"cost:{row.id}", None, line.as_words(), now)
    record_months(session, now)
    return row


def change(session: Session, line_id: int, line: Line, revision: int, who: str, now: datetime) -> CostLine:
    """Correct a line as it was read at `revision`."""
    check(line)
    row = _to_write(session, line_id, revision)
    before = queries.line_of(row)
    _fill(row, line)
    row.revision += 1
    metering.forget(session, row.id)
    session.flush()
    record(session, who, "cost.change", f"cost:{row.id}", before.as_words(), line.as_words(), now)
    record_months(session, now)
    return row


def end(session: Session, line_id: int, last_month: date, who: str, now: datetime) -> CostLine:
    """The line is paid for the last time in `last_month`; what was paid stays."""
    row = queries.one_line(session, line_id)
    if last_month < row.from_month:
        raise Refused(_l("It has not begun yet: remove it instead."))
    before = queries.line_of(row)
    row.to_month = last_month
    row.revision += 1
    session.flush()
    after = queries.line_of(row)
    record(session, who, "cost.end", f"cost:{row.id}", before.as_words(), after.as_words(), now)
    record_months(session, now)
    return row


def remove(session: Session, line_id: int, who: str, now: datetime) -> None:
    """Take a line out as if it had never been entered; the audit trail keeps it."""
    row = queries.one_line(session, line_id)
    before = queries.line_of(row)
    session.delete(row)
    session.flush()
    record(session, who, "cost.remove", f"cost:{line_id}", before.as_words(), None, now)
    record_months(session, now)


def remove_demo(session: Session) -> int:
    """How many made-up lines went."""
    gone = session.scalars(delete(CostLine).where(CostLine.is_demo).returning(CostLine.id)).all()
    return len(gone)


def record_months(session: Session, now: datetime) -> int:
    """Write the points of every month from the first cost to this one; how many months there are."""
    found = queries.by_month(session, now.astimezone(UTC).date(), most=1200)
    for month in found:
        at = datetime.combine(month.bill.month, time(), UTC)
        label = {"month": f"{month.bill.month:%Y-%m}"}
        store.record(session, "cost.total_cents", [(at, month.total_cents)], label)
        store.record(session, "cost.per_active_user_cents", [(at, month.per_active_user)], label)
        store.record(session, "cost.per_order_cents", [(at, month.per_order)], label)
        store.record(session, "cost.active_users", [(at, month.active_users)], label)
        store.record(session, "cost.per_thousand_requests_cents", [(at, month.per_thousand_requests)], label)
    return len(found)


def _fill(row: CostLine, line: Line) -> None:
    row.name, row.component, row.vendor = line.name, line.component, line.vendor
    row.amount_cents, row.currency = line.amount_cents, line.currency
    row.from_month, row.to_month = line.from_month, line.to_month
    row.kind, row.service, row.feature, row.driver = line.kind, line.service, line.feature, line.driver
    row.unit_price, row.unit_size, row.percent = line.unit_price, line.unit_size, line.percent


def _to_write(session: Session, line_id: int, revision: int) -> CostLine:
    row = session.get(CostLine, line_id, with_for_update=True)
    if row is None:
        row = queries.one_line(session, line_id)
    if row.revision != revision:
        raise Conflict(_l("Somebody changed this line in the meantime. Reload the page to see it."))
    return row

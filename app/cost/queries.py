"""Reads, shaped for the pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cost import month as months
from app.cost.line import Line
from app.cost.models import CostLine, CostMonth
from app.cost.month import Bill
from app.errors import NotFound

SHOWN_MONTHS = 12


@dataclass(frozen=True)
class Month:
    """One month: its bill, and what it is divided by (None: not counted yet)."""

    bill: Bill
    active_users: int | None
    orders: int | None
    counted_at: datetime | None
    from_day: date | None  # users and orders are known from this day on
    is_over: bool  # of a month that goes on, users and orders are those so far

    @property
    def is_whole(self) -> bool:
        """The figures are of the whole month: it is over and the shop's facts cover it."""
        return self.is_over and self.from_day == self.bill.month

    @property
    def total_cents(self) -> int | None:
        """None where no line covers the month: nothing is known of its cost."""
        return self.bill.total_cents if self.bill.lines else None

    @property
    def per_active_user(self) -> float | None:
        return months.per(self.bill.total_cents, self.active_users) if self.bill.lines else None

    @property
    def per_order(self) -> float | None:
        return months.per(self.bill.total_cents, self.orders) if self.bill.lines else None


def line_of(row: CostLine) -> Line:
    return Line(
        name=row.name,
        component=row.component,
        vendor=row.vendor,
        amount_cents=row.amount_cents,
        currency=row.currency,
        from_month=row.from_month,
        to_month=row.to_month,
    )


def lines(session: Session) -> list[CostLine]:
    """Running ones first, the dearest first; those that ended below."""
    rows = session.scalars(select(CostLine)).all()
    return sorted(rows, key=lambda row: (row.to_month is not None, -row.amount_cents, row.name))


def one_line(session: Session, line_id: int) -> CostLine:
    row = session.get(CostLine, line_id)
    if row is None:
        raise NotFound(_l("There is no such cost line."))
    return row


def all_lines(session: Session) -> list[Line]:
    return [line_of(row) for row in session.scalars(select(CostLine).order_by(CostLine.id))]


def counted(session: Session) -> dict[date, CostMonth]:
    return {row.month: row for row in session.scalars(select(CostMonth))}


def by_month(session: Session, today: date, most: int = SHOWN_MONTHS) -> list[Month]:
    """Months from the first cost on, at most so many, the current one last; none while there is no line."""
    known, all_of_them = counted(session), all_lines(session)
    if not all_of_them:
        return []
    current = months.first_of(today)
    first = min(line.from_month for line in all_of_them)
    span = months.months(max(first, months.shifted(current, 1 - most)), current)
    return [_month(months.bill(all_of_them, month), known.get(month), current) for month in span]


def _month(bill: Bill, row: CostMonth | None, current: date) -> Month:
    return Month(
        bill=bill,
        active_users=row.active_users if row else None,
        orders=row.orders if row else None,
        counted_at=row.counted_at if row else None,
        from_day=row.from_day if row else None,
        is_over=bill.month < current,
    )

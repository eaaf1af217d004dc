"""Reads, shaped for the pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.cost import ledger
from app.cost import month as months
from app.cost.allocation.divide import Measured
from app.cost.measuring import HEAVIEST, MONTHLY_USERS, midnight
from app.cost.models import CostDriverDay, CostLine, CostMonth
from app.cost.month import Bill
from app.cost.whatif.growth import Phase, phase_of
from app.errors import NotFound
from app.series import store

SHOWN_MONTHS = 12
REVENUE = "kpi.revenue_cents"


@dataclass(frozen=True)
class Month:
    """One month: its bill, and what it is divided by (None: not counted yet)."""

    bill: Bill
    active_users: int | None
    orders: int | None
    requests: Decimal | None
    counted_at: datetime | None
    from_day: date | None  # users and orders are known from this day on
    revenue_cents: int | None  # of its days that were counted
    is_over: bool  # of a month that goes on, users and orders are those so far

    @property
    def is_whole(self) -> bool:
        """The figures are of the whole month: it is over and the shop's facts cover it."""
        return self.is_over and self.from_day == self.bill.month

    @property
    def total_cents(self) -> int | None:
        """None where nothing is known of the month's cost, or not all of it."""
        return self.bill.total_cents

    @property
    def margin_cents(self) -> int | None:
        if self.revenue_cents is None or self.total_cents is None:
            return None
        return self.revenue_cents - self.total_cents

    @property
    def phase(self) -> Phase | None:
        """The phase of growth that its users put it in."""
        return None if self.active_users is None else phase_of(self.active_users)

    @property
    def per_active_user(self) -> float | None:
        return months.per(self.total_cents, self.active_users)

    @property
    def per_order(self) -> float | None:
        return months.per(self.total_cents, self.orders)

    @property
    def per_thousand_requests(self) -> float | None:
        return months.per(self.total_cents, self.requests / 1000 if self.requests else None)


line_of = ledger.line_of


def lines(session: Session) -> list[CostLine]:
    """Running ones first, the dearest first; those that ended below."""
    return sorted(session.scalars(select(CostLine)), key=running_first)


def running_first(row: CostLine) -> tuple[bool, int, str]:
    return row.to_month is not None, -row.amount_cents, row.name


def one_line(session: Session, line_id: int) -> CostLine:
    row = session.get(CostLine, line_id)
    if row is None:
        raise NotFound(_l("There is no such cost line."))
    return row


def counted(session: Session) -> dict[date, CostMonth]:
    return {row.month: row for row in session.scalars(select(CostMonth))}


def by_month(session: Session, today: date, most: int = SHOWN_MONTHS) -> list[Month]:
    """Months from the first cost on, at most so many, the current one last; none while there is no cost."""
    begun = ledger.first_month(session)
    if begun is None:
        return []
    current = months.first_of(today)
    first = max(begun, months.shifted(current, 1 - most))
    known, served, revenue = counted(session), _requests(session, first), _revenue(session, first)
    return [
        _month(bill, known.get(bill.month), served.get(bill.month), revenue.get(bill.month), current)
        for bill in ledger.bills(session, first, current)
    ]


def _requests(session: Session, first: date) -> dict[date, Decimal]:
    month = func.date_trunc("month", CostDriverDay.day)
    rows = session.execute(
        select(month, func.sum(CostDriverDay.value))
        .where(CostDriverDay.driver == "requests", CostDriverDay.dimension == "all")
        .where(CostDriverDay.day >= first)
        .group_by(month)
    )
    return {row[0].date(): row[1] for row in rows}


def _revenue(session: Session, first: date) -> dict[date, int]:
    """By month, from the daily revenue that is counted elsewhere."""
    found: dict[date, int] = {}
    for point in store.between(session, REVENUE, midnight(first), midnight(date(2100, 1, 1))):
        month = months.first_of(point.at.astimezone(UTC).date())
        found[month] = found.get(month, 0) + round(point.value)
    return found


def _month(
    bill: Bill, row: CostMonth | None, requests: Decimal | None, revenue: int | None, current: date
) -> Month:
    return Month(
        bill=bill,
        active_users=row.active_users if row else None,
        orders=row.orders if row else None,
        requests=requests,
        counted_at=row.counted_at if row else None,
        from_day=row.from_day if row else None,
        revenue_cents=revenue,
        is_over=bill.month < current,
    )


def measured(session: Session, first: date, until: date) -> Measured:
    """What was measured of each driver, first <= day < until."""
    rows = session.execute(
        select(CostDriverDay.driver, CostDriverDay.dimension, CostDriverDay.member)
        .add_columns(func.sum(CostDriverDay.value).label("value"))
        .where(CostDriverDay.day >= first, CostDriverDay.day < until)
        .where(CostDriverDay.dimension.in_(("all", "service")), CostDriverDay.driver != MONTHLY_USERS)
        .group_by(CostDriverDay.driver, CostDriverDay.dimension, CostDriverDay.member)
        .order_by(CostDriverDay.driver, CostDriverDay.member)
    ).all()
    services: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for row in rows:
        if row.dimension == "service":
            services[row.driver][row.member] = row.value
    totals = {row.driver: row.value for row in rows if row.dimension == "all"}
    return Measured(_measured_days(session, first, until), services, totals)


def _measured_days(session: Session, first: date, until: date) -> int:
    found = session.scalar(
        select(func.count(CostDriverDay.day.distinct())).where(
            CostDriverDay.day >= first, CostDriverDay.day < until, CostDriverDay.driver != MONTHLY_USERS
        )
    )
    return found or 0


@dataclass(frozen=True)
class Freshness:
    """Of a driver: its newest day and when that was measured."""

    value: Decimal
    day: date
    measured_at: datetime


def freshness(session: Session) -> Mapping[str, Freshness]:
    rows = session.execute(
        select(CostDriverDay.driver, CostDriverDay.value, CostDriverDay.day, CostDriverDay.measured_at)
        .where(CostDriverDay.dimension == "all", CostDriverDay.driver != MONTHLY_USERS)
        .ext(distinct_on(CostDriverDay.driver))
        .order_by(CostDriverDay.driver, CostDriverDay.day.desc())
    )
    return {row.driver: Freshness(row.value, row.day, row.measured_at) for row in rows}


@dataclass(frozen=True)
class Heavy:
    """Somebody who did much in a month, and the part of the bill that goes with that."""

    user: str
    actions: int
    cents: int | None


def heaviest(session: Session, month: Month) -> list[Heavy]:
    """People with an account by their actions; a cost of the same share of the month's bill."""
    rows = session.execute(
        select(CostDriverDay.member, CostDriverDay.value)
        .where(CostDriverDay.driver == HEAVIEST, CostDriverDay.day == month.bill.month)
        .order_by(CostDriverDay.value.desc(), CostDriverDay.member)
    ).all()
    everything = session.scalar(
        select(func.sum(CostDriverDay.value)).where(
            CostDriverDay.driver == "actions",
            CostDriverDay.dimension == "all",
            CostDriverDay.day >= month.bill.month,
            CostDriverDay.day < months.shifted(month.bill.month, 1),
        )
    )
    whole = month.total_cents
    return [
        Heavy(
            row.member,
            int(row.value),
            round(whole * row.value / everything) if whole and everything else None,
        )
        for row in rows
    ]

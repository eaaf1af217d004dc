"""Reads: every position of what is paid, by month or by day, in the base currency.

Three sources come together here: lines (recurring and amortised by their own rule), metered lines (by what
was measured) and imported bills (by their sums of each day). Nothing is rounded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.cost.line import Line
from app.cost.models import CostLine
from app.cost.month import Bill, Position, bill, months, shifted
from app.cost.rates import queries as rate_queries
from app.cost.rates.queries import Basis
from app.cost.rates.rate import Rates
from app.sql import statement

# A day's rate is the newest of that day or before; none for the base currency itself.
_RATE = """
    LEFT JOIN LATERAL (
        SELECT rate FROM cost_rates
        WHERE cost_rates.currency = sums.currency AND base = :base AND from_day <= sums.day
        ORDER BY from_day DESC LIMIT 1
    ) AS known ON true
"""
_BILLS = statement(
    """
    SELECT date_trunc(:unit, sums.day)::date AS start,
           coalesce(nullif(bill.provider, ''), bill.feed) AS vendor,
           sums.service, sums.component, sums.feature, sums.currency,
           CASE WHEN bool_or(amount <> 0 AND sums.currency <> :base AND known.rate IS NULL) THEN NULL
                ELSE sum(amount * CASE WHEN sums.currency = :base THEN 1 ELSE coalesce(known.rate, 0) END)
           END AS amount
    FROM (SELECT *, CASE WHEN :basis = 'billed' THEN billed ELSE effective END AS amount
          FROM cost_bill_days WHERE day >= :first AND day < :until) AS sums
    JOIN cost_bills AS bill ON bill.id = sums.bill_id
    {rate}
    GROUP BY 1, 2, 3, 4, 5, 6
""",
    rate=_RATE,
)
_METERED = statement(
    """
    SELECT date_trunc(:unit, sums.day)::date AS start, sums.line_id,
           CASE WHEN bool_or(amount <> 0 AND sums.currency <> :base AND known.rate IS NULL) THEN NULL
                ELSE sum(amount * CASE WHEN sums.currency = :base THEN 1 ELSE coalesce(known.rate, 0) END)
           END AS amount
    FROM (SELECT day, line_id, amount, currency FROM cost_metered_days JOIN cost_lines ON id = line_id
          WHERE day >= :first AND day < :until) AS sums
    {rate}
    GROUP BY 1, 2
""",
    rate=_RATE,
)


@dataclass(frozen=True)
class Books:
    """How amounts are told: in which currency, and whether used up or billed."""

    rates: Rates
    basis: Basis


def books(session: Session, basis: Basis | None = None) -> Books:
    return Books(rate_queries.rates(session), basis or rate_queries.basis(session))


def line_of(row: CostLine) -> Line:
    return Line(
        name=row.name,
        component=row.component,
        vendor=row.vendor,
        amount_cents=row.amount_cents,
        currency=row.currency,
        from_month=row.from_month,
        to_month=row.to_month,
        kind=row.kind,
        service=row.service,
        feature=row.feature,
        driver=row.driver,
        unit_price=row.unit_price,
        unit_size=row.unit_size,
        percent=row.percent,
    )


def first_month(session: Session) -> date | None:
    """The month of the first cost of any kind."""
    found: date | None = session.scalar(
        text("""
            SELECT date_trunc('month', least((SELECT min(from_month) FROM cost_lines),
                                             (SELECT min(day) FROM cost_bill_days)))::date
        """)
    )
    return found


def bills(session: Session, first: date, last: date, basis: Basis | None = None) -> list[Bill]:
    """The bill of every month from `first` to `last`."""
    by_month: dict[date, list[Position]] = defaultdict(list)
    for start, position in _positions(session, first, shifted(last, 1), "month", books(session, basis)):
        by_month[start].append(position)
    return [bill(by_month[month], month) for month in months(first, last)]


Days = dict[date, Fraction]


@dataclass(frozen=True)
class Account:
    """One position over days. A day without a rate for its currency is absent and makes `missing` true."""

    position: Position
    days: Days
    missing: bool = False


def accounts(session: Session, first: date, until: date, basis: Basis | None = None) -> dict[str, Account]:
    """Every position by day, first <= day < until."""
    found: dict[str, Account] = {}
    for day, position in _positions(session, first, until, "day", books(session, basis)):
        known = found.setdefault(position.key, Account(position, {}))
        if position.amount is None:
            found[position.key] = Account(position, known.days, missing=True)
        else:
            known.days[day] = known.days.get(day, Fraction()) + position.amount
    return found


def _positions(
    session: Session, first: date, until: date, unit: str, books: Books
) -> Iterator[tuple[date, Position]]:
    lines = {row.id: line_of(row) for row in session.scalars(select(CostLine).order_by(CostLine.id))}
    span = {"first": first, "until": until, "unit": unit, "base": books.rates.base, "basis": books.basis}
    for line_id, line in lines.items():
        yield from _of_line(line_id, line, first, until, unit, books.rates)
    for row in session.execute(_METERED, span):
        yield row.start, _position(row.line_id, lines[row.line_id], _fraction(row.amount))
    for row in session.execute(_BILLS, span):
        yield (
            row.start,
            Position(
                key=f"bill:{row.vendor}/{row.service}/{row.component}/{row.feature}/{row.currency}",
                name=row.service or row.vendor,
                vendor=row.vendor,
                component=row.component,
                service="",
                feature=row.feature,
                amount=_fraction(row.amount),
                currency=row.currency,
            ),
        )


def _of_line(
    line_id: int, line: Line, first: date, until: date, unit: str, rates: Rates
) -> Iterator[tuple[date, Position]]:
    """A month's amount is worth what its currency was worth on the first day of the month."""
    for start in _steps(first, until, unit):
        cents = line.cents_in(start) if unit == "month" else line.cents_on(start)
        if cents is None or not line.covers(start.replace(day=1)):
            continue
        rate = rates.on(line.currency, start.replace(day=1))
        yield start, _position(line_id, line, None if rate is None else Fraction(cents, 100) * Fraction(rate))


def _steps(first: date, until: date, unit: str) -> list[date]:
    if unit == "month":
        return months(first, shifted(until, -1))
    return [first + timedelta(days=index) for index in range((until - first).days)]


def _position(line_id: int, line: Line, amount: Fraction | None) -> Position:
    return Position(
        key=f"line:{line_id}",
        name=line.name,
        vendor=line.vendor,
        component=line.component,
        service=line.service,
        feature=line.feature,
        amount=amount,
        currency=line.currency,
        driver=line.driver,
    )


def _fraction(amount: Decimal | None) -> Fraction | None:
    return None if amount is None else Fraction(amount)

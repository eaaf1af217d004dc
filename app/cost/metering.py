"""What metered lines came to on each day, by what was measured of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert

from app.cost.ledger import line_of
from app.cost.line import Line
from app.cost.measuring import DAY, SETTLES_AFTER, midnight
from app.cost.models import CostDriverDay, CostLine, CostMeteredDay
from app.cost.month import shifted
from app.db import transaction

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.sources import Sources


class Metered(NamedTuple):
    day: date
    quantity: Decimal
    amount: Decimal  # in units of the line's currency


# A fee is rounded for each order, half a cent up, and kept when the order is refunded.
FEES_SQL = """
SELECT (paid_at AT TIME ZONE 'UTC')::date AS day, count(*)::numeric AS quantity,
       sum(round(total_cents * :percent / 100 + :price * 100 / :size)) / 100 AS amount
FROM reporting.orders
WHERE paid_at >= :start AND paid_at < :end
GROUP BY 1"""


def meter(session: Session, now: datetime, sources: Sources) -> int:
    """Compute the days that are due of every metered line; how many lines there are."""
    rows = session.scalars(select(CostLine).where(CostLine.kind == "metered")).all()
    for row in rows:
        line = line_of(row)
        due = _due(session, row.id, line, now)
        if due:
            _save(session, row.id, _measured(session, line, due[0], due[-1] + DAY, sources), now)
    return len(rows)


def forget(session: Session, line_id: int) -> None:
    """A changed price holds for all days of the line: they are computed anew."""
    session.execute(delete(CostMeteredDay).where(CostMeteredDay.line_id == line_id))


def _due(session: Session, line_id: int, line: Line, now: datetime) -> list[date]:
    today = now.astimezone(UTC).date()
    last = min(today, shifted(line.to_month, 1) - DAY) if line.to_month else today
    known = dict(
        session.execute(
            select(CostMeteredDay.day, CostMeteredDay.measured_at).where(CostMeteredDay.line_id == line_id)
        ).all()
    )
    never = datetime.min.replace(tzinfo=UTC)
    days = (line.from_month + DAY * index for index in range((last - line.from_month).days + 1))
    return [day for day in days if known.get(day, never) < midnight(day + DAY) + SETTLES_AFTER]


def _measured(session: Session, line: Line, first: date, until: date, sources: Sources) -> list[Metered]:
    if line.driver == "orders":
        return _fees(line, first, until, sources)
    price, size = line.unit_price or Decimal(), line.unit_size or Decimal(1)
    rows = session.execute(
        select(CostDriverDay.day, CostDriverDay.value).where(
            CostDriverDay.driver == line.driver,
            CostDriverDay.dimension == "all",
            CostDriverDay.day >= first,
            CostDriverDay.day < until,
        )
    )
    return [Metered(row.day, row.value, row.value * price / size) for row in rows]


def _fees(line: Line, first: date, until: date, sources: Sources) -> list[Metered]:
    """Every day of the span: one without an order cost nothing."""
    wanted = {
        "percent": line.percent or Decimal(),
        "price": line.unit_price or Decimal(),
        "size": line.unit_size or Decimal(1),
        "start": midnight(first),
        "end": midnight(until),
    }
    with transaction(sources.reporting, "PostgreSQL (reporting)") as reporting:
        found = {row.day: Metered(*row) for row in reporting.execute(text(FEES_SQL), wanted)}
    days = (first + DAY * index for index in range((until - first).days))
    return [found.get(day, Metered(day, Decimal(), Decimal())) for day in days]


def _save(session: Session, line_id: int, found: list[Metered], now: datetime) -> None:
    for one in found:
        values = {"quantity": one.quantity, "amount": one.amount, "measured_at": now}
        row = insert(CostMeteredDay).values(line_id=line_id, day=one.day, **values)
        session.execute(row.on_conflict_do_update(index_elements=["line_id", "day"], set_=values))

"""Reads: which bills there are, what they come to, and how far commitments are used up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.cost.bills.models import CostImport


@dataclass(frozen=True)
class BillRow:
    """A bill in one of its currencies."""

    id: int
    provider: str
    account: str
    period_start: date
    period_end: date
    currency: str
    rows: int
    billed: Decimal
    effective: Decimal
    corrections: int
    credits: Decimal
    imported_at: datetime
    file: str


_BILLS = text("""
    SELECT bill.id, coalesce(nullif(bill.provider, ''), bill.feed) AS provider, bill.account,
           bill.period_start, bill.period_end, sums.currency, sums.rows, sums.billed, sums.effective,
           sums.corrections, sums.credits, taken.imported_at, taken.name AS file
    FROM cost_bills AS bill
    JOIN cost_imports AS taken ON taken.id = bill.import_id
    CROSS JOIN LATERAL (
        SELECT currency, count(*) AS rows, sum(billed) AS billed, sum(effective) AS effective,
               count(*) FILTER (WHERE charge_class = 'Correction') AS corrections,
               coalesce(sum(billed) FILTER (WHERE category = 'Credit'), 0) AS credits
        FROM cost_charges WHERE bill_id = bill.id GROUP BY currency
    ) AS sums
    ORDER BY bill.period_start DESC, provider, bill.account, sums.currency
""")


def bills(session: Session) -> list[BillRow]:
    return [BillRow(**row._mapping) for row in session.execute(_BILLS)]


def newest_first(row: BillRow) -> tuple[object, ...]:
    return -row.period_start.toordinal(), row.provider, row.account, row.currency, row.id


def imports(session: Session, most: int = 50) -> list[CostImport]:
    """The newest first."""
    return list(session.scalars(select(CostImport).order_by(CostImport.id.desc()).limit(most)))


@dataclass(frozen=True)
class Commitment:
    """What was paid for a commitment against what was used up of it, over its term."""

    id: str
    currency: str
    paid: Decimal  # billed for purchases
    used: Decimal  # effective cost of what it covered
    unused: Decimal  # effective cost of what lay idle
    until: datetime  # the end of the term

    @property
    def left(self) -> Decimal:
        """Paid and not used up yet; 0 at the end of the term."""
        return self.paid - self.used - self.unused

    @property
    def is_settled(self) -> bool:
        return self.left == 0


_COMMITMENTS = text("""
    SELECT commitment AS id, currency,
           coalesce(sum(billed) FILTER (WHERE category = 'Purchase'), 0) AS paid,
           coalesce(sum(effective) FILTER (WHERE category <> 'Purchase'
                                             AND commitment_status <> 'Unused'), 0) AS used,
           coalesce(sum(effective) FILTER (WHERE category <> 'Purchase'
                                             AND commitment_status = 'Unused'), 0) AS unused,
           max(charge_end) AS until
    FROM cost_charges WHERE commitment <> ''
    GROUP BY 1, 2 HAVING sum(abs(billed) + abs(effective)) > 0 ORDER BY 1, 2
""")


def commitments(session: Session) -> list[Commitment]:
    return [Commitment(**row._mapping) for row in session.execute(_COMMITMENTS)]

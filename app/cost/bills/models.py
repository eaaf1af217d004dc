"""Imported bills: one for each provider, account and billing period, its charges, and their sums by day."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base

MOMENT = DateTime(timezone=True)


class CostImport(Base):
    """A file that was taken in, and what became of its rows."""

    __tablename__ = "cost_imports"
    __table_args__ = (Index(None, "digest"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text)  # SHA-256 of the unpacked content
    report: Mapped[dict[str, Any]] = mapped_column(JSONB)  # of bills.report.Report
    imported_by: Mapped[str] = mapped_column(Text)
    imported_at: Mapped[datetime] = mapped_column(MOMENT)


class CostBill(Base):
    """A corrected file for the same bill takes its place."""

    __tablename__ = "cost_bills"
    __table_args__ = (UniqueConstraint("provider", "account", "feed", "period_start", "period_end"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    provider: Mapped[str] = mapped_column(Text)
    account: Mapped[str] = mapped_column(Text)
    feed: Mapped[str] = mapped_column(Text)  # the file's name where neither provider nor account is told
    period_start: Mapped[date]
    period_end: Mapped[date]  # the day after the last
    import_id: Mapped[int] = mapped_column(ForeignKey("cost_imports.id"))  # the newest that changed it


class CostCharge(Base):
    """A row of a bill. Amounts are exact, in units of `currency`."""

    __tablename__ = "cost_charges"
    __table_args__ = (
        Index(None, "commitment", postgresql_where="commitment <> ''"),
        Index(None, "charge_start", postgresql_using="brin"),
    )

    bill_id: Mapped[int] = mapped_column(ForeignKey("cost_bills.id", ondelete="CASCADE"), primary_key=True)
    row_key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    ordinal: Mapped[int] = mapped_column(Integer, primary_key=True)  # of rows that are alike in every cell

    charge_start: Mapped[datetime] = mapped_column(MOMENT)
    charge_end: Mapped[datetime] = mapped_column(MOMENT)
    category: Mapped[str] = mapped_column(Text)  # Usage, Purchase, Tax, Credit, Adjustment
    charge_class: Mapped[str] = mapped_column(Text)  # Correction, or nothing
    frequency: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)

    sub_account: Mapped[str] = mapped_column(Text)
    service_category: Mapped[str] = mapped_column(Text)
    service: Mapped[str] = mapped_column(Text)
    component: Mapped[str] = mapped_column(Text)
    feature: Mapped[str] = mapped_column(Text)
    region: Mapped[str] = mapped_column(Text)
    resource: Mapped[str] = mapped_column(Text)
    resource_name: Mapped[str] = mapped_column(Text)
    sku: Mapped[str] = mapped_column(Text)
    tags: Mapped[dict[str, str]] = mapped_column(JSONB)

    currency: Mapped[str] = mapped_column(Text)
    billed: Mapped[Decimal] = mapped_column(Numeric)
    effective: Mapped[Decimal] = mapped_column(Numeric)
    list_cost: Mapped[Decimal | None] = mapped_column(Numeric)
    contracted: Mapped[Decimal | None] = mapped_column(Numeric)
    consumed: Mapped[Decimal | None] = mapped_column(Numeric)
    consumed_unit: Mapped[str] = mapped_column(Text)
    pricing_currency: Mapped[str] = mapped_column(Text)
    pricing_effective: Mapped[Decimal | None] = mapped_column(Numeric)
    commitment: Mapped[str] = mapped_column(Text)
    commitment_status: Mapped[str] = mapped_column(Text)  # Used, Unused
    commitment_quantity: Mapped[Decimal | None] = mapped_column(Numeric)


class CostBillDay(Base):
    """Sums of charges by day: billed on the day of the charge, effective over the days it is for."""

    __tablename__ = "cost_bill_days"
    __table_args__ = (Index(None, "day"),)

    bill_id: Mapped[int] = mapped_column(ForeignKey("cost_bills.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(Text, primary_key=True)
    component: Mapped[str] = mapped_column(Text, primary_key=True)
    feature: Mapped[str] = mapped_column(Text, primary_key=True)
    category: Mapped[str] = mapped_column(Text, primary_key=True)
    currency: Mapped[str] = mapped_column(Text, primary_key=True)
    billed: Mapped[Decimal] = mapped_column(Numeric)
    effective: Mapped[Decimal] = mapped_column(Numeric)

"""What is paid for, what it grows with, and what months came to."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Numeric,
    Text,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class CostLine(Base):
    """Something paid for in every month, over a term, or by use. A month is written as its first day."""

    __tablename__ = "cost_lines"
    __table_args__ = (
        CheckConstraint("amount_cents >= 0", name="amount_not_negative"),
        CheckConstraint("to_month >= from_month", name="ends_after_start"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    component: Mapped[str] = mapped_column(Text)  # a key of line.COMPONENTS
    vendor: Mapped[str] = mapped_column(Text)
    amount_cents: Mapped[int] = mapped_column(BigInteger)  # a month; of a contract: all of it; metered: 0
    currency: Mapped[str] = mapped_column(Text)
    from_month: Mapped[date]
    to_month: Mapped[date | None]  # the last month that is paid; None: goes on

    kind: Mapped[str] = mapped_column(Text, server_default="recurring")  # a key of line.KINDS
    service: Mapped[str] = mapped_column(Text, server_default="")
    feature: Mapped[str] = mapped_column(Text, server_default="")
    driver: Mapped[str] = mapped_column(Text, server_default="")  # metered: what is counted
    unit_price: Mapped[Decimal | None] = mapped_column(Numeric)  # units of the currency for `unit_size` of it
    unit_size: Mapped[Decimal | None] = mapped_column(Numeric)
    percent: Mapped[Decimal | None] = mapped_column(Numeric)  # of each order's total

    revision: Mapped[int] = mapped_column(Integer)  # a save must name the one it was made on
    is_demo: Mapped[bool] = mapped_column(server_default=false())
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class CostMonth(Base):
    """What a month is divided by: counted once it is over, then kept."""

    __tablename__ = "cost_months"

    month: Mapped[date] = mapped_column(primary_key=True)
    active_users: Mapped[int] = mapped_column(BigInteger)
    orders: Mapped[int] = mapped_column(BigInteger)
    from_day: Mapped[date]  # later than the month's first day where the shop's facts begin within it
    counted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class CostMeteredDay(Base):
    """What a metered line came to on a day, in units of its currency."""

    __tablename__ = "cost_metered_days"

    line_id: Mapped[int] = mapped_column(ForeignKey("cost_lines.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    quantity: Mapped[Decimal] = mapped_column(Numeric)
    amount: Mapped[Decimal] = mapped_column(Numeric)
    measured_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class CostDriverDay(Base):
    """How much of a driver was measured on a day, in all and by service, feature, locale or variant."""

    __tablename__ = "cost_driver_days"
    __table_args__ = (Index(None, "day"),)

    driver: Mapped[str] = mapped_column(Text, primary_key=True)  # a key of driver.DRIVERS
    dimension: Mapped[str] = mapped_column(Text, primary_key=True)  # all, service, locale, flag:<name>
    member: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    value: Mapped[Decimal] = mapped_column(Numeric)
    measured_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

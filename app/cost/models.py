"""What is paid for, and what months came to."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Identity, Integer, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class CostLine(Base):
    """Something paid for every month. A month is written as its first day."""

    __tablename__ = "cost_lines"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        CheckConstraint("to_month >= from_month", name="ends_after_start"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    component: Mapped[str] = mapped_column(Text)  # a key of line.COMPONENTS
    vendor: Mapped[str] = mapped_column(Text)
    amount_cents: Mapped[int] = mapped_column(BigInteger)  # a month
    currency: Mapped[str] = mapped_column(Text)
    from_month: Mapped[date]
    to_month: Mapped[date | None]  # the last month that is paid; None: goes on

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

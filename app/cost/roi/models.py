"""Promises, and the savings that were measured."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base

MOMENT = DateTime(timezone=True)


class CostPromise(Base):
    """An investment and what it is to save in its first year."""

    __tablename__ = "cost_promises"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    owner: Mapped[str] = mapped_column(Text)
    from_month: Mapped[date]  # when the savings are to begin
    investments: Mapped[dict[str, int]] = mapped_column(JSONB)  # name → cents, once
    savings: Mapped[dict[str, int]] = mapped_column(JSONB)  # name → cents a year

    verdict: Mapped[str] = mapped_column(Text)  # of the review that closed it; "": open
    closed_by: Mapped[str] = mapped_column(Text)
    closed_at: Mapped[datetime | None] = mapped_column(MOMENT)
    revision: Mapped[int] = mapped_column(Integer)
    saved_by: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime] = mapped_column(MOMENT)


class CostSaving(Base):
    """What one of the savings came to in a month, and how that is known."""

    __tablename__ = "cost_savings"

    promise_id: Mapped[int] = mapped_column(
        ForeignKey("cost_promises.id", ondelete="CASCADE"), primary_key=True
    )
    month: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    cents: Mapped[int] = mapped_column(BigInteger)
    evidence: Mapped[str] = mapped_column(Text)
    saved_by: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime] = mapped_column(MOMENT)

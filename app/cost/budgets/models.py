"""Budgets, what they have told of, and quotas."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Integer, Numeric, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base

MOMENT = DateTime(timezone=True)


class CostBudget(Base):
    __tablename__ = "cost_budgets"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    scope: Mapped[str] = mapped_column(Text)  # a key of budget.SCOPES
    member: Mapped[str] = mapped_column(Text)  # of the scope; "" where it is all
    period: Mapped[str] = mapped_column(Text)  # month, quarter, year
    amount_cents: Mapped[int] = mapped_column(BigInteger)  # of the base currency, for a period
    triggers: Mapped[list[int]] = mapped_column(ARRAY(Integer))  # percent of the budget, on the cost so far
    on_forecast: Mapped[bool]  # tell also when the forecast passes the budget
    owner: Mapped[str] = mapped_column(Text)  # an e-mail address
    language: Mapped[str] = mapped_column(Text, server_default="en")  # of mails to the owner

    revision: Mapped[int] = mapped_column(Integer)
    saved_by: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime] = mapped_column(MOMENT)


class CostBudgetTold(Base):
    """A trigger that was reached in a period: told once."""

    __tablename__ = "cost_budget_told"

    budget_id: Mapped[int] = mapped_column(
        ForeignKey("cost_budgets.id", ondelete="CASCADE"), primary_key=True
    )
    period_start: Mapped[date] = mapped_column(primary_key=True)
    trigger: Mapped[str] = mapped_column(Text, primary_key=True)  # 50, 80 …, or forecast
    told: Mapped[dict[str, Any]] = mapped_column(JSONB)
    at: Mapped[datetime] = mapped_column(MOMENT)
    mailed_at: Mapped[datetime | None] = mapped_column(MOMENT)


class CostQuota(Base):
    """How much of a driver may be used in a day or month."""

    __tablename__ = "cost_quotas"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    driver: Mapped[str] = mapped_column(Text)
    period: Mapped[str] = mapped_column(Text)  # day, month
    most: Mapped[Decimal] = mapped_column(Numeric)
    saved_by: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime] = mapped_column(MOMENT)

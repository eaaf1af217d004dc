"""Versions of the rules, and runs that keep all that they were made of."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Index, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class CostRuleVersion(Base):
    """All rules in their order. A version is never changed: the next one takes its place."""

    __tablename__ = "cost_rule_versions"

    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    rules: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    note: Mapped[str] = mapped_column(Text)
    saved_by: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class CostRun(Base):
    """One month divided once. `inputs` are enough to divide it again to the same cents."""

    __tablename__ = "cost_runs"
    __table_args__ = (Index(None, "month", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    month: Mapped[date]
    rules_version: Mapped[int] = mapped_column(ForeignKey("cost_rule_versions.version"))
    digest: Mapped[str] = mapped_column(Text)  # of inputs and rules
    inputs: Mapped[dict[str, Any]] = mapped_column(JSONB)
    shares: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)

    bill_cents: Mapped[int] = mapped_column(BigInteger)
    direct_cents: Mapped[int] = mapped_column(BigInteger)
    driver_cents: Mapped[int] = mapped_column(BigInteger)
    even_cents: Mapped[int] = mapped_column(BigInteger)
    shared_cents: Mapped[int] = mapped_column(BigInteger)
    idle_cents: Mapped[int] = mapped_column(BigInteger)

    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

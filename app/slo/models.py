"""Objectives, their five-minute rows, the hour sums of those, and what the last gathering made of them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Numeric,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base

STATES = "state IN ('ok', 'no_traffic', 'no_data', 'excluded')"


class Slo(Base):
    __tablename__ = "slos"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("objective > 0 AND objective < 1", name="objective"),
        CheckConstraint("window_days BETWEEN 1 AND 400", name="window_days"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    about: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(Text)
    runbook: Mapped[str] = mapped_column(Text)

    indicator: Mapped[str] = mapped_column(Text)  # events or latency
    good: Mapped[str] = mapped_column(Text)
    total: Mapped[str] = mapped_column(Text)
    durations: Mapped[str] = mapped_column(Text)
    threshold_seconds: Mapped[float | None]

    objective: Mapped[Decimal] = mapped_column(Numeric(7, 6))
    window_days: Mapped[int]
    min_bad_events: Mapped[int]

    revision: Mapped[int]
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class SloBucket(Base):
    """Five minutes. Written again and again with the same result, by (slo, revision, start)."""

    __tablename__ = "slo_buckets"
    __table_args__ = (CheckConstraint(STATES, name="state"),)

    slo_id: Mapped[int] = mapped_column(ForeignKey("slos.id", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    good: Mapped[float]
    bad: Mapped[float]
    total: Mapped[float]
    state: Mapped[str] = mapped_column(Text)
    is_complete: Mapped[bool] = mapped_column(Boolean)


class SloHour(Base):
    """Sums of an hour's rows, so that ninety days of a hundred objectives stay fast."""

    __tablename__ = "slo_hours"

    slo_id: Mapped[int] = mapped_column(ForeignKey("slos.id", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    bad: Mapped[float]
    total: Mapped[float]
    ok: Mapped[int]
    no_traffic: Mapped[int]
    no_data: Mapped[int]
    excluded: Mapped[int]


class SloStatus(Base):
    """What the list shows, computed by each gathering: one row an objective."""

    __tablename__ = "slo_status"

    slo_id: Mapped[int] = mapped_column(ForeignKey("slos.id", ondelete="CASCADE"), primary_key=True)
    gathered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    state: Mapped[str] = mapped_column(Text)
    bad: Mapped[float]
    total: Mapped[float]
    budget_left: Mapped[float | None]
    burns: Mapped[dict[str, Any]] = mapped_column(JSONB)  # window length in seconds → burn and bad events
    forecast: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    spark: Mapped[list[float | None]] = mapped_column(JSONB)  # budget left over the window, oldest first

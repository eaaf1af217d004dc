"""Alerts with all that happened to each, and the rules as Prometheus has them loaded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Alert(Base):
    """One firing of one rule for one set of labels."""

    __tablename__ = "alerts"
    __table_args__ = (
        UniqueConstraint("fingerprint", "starts_at"),
        Index("ix_alerts_firing", "starts_at", postgresql_where="ends_at IS NULL"),
        Index(None, "starts_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Text)
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # None: firing

    name: Mapped[str] = mapped_column(Text)
    severity: Mapped[str] = mapped_column(Text)
    slo: Mapped[str | None] = mapped_column(Text)
    labels: Mapped[dict[str, str]] = mapped_column(JSONB)
    annotations: Mapped[dict[str, str]] = mapped_column(JSONB)

    silenced_by: Mapped[list[str]] = mapped_column(JSONB)
    inhibited_by: Mapped[list[str]] = mapped_column(JSONB)
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))  # last heard of as firing

    acknowledged_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    acknowledged_by: Mapped[str | None] = mapped_column(Text)
    acknowledged_note: Mapped[str | None] = mapped_column(Text)


class AlertEvent(Base):
    """One thing that happened to an alert: fired, resolved, vanished, reopened, acknowledged."""

    __tablename__ = "alert_events"
    __table_args__ = (Index(None, "alert_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    kind: Mapped[str] = mapped_column(Text)
    who: Mapped[str] = mapped_column(Text)  # webhook, sync, or whoever acknowledged
    note: Mapped[str] = mapped_column(Text)


class LoadedRule(Base):
    """An alert rule as Prometheus last reported it."""

    __tablename__ = "alert_rules"

    group_name: Mapped[str] = mapped_column(Text, primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    labels: Mapped[dict[str, Any]] = mapped_column(JSONB)
    annotations: Mapped[dict[str, Any]] = mapped_column(JSONB)
    expr: Mapped[str] = mapped_column(Text)

    state: Mapped[str] = mapped_column(Text)  # inactive, pending, firing
    health: Mapped[str] = mapped_column(Text)  # ok, err, unknown
    error: Mapped[str] = mapped_column(Text)
    evaluated_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    read_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

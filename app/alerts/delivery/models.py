"""Delivery as people set it up, in one row: a change is of the whole, so that its parts always fit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.vault import Sealed


class DeliveryRow(Base):
    __tablename__ = "alert_delivery"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[int]
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    secrets: Mapped[str] = mapped_column(Sealed("alert_delivery.secrets"))  # JSON by receiver; never shown
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_by: Mapped[str] = mapped_column(Text)


class Escalated(Base):
    """That an alert was passed on by an escalation: once, whoever looks."""

    __tablename__ = "alert_escalations"

    alert_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True
    )
    escalation: Mapped[str] = mapped_column(Text, primary_key=True)
    receiver: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # it was told that it is over

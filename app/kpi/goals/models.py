"""What is aimed at, and until when."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, DateTime, Identity, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class KpiGoal(Base):
    __tablename__ = "kpi_goals"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    room: Mapped[str] = mapped_column(Text)  # technical or business
    series: Mapped[str] = mapped_column(Text)  # a key of the glossary
    labels: Mapped[dict[str, str]] = mapped_column(JSONB)
    value: Mapped[float]  # in the unit of the series
    due_on: Mapped[date]
    owner: Mapped[str] = mapped_column(Text)
    began_on: Mapped[date]
    began_at: Mapped[float | None]  # the figure when it was set; None: there was none
    set_by: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    # What was told of it, and when; None: not yet.
    reached_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    missed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

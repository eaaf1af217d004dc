"""Targets, and which days are computed. The figures themselves are points of series."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import DateTime, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class KpiDay(Base):
    """A day that was computed, and when: a day computed before it was over holds only a part."""

    __tablename__ = "kpi_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    computed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    is_demo: Mapped[bool] = mapped_column(server_default=false())  # made-up facts are among those of the day


class KpiTarget(Base):
    """A target for each day from `from_day` on, until the next one. No value: no target from then on."""

    __tablename__ = "kpi_targets"

    kpi: Mapped[str] = mapped_column(Text, primary_key=True)  # a key of measures.KPIS
    from_day: Mapped[date] = mapped_column(primary_key=True)
    value: Mapped[float | None]  # in the unit of the series: cents, a ratio, a count
    set_by: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

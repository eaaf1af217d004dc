"""How each KPI's forecast came about."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import DateTime, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class KpiOutlook(Base):
    """How the newest forecast of a KPI was made; its days are points of kpi.forecast."""

    __tablename__ = "kpi_outlooks"

    kpi: Mapped[str] = mapped_column(Text, primary_key=True)
    last_day: Mapped[date]  # the newest day that it knew
    reason: Mapped[str | None] = mapped_column(Text)  # why there is none; a Reason of series.forecast
    method: Mapped[str | None] = mapped_column(Text)
    mase: Mapped[float | None]
    naive_mase: Mapped[float | None]
    origins: Mapped[int | None] = mapped_column(SmallInteger)
    computed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

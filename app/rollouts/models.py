"""Tables of rollouts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Float, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class RolloutReading(Base):
    """What one variant's shoppers met from the last move until a moment."""

    __tablename__ = "rollout_readings"

    flag: Mapped[str] = mapped_column(Text, primary_key=True)
    variant: Mapped[str] = mapped_column(Text, primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    # None: the source did not answer.
    exposures: Mapped[int | None] = mapped_column(BigInteger)  # different shoppers
    converted: Mapped[int | None] = mapped_column(BigInteger)  # of those, who ordered
    good: Mapped[float | None] = mapped_column(Float)  # journeys; increases are extrapolated, so no integers
    bad: Mapped[float | None] = mapped_column(Float)

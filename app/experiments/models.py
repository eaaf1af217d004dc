"""Tables of experiments."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class ExperimentArm(Base):
    """The latest count of one variant's shoppers."""

    __tablename__ = "experiment_arms"

    flag: Mapped[str] = mapped_column(Text, primary_key=True)
    variant: Mapped[str] = mapped_column(Text, primary_key=True)
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True))  # counted from here
    counted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))  # to here
    exposures: Mapped[int] = mapped_column(BigInteger)
    converted: Mapped[int] = mapped_column(BigInteger)
    mixed: Mapped[int] = mapped_column(BigInteger)  # shoppers of the flag left out: they met several variants

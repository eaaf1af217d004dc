"""Tables of experiments."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, DateTime, ForeignKey, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Experiment(Base):
    __tablename__ = "experiments"
    __table_args__ = (
        # Two experiments at once on one flag would read each other's shoppers.
        Index(
            "uq_experiments_running",
            "flag",
            "environment",
            unique=True,
            postgresql_where=text("state = 'running'"),
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    flag: Mapped[str] = mapped_column(Text, index=True)
    environment: Mapped[str] = mapped_column(Text)
    definition: Mapped[dict[str, Any]] = mapped_column(JSONB)  # as definition.plain() says it

    state: Mapped[str] = mapped_column(Text)  # draft, running, stopped, decided
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    stopped_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decision: Mapped[str | None] = mapped_column(Text)  # ship, keep, inconclusive
    shipped: Mapped[str | None] = mapped_column(Text)  # the variant
    reason: Mapped[str | None] = mapped_column(Text)
    ready_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # there was enough data

    # Counting begins with the start, or with the last change of the split after it.
    counted_from: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    counted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    revision: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    created_by: Mapped[str] = mapped_column(Text)
    is_demo: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))


class ExperimentCount(Base):
    """The moments of one variant from the first exposure to the end of a day, whole and by breakdown."""

    __tablename__ = "experiment_counts"

    experiment_id: Mapped[int] = mapped_column(
        ForeignKey("experiments.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(Date, primary_key=True)  # UTC
    dimension: Mapped[str] = mapped_column(Text, primary_key=True)  # "" for all, locale, country, device
    value: Mapped[str] = mapped_column(Text, primary_key=True)
    variant: Mapped[str] = mapped_column(Text, primary_key=True)  # "" for who met several

    n: Mapped[int] = mapped_column(BigInteger)  # shoppers
    sums: Mapped[dict[str, float]] = mapped_column(JSONB)  # of metrics.NUMBERS and PRODUCTS
    counted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class ExperimentBaseline(Base):
    """What shoppers did lately, whatever their variant, for planning: of a flag, or "" for the whole shop."""

    __tablename__ = "experiment_baselines"

    flag: Mapped[str] = mapped_column(Text, primary_key=True)
    days: Mapped[int] = mapped_column(Integer)  # that were looked at
    n: Mapped[int] = mapped_column(BigInteger)  # different shoppers in them
    sums: Mapped[dict[str, float]] = mapped_column(JSONB)
    counted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

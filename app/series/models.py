"""A series is a key with labels; its points are numbers at moments."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Identity, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Series(Base):
    __tablename__ = "series"
    __table_args__ = (UniqueConstraint("key", "labels"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(Text)
    labels: Mapped[dict[str, str]] = mapped_column(JSONB)


class SeriesPoint(Base):
    __tablename__ = "series_points"
    # NaN and the infinities are not numbers that a tile could show: "no data" is the absence of a point.
    __table_args__ = (CheckConstraint("value > '-Infinity' AND value < 'Infinity'", name="finite"),)

    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    value: Mapped[float]

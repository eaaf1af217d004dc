"""Tables of what shoppers saw, folded from what the shop counts. Saving a row does nothing else.

A message is named by its key, as the shop names it: what it counts may be gone from the sources by now.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class MessageDay(Base):
    """How often a message was shown in a locale on one day (UTC)."""

    __tablename__ = "message_days"

    locale: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    message_key: Mapped[str] = mapped_column(Text, primary_key=True)
    shown: Mapped[int] = mapped_column(BigInteger)
    fell_back: Mapped[int] = mapped_column(BigInteger)  # of these in the language of the source
    failed: Mapped[int] = mapped_column(BigInteger)  # of these because the translation could not be filled in
    is_demo: Mapped[bool] = mapped_column(Boolean)


class MessageFailure(Base):
    """An hour in which a translation could not be filled in."""

    __tablename__ = "message_failures"
    __table_args__ = (Index(None, "locale", "hour"),)

    hour: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    locale: Mapped[str] = mapped_column(Text, primary_key=True)
    message_key: Mapped[str] = mapped_column(Text, primary_key=True)
    release: Mapped[int] = mapped_column(Integer, primary_key=True)  # 0: what ships
    failed: Mapped[int] = mapped_column(BigInteger)
    is_demo: Mapped[bool] = mapped_column(Boolean)


class MessageSighting(Base):
    """The newest page of each kind on which a message was shown."""

    __tablename__ = "message_sightings"

    message_key: Mapped[str] = mapped_column(Text, primary_key=True)
    locale: Mapped[str] = mapped_column(Text, primary_key=True)
    endpoint: Mapped[str] = mapped_column(Text, primary_key=True)
    path: Mapped[str] = mapped_column(Text)
    last_seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)

"""What happened, when, to what."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Identity, Index, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class TimelineEntry(Base):
    __tablename__ = "timeline_entries"
    __table_args__ = (UniqueConstraint("key"), Index(None, "at"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # None: a moment, or going on
    kind: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)  # such as flag:new-checkout
    detail: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    key: Mapped[str | None] = mapped_column(Text)  # who records the same key again corrects the entry
    is_demo: Mapped[bool] = mapped_column(server_default=false())

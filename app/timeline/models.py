"""What happened, when, to what; and the same as it is handed on to whoever listens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Identity, Index, Text, UniqueConstraint, false, func, text
from sqlalchemy.dialects.postgresql import JSONB
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
    # For machines that listen: what this is, where the kind does not say it, and its facts.
    event: Mapped[str] = mapped_column(Text, server_default="")  # such as rollout.rolled_back
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))


class Happening(Base):
    """A row of the audit trail, the timeline or the runs of jobs, as a trigger noted it.

    Whoever reads it takes it away: what was committed late is found late, and nothing is found twice.
    """

    __tablename__ = "happenings"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    source: Mapped[str] = mapped_column(Text)  # audit, timeline, job or told
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)  # the row before a change
    after: Mapped[dict[str, Any]] = mapped_column(JSONB)

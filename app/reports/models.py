"""Reviews with their figures, what people said of them, what was decided, and who gets them by mail."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base

MOMENT = DateTime(timezone=True)


class ReportRow(Base):
    """One period. Its figures never change; what they come to today is shown beside them."""

    __tablename__ = "reports"
    __table_args__ = (Index(None, "last_day"),)

    period: Mapped[str] = mapped_column(Text, primary_key=True)  # 2026-W48, 2026-11, 2026-Q4, 2026
    kind: Mapped[str] = mapped_column(Text)  # one of period.KINDS
    first_day: Mapped[date]
    last_day: Mapped[date]
    made_at: Mapped[datetime] = mapped_column(MOMENT)
    sections: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)  # see report.py

    closed_at: Mapped[datetime | None] = mapped_column(MOMENT)
    closed_by: Mapped[str | None] = mapped_column(Text)
    decision: Mapped[str] = mapped_column(Text)


class ReportNote(Base):
    """What somebody said of a section; never changed afterwards."""

    __tablename__ = "report_notes"
    __table_args__ = (Index(None, "period"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    period: Mapped[str] = mapped_column(ForeignKey("reports.period", ondelete="CASCADE"))
    section: Mapped[str] = mapped_column(Text)  # a key of report.SECTIONS
    text: Mapped[str] = mapped_column(Text)
    who: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(MOMENT)


class ReportAction(Base):
    """What is to be done next, by whom and until when."""

    __tablename__ = "report_actions"
    __table_args__ = (Index(None, "period"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    period: Mapped[str] = mapped_column(ForeignKey("reports.period", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date | None]
    done_at: Mapped[datetime | None] = mapped_column(MOMENT)
    done_by: Mapped[str | None] = mapped_column(Text)


class ReportRecipient(Base):
    __tablename__ = "report_recipients"

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    email: Mapped[str] = mapped_column(Text, primary_key=True)
    language: Mapped[str] = mapped_column(Text)
    added_by: Mapped[str] = mapped_column(Text)
    added_at: Mapped[datetime] = mapped_column(MOMENT)  # periods that ended before are not sent


class ReportMail(Base):
    """That somebody was sent a period's review: once."""

    __tablename__ = "report_mails"

    period: Mapped[str] = mapped_column(Text, primary_key=True)
    email: Mapped[str] = mapped_column(Text, primary_key=True)
    sent_at: Mapped[datetime] = mapped_column(MOMENT)

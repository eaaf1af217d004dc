"""What each person was told of, and how each wants to be told."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base

MOMENT = DateTime(timezone=True)


class Notification(Base):
    """One event for one person: never two."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("person_id", "event_id"),
        Index(None, "event_id"),
        Index(None, "person_id", "id"),
        Index("ix_notifications_mail", "person_id", postgresql_where="mail IN ('now', 'digest')"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(Text)  # a key of kind.KINDS
    at: Mapped[datetime] = mapped_column(MOMENT)
    is_shown: Mapped[bool]  # on the page; else by mail or webhook alone
    read_at: Mapped[datetime | None] = mapped_column(MOMENT)
    mail: Mapped[str] = mapped_column(Text)  # "", now, digest or sent


class Choice(Base):
    """Where somebody wants a kind told. No row: the default of what they may do."""

    __tablename__ = "notification_choices"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    channels: Mapped[list[str]] = mapped_column(JSONB)  # of kind.CHANNELS


class NotificationSetting(Base):
    __tablename__ = "notification_settings"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    time_zone: Mapped[str] = mapped_column(Text)
    quiet_from: Mapped[int | None]  # hour of the day, in that zone; None: no quiet hours
    quiet_to: Mapped[int | None]
    digest: Mapped[str] = mapped_column(Text)  # off, daily or weekly
    digest_hour: Mapped[int]
    digested_on: Mapped[date | None]  # the day, in that zone, that was last looked at

"""Groups of errors that are alike, and what is kept of the single ones."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Index, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base

MOMENT = DateTime(timezone=True)


class ErrorGroup(Base):
    __tablename__ = "error_groups"
    __table_args__ = (Index(None, "state", "last_at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Text, unique=True)
    source: Mapped[str] = mapped_column(Text)  # where it was first seen: control, scheduler, shop, worker …
    kind: Mapped[str] = mapped_column(Text)  # the exception's type
    message: Mapped[str] = mapped_column(Text)  # of the newest, masked
    place: Mapped[str] = mapped_column(Text)  # the innermost function of our own code

    first_at: Mapped[datetime] = mapped_column(MOMENT)
    last_at: Mapped[datetime] = mapped_column(MOMENT)
    first_release: Mapped[str] = mapped_column(Text)
    last_release: Mapped[str] = mapped_column(Text)
    count: Mapped[int] = mapped_column(BigInteger)

    state: Mapped[str] = mapped_column(Text, server_default="open")  # open, resolved or ignored
    changed_at: Mapped[datetime | None] = mapped_column(MOMENT)  # when somebody last set the state
    changed_by: Mapped[str] = mapped_column(Text, server_default="")
    resolved_release: Mapped[str] = mapped_column(
        Text, server_default=""
    )  # sights in it do not open it again
    regressed_at: Mapped[datetime | None] = mapped_column(MOMENT)  # seen again after it was resolved
    assignee: Mapped[str] = mapped_column(Text, server_default="")
    note: Mapped[str] = mapped_column(Text, server_default="")


class ErrorHour(Base):
    __tablename__ = "error_hours"

    group_id: Mapped[int] = mapped_column(
        ForeignKey("error_groups.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    hour: Mapped[datetime] = mapped_column(MOMENT, primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)


class ErrorRelease(Base):
    __tablename__ = "error_releases"

    group_id: Mapped[int] = mapped_column(
        ForeignKey("error_groups.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    release: Mapped[str] = mapped_column(Text, primary_key=True)
    first_at: Mapped[datetime] = mapped_column(MOMENT)
    last_at: Mapped[datetime] = mapped_column(MOMENT)
    count: Mapped[int] = mapped_column(BigInteger)


class ErrorPerson(Base):
    """Who met it: no name, but the same for the same person."""

    __tablename__ = "error_people"

    group_id: Mapped[int] = mapped_column(
        ForeignKey("error_groups.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    person: Mapped[str] = mapped_column(Text, primary_key=True)


class ErrorSample(Base):
    """One error, or the number of those of which nothing else was kept."""

    __tablename__ = "error_samples"
    __table_args__ = (
        Index(None, "group_id", "at"),
        Index(None, "at"),
        Index("ix_error_samples_request_id", text("(request ->> 'request_id')")),
        Index("ix_error_samples_trace_id", text("(request ->> 'trace_id')")),
    )

    event_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("error_groups.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(MOMENT)
    count: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(Text)
    release: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    traceback: Mapped[str] = mapped_column(Text)
    request: Mapped[dict[str, Any]] = mapped_column(JSONB)


class ErrorMark(Base):
    """How far the errors of another service are taken in."""

    __tablename__ = "error_marks"

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    upto: Mapped[datetime] = mapped_column(MOMENT)

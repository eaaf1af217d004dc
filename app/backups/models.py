"""Backups that were asked for and made, and each look at what they are worth."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Identity, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base

MOMENT = DateTime(timezone=True)


class Backup(Base):
    """`asked` until a job takes it, `gone` when retention has deleted its file."""

    __tablename__ = "backups"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'running', 'ok', 'failed', 'gone')", name="state"),
        Index("ix_backups_database_made_at", "database", "made_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    database: Mapped[str] = mapped_column(Text)  # control or shop
    state: Mapped[str] = mapped_column(Text)
    cause: Mapped[str] = mapped_column(Text)  # schedule, page, api, cli, or found in the folder
    asked_by: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(MOMENT)
    started_at: Mapped[datetime | None] = mapped_column(MOMENT)
    error: Mapped[str] = mapped_column(Text, server_default="")

    made_at: Mapped[datetime | None] = mapped_column(MOMENT)  # the moment that it holds
    seconds: Mapped[float | None]
    file_name: Mapped[str | None] = mapped_column(Text, unique=True)
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    # Files are not sealed anew: their keys are needed as long as they are.
    key_name: Mapped[str | None] = mapped_column(Text, info={"names_a_key": True})
    schema_revision: Mapped[str] = mapped_column(Text, server_default="")
    tables: Mapped[int | None]
    rows: Mapped[int | None] = mapped_column(BigInteger)


class BackupCheck(Base):
    """verify: read to the end. prove: restored and compared."""

    __tablename__ = "backup_checks"
    __table_args__ = (
        CheckConstraint("kind IN ('verify', 'prove')", name="kind"),
        CheckConstraint("state IN ('asked', 'running', 'ok', 'failed')", name="state"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    backup_id: Mapped[int] = mapped_column(ForeignKey("backups.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(MOMENT)
    started_at: Mapped[datetime | None] = mapped_column(MOMENT)
    finished_at: Mapped[datetime | None] = mapped_column(MOMENT)
    said: Mapped[str] = mapped_column(Text, server_default="")

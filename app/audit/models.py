"""The audit trail: rows are added and sealed once, never changed; a trigger refuses all else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Identity, Index, SmallInteger, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class AuditEntry(Base):
    __tablename__ = "audit_entries"
    __table_args__ = (
        Index(None, "at", "id"),
        Index(None, "subject", "at"),
        Index(None, "who", "at"),
        Index(None, "action", "at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    who: Mapped[str] = mapped_column(Text)  # an e-mail address, "token:<name>" or "job:<name>"
    action: Mapped[str] = mapped_column(Text)  # such as flag.rollout
    subject: Mapped[str] = mapped_column(Text)  # such as flag:new-checkout
    before: Mapped[dict[str, Any]] = mapped_column(JSONB)
    after: Mapped[dict[str, Any]] = mapped_column(JSONB)

    # From where; None: not from a request, or from before these were kept.
    via: Mapped[str | None] = mapped_column(Text)  # page, api, cli or job
    address: Mapped[str | None] = mapped_column(Text)
    agent: Mapped[str | None] = mapped_column(Text)  # browser or program, as it names itself, cut
    request_id: Mapped[str | None] = mapped_column(Text)
    token_id: Mapped[int | None] = mapped_column(BigInteger)

    # The chain, see chain.py. None: not sealed yet.
    sequence: Mapped[int | None] = mapped_column(BigInteger, unique=True)  # 1, 2, 3 …: without a gap
    previous: Mapped[str | None] = mapped_column(Text)  # the seal of the entry before
    seal: Mapped[str | None] = mapped_column(Text)


class AuditHead(Base):
    """Where the chain begins and ends. One row, sealed itself, so that a missing end shows."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    base: Mapped[int] = mapped_column(BigInteger)  # the last entry that retention removed; 0: none
    base_seal: Mapped[str] = mapped_column(Text)
    sequence: Mapped[int] = mapped_column(BigInteger)  # of the newest entry
    entry_seal: Mapped[str] = mapped_column(Text)
    adopts_to: Mapped[int] = mapped_column(BigInteger)  # entries up to this id may be sealed later on
    seal: Mapped[str] = mapped_column(Text)


class AuditCheck(Base):
    """What the last look at the whole chain found. One row."""

    __tablename__ = "audit_checks"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    entries: Mapped[int] = mapped_column(BigInteger)
    broken_at: Mapped[int | None] = mapped_column(BigInteger)  # the first sequence that is wrong
    how: Mapped[str | None] = mapped_column(Text)  # one of verifying.How; None: all is well

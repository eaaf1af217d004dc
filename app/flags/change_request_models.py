"""Tables of changes that wait. Saving a row does nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Index, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base

Json = Any


class ChangeRequest(Base):
    """Changes of one environment that are made together, or not at all."""

    __tablename__ = "flag_change_requests"
    __table_args__ = (
        Index("ix_flag_change_requests_state", "state", "apply_at"),
        # What the job asks for every few seconds.
        Index("ix_flag_change_requests_due", "apply_at", postgresql_where=text("state = 'scheduled'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    environment: Mapped[str] = mapped_column(ForeignKey("environments.name"))
    title: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)  # one of change_request.State
    author: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    round: Mapped[int] = mapped_column(SmallInteger)  # approvals of earlier rounds no longer count
    approvals_needed: Mapped[int] = mapped_column(SmallInteger)  # as of when it was sent
    apply_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # None: by hand

    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_by: Mapped[str | None] = mapped_column(Text)
    # Why it was not applied: one of change_request.Problem, and what was said.
    problem: Mapped[str | None] = mapped_column(Text)
    problem_text: Mapped[str | None] = mapped_column(Text)
    told_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # its author, of the problem


class ProposedChange(Base):
    __tablename__ = "flag_proposed_changes"
    __table_args__ = (
        Index("ix_flag_proposed_changes_request", "request", "position"),
        Index("ix_flag_proposed_changes_flag", "flag"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    request: Mapped[int] = mapped_column(ForeignKey("flag_change_requests.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(SmallInteger)
    flag: Mapped[str] = mapped_column(ForeignKey("flags.name", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(Text)  # one of change_request.Kind
    payload: Mapped[Json] = mapped_column(JSONB)
    # What the flag was when this was proposed; another revision by now is a conflict.
    before: Mapped[Json] = mapped_column(JSONB)
    base_revision: Mapped[int] = mapped_column(BigInteger)
    added_by: Mapped[str] = mapped_column(Text)
    added_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class ChangeOpinion(Base):
    """An approval, a rejection or a comment."""

    __tablename__ = "flag_change_opinions"
    __table_args__ = (Index("ix_flag_change_opinions_request", "request"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    request: Mapped[int] = mapped_column(ForeignKey("flag_change_requests.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    who: Mapped[str] = mapped_column(Text)
    verdict: Mapped[str] = mapped_column(Text)  # one of change_request.Verdict
    text: Mapped[str] = mapped_column(Text)
    round: Mapped[int] = mapped_column(SmallInteger)

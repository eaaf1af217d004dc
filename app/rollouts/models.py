"""Tables of rollouts. Saving a row does nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Float, ForeignKey, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base

Json = dict[str, Any]
MOMENT = DateTime(timezone=True)


class RolloutReading(Base):
    """What one variant's shoppers met from the last move until a moment."""

    __tablename__ = "rollout_readings"

    flag: Mapped[str] = mapped_column(Text, primary_key=True)
    variant: Mapped[str] = mapped_column(Text, primary_key=True)
    at: Mapped[datetime] = mapped_column(MOMENT, primary_key=True)
    since: Mapped[datetime] = mapped_column(MOMENT)
    # None: the source did not answer.
    exposures: Mapped[int | None] = mapped_column(BigInteger)  # different shoppers
    converted: Mapped[int | None] = mapped_column(BigInteger)  # of those, who ordered
    good: Mapped[float | None] = mapped_column(Float)  # journeys; increases are extrapolated, so no integers
    bad: Mapped[float | None] = mapped_column(Float)


class Rollout(Base):
    """A plan on its way: where it is (machine.Position), what it remembers, and what it last decided."""

    __tablename__ = "rollouts"
    __table_args__ = (
        # One at a time moves a flag.
        Index(
            "ix_rollouts_open", "flag", "environment", unique=True, postgresql_where=text("ended_at IS NULL")
        ),
        Index("ix_rollouts_flag", "flag", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    flag: Mapped[str] = mapped_column(Text)
    environment: Mapped[str] = mapped_column(Text)
    plan: Mapped[Json] = mapped_column(JSONB)
    language: Mapped[str] = mapped_column(Text)  # of the mails
    version: Mapped[int]  # rises with each write of a person, so that nobody overwrites unseen

    started_at: Mapped[datetime] = mapped_column(MOMENT)
    started_by: Mapped[str] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(MOMENT)
    ended_by: Mapped[str | None] = mapped_column(Text)

    state: Mapped[str] = mapped_column(Text)  # running, paused, ended
    outcome: Mapped[str] = mapped_column(Text)
    step: Mapped[int]
    step_since: Mapped[datetime] = mapped_column(MOMENT)
    observed_seconds: Mapped[float] = mapped_column(Float)
    steady_seconds: Mapped[float] = mapped_column(Float)
    exposures: Mapped[int | None] = mapped_column(BigInteger)
    approved: Mapped[int]
    halted: Mapped[bool]
    let_go: Mapped[bool]

    before: Mapped[Json] = mapped_column(JSONB)  # the flag as it was: where a rollback leads
    placed: Mapped[Json] = mapped_column(JSONB)  # the flag as the rollout left it
    looked_at: Mapped[datetime | None] = mapped_column(MOMENT)
    seen: Mapped[Json] = mapped_column(JSONB)  # instance → unix seconds of its newest sample that was read
    memory: Mapped[Json] = mapped_column(JSONB)
    facts: Mapped[Json | None] = mapped_column(JSONB)  # the last count of shoppers, with its moment
    reason: Mapped[Json] = mapped_column(JSONB)  # of the last decision: action, code, about, since
    override: Mapped[Json | None] = mapped_column(JSONB)  # who, reason, until


class RolloutLook(Base):
    """One look of one rollout: what each side did since the look before, and what the guards said."""

    __tablename__ = "rollout_looks"
    __table_args__ = (Index("ix_rollout_looks_at", "at"),)

    rollout_id: Mapped[int] = mapped_column(ForeignKey("rollouts.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime] = mapped_column(MOMENT, primary_key=True)
    seconds: Mapped[float] = mapped_column(Float)  # since the look before
    counts: Mapped[Json] = mapped_column(JSONB)
    verdicts: Mapped[list[Json]] = mapped_column(JSONB)


class RolloutDecision(Base):
    """A decision that changed something, with its evidence. Only whether it was mailed is changed later."""

    __tablename__ = "rollout_decisions"
    __table_args__ = (Index("ix_rollout_decisions_rollout", "rollout_id", "at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    rollout_id: Mapped[int] = mapped_column(ForeignKey("rollouts.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(MOMENT)
    who: Mapped[str] = mapped_column(Text)  # a person, or job:rollouts.decide
    step: Mapped[int]
    action: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    about: Mapped[Json] = mapped_column(JSONB)
    evidence: Mapped[Json] = mapped_column(JSONB)
    mail_to: Mapped[str] = mapped_column(Text)  # "": nobody is told by mail
    mailed_at: Mapped[datetime | None] = mapped_column(MOMENT)


class RolloutFreeze(Base):
    """A time in which nothing new may begin, in any rollout."""

    __tablename__ = "rollout_freezes"
    __table_args__ = (
        Index(
            "ix_rollout_freezes_open",
            text("(thawed_at IS NULL)"),
            unique=True,
            postgresql_where=text("thawed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    frozen_at: Mapped[datetime] = mapped_column(MOMENT)
    frozen_by: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    thawed_at: Mapped[datetime | None] = mapped_column(MOMENT)
    thawed_by: Mapped[str | None] = mapped_column(Text)

"""Tables of guarded releases. Saving a row does nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Float, ForeignKey, Identity, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base

Json = dict[str, Any]
MOMENT = DateTime(timezone=True)


class WordRollout(Base):
    """A candidate release on its way to all shoppers of a locale, or back.

    The columns from `state` to `let_go` are machine.Position of the rollouts.
    """

    __tablename__ = "word_rollouts"
    __table_args__ = (
        Index("ix_word_rollouts_open", "locale", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_word_rollouts_locale", "locale", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    locale: Mapped[str] = mapped_column(ForeignKey("locales.code", ondelete="CASCADE"))
    candidate: Mapped[int] = mapped_column(Integer)  # the release's number
    stable: Mapped[int] = mapped_column(Integer)  # what the others see; 0: what ships
    plan: Mapped[Json] = mapped_column(JSONB)  # share_plan.SharePlan
    language: Mapped[str] = mapped_column(Text)  # of the mails

    started_at: Mapped[datetime] = mapped_column(MOMENT)
    started_by: Mapped[str] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(MOMENT)
    ended_by: Mapped[str | None] = mapped_column(Text)

    state: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    step: Mapped[int]
    step_since: Mapped[datetime] = mapped_column(MOMENT)
    observed_seconds: Mapped[float] = mapped_column(Float)
    steady_seconds: Mapped[float] = mapped_column(Float)
    exposures: Mapped[int | None] = mapped_column(BigInteger)
    approved: Mapped[int]
    halted: Mapped[bool]
    let_go: Mapped[bool]

    looked_at: Mapped[datetime | None] = mapped_column(MOMENT)
    seen: Mapped[Json] = mapped_column(JSONB)  # instance → unix seconds of its newest sample that was read
    memory: Mapped[Json] = mapped_column(JSONB)
    looks: Mapped[list[Json]] = mapped_column(JSONB)  # of the last minutes: at, seconds, counts
    facts: Mapped[Json | None] = mapped_column(JSONB)  # the last count of shoppers, with its moment
    verdicts: Mapped[list[Json]] = mapped_column(JSONB)
    reason: Mapped[Json] = mapped_column(JSONB)  # of the last decision: action, code, about, since


class WordDecision(Base):
    """What was decided of a candidate, by the job or by a person, with what it rests on."""

    __tablename__ = "word_decisions"
    __table_args__ = (Index("ix_word_decisions_rollout", "rollout_id", "at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    rollout_id: Mapped[int] = mapped_column(ForeignKey("word_rollouts.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(MOMENT)
    who: Mapped[str] = mapped_column(Text)
    percent: Mapped[int] = mapped_column(Integer)  # of visitors, once this was carried out
    action: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    about: Mapped[Json] = mapped_column(JSONB)
    verdicts: Mapped[list[Json]] = mapped_column(JSONB)
    mail_to: Mapped[str] = mapped_column(Text)
    mailed_at: Mapped[datetime | None] = mapped_column(MOMENT)

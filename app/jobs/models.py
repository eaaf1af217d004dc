"""Each run of each job."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Identity, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base

OUTCOMES = ("requested", "running", "ok", "failed")


class JobRun(Base):
    __tablename__ = "job_runs"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    job: Mapped[str] = mapped_column(Text)
    slot: Mapped[datetime] = mapped_column(DateTime(timezone=True))  # the moment the run is for
    cause: Mapped[str] = mapped_column(Text)  # schedule, start, page, api or cli
    asked_by: Mapped[str] = mapped_column(Text)  # who wanted it; "schedule" for planned runs

    outcome: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    said: Mapped[str] = mapped_column(Text, server_default="")  # what it did, or what went wrong

    __table_args__ = (
        CheckConstraint("outcome IN ('requested', 'running', 'ok', 'failed')", name="outcome"),
        # One planned run a slot, whoever tries: this is what makes two schedulers harmless.
        Index("uq_job_runs_job_slot", "job", "slot", unique=True, postgresql_where="cause = 'schedule'"),
        Index("ix_job_runs_job_id", "job", "id"),
        Index("ix_job_runs_requested", "id", postgresql_where="outcome = 'requested'"),
    )

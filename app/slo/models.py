"""Objectives, their five-minute rows, the hour sums of those, and what the last gathering made of them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Numeric,
    Text,
    UniqueConstraint,
    false,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base

STATES = "state IN ('ok', 'no_traffic', 'no_data', 'excluded')"


class Slo(Base):
    __tablename__ = "slos"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("objective > 0 AND objective < 1", name="objective"),
        CheckConstraint("window_days BETWEEN 1 AND 400", name="window_days"),
        UniqueConstraint("parent_id", "group_value"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    about: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(Text)
    runbook: Mapped[str] = mapped_column(Text)

    labels: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")

    indicator: Mapped[str] = mapped_column(Text)  # as definition.Indicator
    good: Mapped[str] = mapped_column(Text)
    bad: Mapped[str] = mapped_column(Text, server_default="")
    total: Mapped[str] = mapped_column(Text)
    durations: Mapped[str] = mapped_column(Text)
    threshold_seconds: Mapped[float | None]
    query: Mapped[str] = mapped_column(Text, server_default="")
    op: Mapped[str] = mapped_column(Text, server_default="lte")
    threshold: Mapped[float | None]
    composition: Mapped[str] = mapped_column(Text, server_default="all")
    members: Mapped[dict[str, float]] = mapped_column(JSONB, server_default="{}")  # key → weight
    method: Mapped[str] = mapped_column(Text, server_default="occurrences")
    slice_target: Mapped[Decimal | None] = mapped_column(Numeric(9, 8))
    slice_seconds: Mapped[int] = mapped_column(server_default="300")

    objective: Mapped[Decimal] = mapped_column(Numeric(7, 6))
    window_kind: Mapped[str] = mapped_column(Text, server_default="rolling")
    window_days: Mapped[int]
    time_zone: Mapped[str] = mapped_column(Text, server_default="UTC")
    group_label: Mapped[str] = mapped_column(Text, server_default="")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("slos.id", ondelete="CASCADE"))
    group_value: Mapped[str] = mapped_column(Text, server_default="")

    min_bad_events: Mapped[int]
    tiers: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")  # []: the standard ones
    absent_minutes: Mapped[int] = mapped_column(server_default="5")
    policy: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)  # None: the standard one
    is_enabled: Mapped[bool] = mapped_column(server_default=true())
    openslo: Mapped[dict[str, Any] | None] = mapped_column(JSONB)  # the document that it was imported from

    revision: Mapped[int]
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    archived_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class SloRevision(Base):
    """What an objective's counts meant, from when on."""

    __tablename__ = "slo_revisions"

    slo_id: Mapped[int] = mapped_column(ForeignKey("slos.id", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    began_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    who: Mapped[str] = mapped_column(Text)
    definition: Mapped[dict[str, Any]] = mapped_column(JSONB)


class SloCorrection(Base):
    """A span, once or again and again, whose events do not count. Undone ones stay for the record."""

    __tablename__ = "slo_corrections"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    slo_id: Mapped[int | None] = mapped_column(ForeignKey("slos.id", ondelete="CASCADE"))  # None: by labels
    labels: Mapped[dict[str, str]] = mapped_column(JSONB)  # {}: all objectives
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))  # of the first span
    repeats: Mapped[str] = mapped_column(Text)  # once, daily, weekly or monthly
    weekdays: Mapped[list[int]] = mapped_column(JSONB)  # of a weekly one: 0 is Monday
    until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # no span begins after it
    time_zone: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    who: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    undone_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    undone_by: Mapped[str] = mapped_column(Text, server_default="")


class SloOverride(Base):
    """Somebody lifts a freeze for a while."""

    __tablename__ = "slo_overrides"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    slo_id: Mapped[int] = mapped_column(ForeignKey("slos.id", ondelete="CASCADE"), index=True)
    who: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class OpenSloObject(Base):
    """An imported object that is no objective: kept so that an export gives back what came in."""

    __tablename__ = "openslo_objects"

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    imported_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class SloBucket(Base):
    """Five minutes. Written again and again with the same result, by (slo, revision, start)."""

    __tablename__ = "slo_buckets"
    __table_args__ = (CheckConstraint(STATES, name="state"),)

    slo_id: Mapped[int] = mapped_column(ForeignKey("slos.id", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    good: Mapped[float]
    bad: Mapped[float]
    total: Mapped[float]
    state: Mapped[str] = mapped_column(Text)
    # What it would be without corrections: an excluded row keeps its counts.
    measured_state: Mapped[str] = mapped_column(Text, server_default="ok")
    is_complete: Mapped[bool] = mapped_column(Boolean)


class SloHour(Base):
    """Sums of an hour's rows, so that ninety days of a hundred objectives stay fast."""

    __tablename__ = "slo_hours"

    slo_id: Mapped[int] = mapped_column(ForeignKey("slos.id", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    bad: Mapped[float]
    total: Mapped[float]
    ok: Mapped[int]
    no_traffic: Mapped[int]
    no_data: Mapped[int]
    excluded: Mapped[int]
    excluded_bad: Mapped[float] = mapped_column(server_default="0")
    excluded_total: Mapped[float] = mapped_column(server_default="0")


class SloStatus(Base):
    """What the list shows, computed by each gathering: one row an objective."""

    __tablename__ = "slo_status"

    slo_id: Mapped[int] = mapped_column(ForeignKey("slos.id", ondelete="CASCADE"), primary_key=True)
    gathered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    state: Mapped[str] = mapped_column(Text)
    bad: Mapped[float]
    total: Mapped[float]
    budget_left: Mapped[float | None]
    budget_left_uncorrected: Mapped[float | None]  # with the events that corrections exclude
    revision: Mapped[int] = mapped_column(server_default="1")
    filled_from: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # history is known since
    foretold_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    steps_taken: Mapped[int] = mapped_column(server_default="0")  # of the error budget's policy
    freezes: Mapped[bool] = mapped_column(server_default=false())  # as the policy says, without overrides
    error: Mapped[str] = mapped_column(Text, server_default="")  # why it could not be gathered
    burns: Mapped[dict[str, Any]] = mapped_column(JSONB)  # window length in seconds → burn and bad events
    forecast: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    spark: Mapped[list[float | None]] = mapped_column(JSONB)  # budget left over the window, oldest first


class SloReportRecipient(Base):
    """Who gets the weekly or monthly report by mail, from the first period that ends after `added_at`."""

    __tablename__ = "slo_report_recipients"
    __table_args__ = (CheckConstraint("kind IN ('week', 'month')", name="kind"),)

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    email: Mapped[str] = mapped_column(Text, primary_key=True)
    language: Mapped[str] = mapped_column(Text)
    added_by: Mapped[str] = mapped_column(Text)
    added_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class SloReportMail(Base):
    """A report that was sent: the row is what keeps it from being sent twice."""

    __tablename__ = "slo_report_mails"

    period: Mapped[str] = mapped_column(Text, primary_key=True)  # 2026-W48, 2026-11
    email: Mapped[str] = mapped_column(Text, primary_key=True)
    sent_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class SloRules(Base):
    """Whether Prometheus has the rules that were written for it; one row for each place they go to."""

    __tablename__ = "slo_rules"

    place: Mapped[str] = mapped_column(Text, primary_key=True)  # folder or ruler
    checked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    is_loaded: Mapped[bool]
    said: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text)  # of the text that was written last

"""Tables of flags. Saving a row does nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Text,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base

Json = Any  # what a JSONB column holds; its shape is checked by targeting.py before it is written
EMPTY_LIST = text("'[]'::jsonb")


class Environment(Base):
    """A place that flags are evaluated in; SDK tokens name one."""

    __tablename__ = "environments"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger)  # order on pages
    type: Mapped[str] = mapped_column(Text, server_default="development")  # one of environment.TYPES
    # Whether a change needs the word of somebody else first, and of how many.
    requires_approval: Mapped[bool] = mapped_column(Boolean, server_default=false())
    approvals_needed: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    archived_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # SDKs keep its last state


class Flag(Base):
    __tablename__ = "flags"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    project: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(Text)  # a key of flag.TYPES
    description: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(Text)  # a person or a team, in words
    tags: Mapped[list[str]] = mapped_column(JSONB)  # "type:value"
    impression_data: Mapped[bool] = mapped_column(Boolean)
    is_stale: Mapped[bool] = mapped_column(Boolean)  # marked by a person: ready to be removed from the code
    links: Mapped[Json] = mapped_column(JSONB, server_default=EMPTY_LIST)  # [{"url", "title"}]
    dependencies: Mapped[Json] = mapped_column(JSONB, server_default=EMPTY_LIST)  # as on the wire
    # Days from creation to removal. None: as its type says; 0: made to stay.
    expected_lifetime_days: Mapped[int | None] = mapped_column(Integer)

    # Its life; the stage is what has happened last, see lifecycle.py.
    live_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # first reached somebody
    completed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    outcome: Mapped[str | None] = mapped_column(Text)  # kept, discarded
    outcome_variant: Mapped[str | None] = mapped_column(Text)  # the one that was kept

    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    created_by: Mapped[str] = mapped_column(Text)
    # Archived and deleted flags stay as rows, so that SDKs can be told since when they are gone.
    archived_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # the name is free again
    revision: Mapped[int] = mapped_column(BigInteger)  # of the last write to this row


class FlagState(Base):
    """What a flag does in one environment."""

    __tablename__ = "flag_states"

    flag: Mapped[str] = mapped_column(ForeignKey("flags.name", ondelete="CASCADE"), primary_key=True)
    environment: Mapped[str] = mapped_column(ForeignKey("environments.name"), primary_key=True)
    enabled: Mapped[bool] = mapped_column(Boolean)
    strategies: Mapped[Json] = mapped_column(JSONB)  # list, as on the wire
    variants: Mapped[Json] = mapped_column(JSONB)  # list, as on the wire

    revision: Mapped[int] = mapped_column(BigInteger)  # of the last write to this row
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    changed_by: Mapped[str] = mapped_column(Text)
    # The last time that the share of shoppers who get it moved, and from where (percent; None: not a number).
    moved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    moved_from: Mapped[int | None] = mapped_column(SmallInteger)
    moved_by: Mapped[str | None] = mapped_column(Text)


class Segment(Base):
    """A named group of constraints that strategies share. A deleted one stays as a row."""

    __tablename__ = "segments"
    __table_args__ = (
        Index("ix_segments_name", "name", unique=True, postgresql_where=text("deleted_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    project: Mapped[str | None] = mapped_column(Text)  # None: for all
    constraints: Mapped[Json] = mapped_column(JSONB)  # list, as on the wire

    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    created_by: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    changed_by: Mapped[str] = mapped_column(Text)
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revision: Mapped[int] = mapped_column(BigInteger)  # of the last write to this row


class FlagFavourite(Base):
    """A flag that somebody wants to find again at once."""

    __tablename__ = "flag_favourites"

    person: Mapped[str] = mapped_column(Text, primary_key=True)  # as the audit trail names them
    flag: Mapped[str] = mapped_column(ForeignKey("flags.name", ondelete="CASCADE"), primary_key=True)
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class FlagRevision(Base):
    """One row. Each write adds one under its row lock, so revisions are committed in their order."""

    __tablename__ = "flag_revision"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(BigInteger)


class FlagMetric(Base):
    """How often SDKs answered yes and no. Flags that nobody defined are counted too."""

    __tablename__ = "flag_metrics"
    __table_args__ = (Index("ix_flag_metrics_hour", "hour"),)

    flag: Mapped[str] = mapped_column(Text, primary_key=True)
    environment: Mapped[str] = mapped_column(Text, primary_key=True)
    app_name: Mapped[str] = mapped_column(Text, primary_key=True)
    hour: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)  # its start
    yes: Mapped[int] = mapped_column(BigInteger)
    no: Mapped[int] = mapped_column(BigInteger)
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))  # last report in this hour


class FlagVariantMetric(Base):
    __tablename__ = "flag_variant_metrics"
    __table_args__ = (Index("ix_flag_variant_metrics_hour", "hour"),)

    flag: Mapped[str] = mapped_column(Text, primary_key=True)
    environment: Mapped[str] = mapped_column(Text, primary_key=True)
    app_name: Mapped[str] = mapped_column(Text, primary_key=True)
    hour: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    variant: Mapped[str] = mapped_column(Text, primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)


class FlagImpact(Base):
    """What applications counted beside a flag, by the variant they had: impact metrics of SDKs, by hour."""

    __tablename__ = "flag_impacts"
    __table_args__ = (Index("ix_flag_impacts_hour", "hour"),)

    metric: Mapped[str] = mapped_column(Text, primary_key=True)
    environment: Mapped[str] = mapped_column(Text, primary_key=True)
    app_name: Mapped[str] = mapped_column(Text, primary_key=True)
    flag: Mapped[str] = mapped_column(Text, primary_key=True)  # empty: of no flag
    variant: Mapped[str] = mapped_column(Text, primary_key=True)
    hour: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)  # counter, gauge, histogram
    samples: Mapped[int] = mapped_column(BigInteger)  # values behind the total
    total: Mapped[float] = mapped_column(Double)  # their sum; of a gauge the last value


class FlagImpactBucket(Base):
    """How many values of a histogram were not above a limit."""

    __tablename__ = "flag_impact_buckets"
    __table_args__ = (Index("ix_flag_impact_buckets_hour", "hour"),)

    metric: Mapped[str] = mapped_column(Text, primary_key=True)
    environment: Mapped[str] = mapped_column(Text, primary_key=True)
    app_name: Mapped[str] = mapped_column(Text, primary_key=True)
    flag: Mapped[str] = mapped_column(Text, primary_key=True)
    variant: Mapped[str] = mapped_column(Text, primary_key=True)
    hour: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    up_to: Mapped[float] = mapped_column(Double, primary_key=True)  # infinity: all
    count: Mapped[int] = mapped_column(BigInteger)


class FlagClient(Base):
    """One SDK instance: a process that asks for flags."""

    __tablename__ = "flag_clients"
    __table_args__ = (Index("ix_flag_clients_seen_at", "seen_at"),)

    environment: Mapped[str] = mapped_column(Text, primary_key=True)
    app_name: Mapped[str] = mapped_column(Text, primary_key=True)
    instance_id: Mapped[str] = mapped_column(Text, primary_key=True)
    connection_id: Mapped[str] = mapped_column(Text, primary_key=True)  # tells same-named instances apart
    sdk: Mapped[str] = mapped_column(Text)  # "unleash-python-sdk:6.9.1"
    interval_seconds: Mapped[int | None] = mapped_column(BigInteger)  # how often it says that it asks
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))  # first seen
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

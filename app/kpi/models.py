"""Targets and computed days, the facts that KPIs are made of, and their sums by day.

Facts are kept as compact as they can be and still be counted in any time zone: one row an order, a refund and
a session. Who visits does not enter: visitors are numbers made of the shop's ids.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    Text,
    Uuid,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base

MOMENT = DateTime(timezone=True)
CENTS = Numeric(20, 4)  # exact: prices may have more decimals than a cent
NO_JSON = text("'{}'::jsonb")


class KpiDay(Base):
    """A day of the shop's zone that was computed, and when: before it was over it holds only a part."""

    __tablename__ = "kpi_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    computed_at: Mapped[datetime] = mapped_column(MOMENT)
    is_demo: Mapped[bool] = mapped_column(server_default=false())  # made-up facts are among those of the day


class KpiTarget(Base):
    """A target for each day from `from_day` on, until the next one. No value: no target from then on."""

    __tablename__ = "kpi_targets"

    kpi: Mapped[str] = mapped_column(Text, primary_key=True)  # a key of definitions.KPIS
    from_day: Mapped[date] = mapped_column(primary_key=True)
    value: Mapped[float | None]  # in the unit of the series: cents, a ratio, a count
    set_by: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime] = mapped_column(MOMENT)


class KpiOrder(Base):
    """A paid order: of the shop as its reporting views tell it, of a file the sum of its lines."""

    __tablename__ = "kpi_orders"
    __table_args__ = (
        Index("ix_kpi_orders_ordered_at", "ordered_at"),
        Index("ix_kpi_orders_customer", "source", "customer", "ordered_at"),
    )

    source: Mapped[str] = mapped_column(Text, primary_key=True)  # shop or import
    order_id: Mapped[str] = mapped_column(Text, primary_key=True)
    customer: Mapped[str | None] = mapped_column(Text)  # None: counts in revenue, not in customers
    ordered_at: Mapped[datetime] = mapped_column(MOMENT)

    currency: Mapped[str] = mapped_column(Text)
    gross_cents: Mapped[Decimal] = mapped_column(CENTS)
    discount_cents: Mapped[Decimal] = mapped_column(CENTS)
    shipping_cents: Mapped[Decimal] = mapped_column(CENTS)
    tax_cents: Mapped[Decimal] = mapped_column(CENTS)  # on top of the prices; 0 where prices hold their tax
    units: Mapped[Decimal] = mapped_column(Numeric(20, 4))

    locale: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(Text)
    device: Mapped[str] = mapped_column(Text)
    flags: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=NO_JSON)
    is_demo: Mapped[bool] = mapped_column(server_default=false())


class KpiOrderPart(Base):
    """What an order holds of one category."""

    __tablename__ = "kpi_order_parts"

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    order_id: Mapped[str] = mapped_column(Text, primary_key=True)
    category: Mapped[str] = mapped_column(Text, primary_key=True)
    gross_cents: Mapped[Decimal] = mapped_column(CENTS)
    units: Mapped[Decimal] = mapped_column(Numeric(20, 4))


class KpiRefund(Base):
    """Money given back. It counts on the day it is given."""

    __tablename__ = "kpi_refunds"
    __table_args__ = (Index("ix_kpi_refunds_refunded_at", "refunded_at"),)

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    refund_id: Mapped[str] = mapped_column(Text, primary_key=True)
    order_id: Mapped[str] = mapped_column(Text)
    customer: Mapped[str | None] = mapped_column(Text)
    refunded_at: Mapped[datetime] = mapped_column(MOMENT)

    currency: Mapped[str] = mapped_column(Text)
    goods_cents: Mapped[Decimal] = mapped_column(CENTS)
    shipping_cents: Mapped[Decimal] = mapped_column(CENTS)  # the rest of what was given back

    locale: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(Text)
    device: Mapped[str] = mapped_column(Text)
    flags: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=NO_JSON)


class KpiCustomer(Base):
    """When somebody first ordered."""

    __tablename__ = "kpi_customers"

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    customer: Mapped[str] = mapped_column(Text, primary_key=True)
    first_at: Mapped[datetime] = mapped_column(MOMENT)


class KpiSession(Base):
    """What one visitor did without a pause of 30 minutes."""

    __tablename__ = "kpi_sessions"
    __table_args__ = (Index("ix_kpi_sessions_began_at", "began_at"),)

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    visitor: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    began_at: Mapped[datetime] = mapped_column(MOMENT, primary_key=True)
    ended_at: Mapped[datetime] = mapped_column(MOMENT)  # its last event
    account: Mapped[int | None] = mapped_column(BigInteger)  # who was signed in

    depth: Mapped[int] = mapped_column(SmallInteger)  # 0 looked, 1 cart, 2 checkout, 3 bought, in this order
    is_completed: Mapped[bool]  # an order was placed in it that is paid
    kinds: Mapped[dict[str, int]] = mapped_column(JSONB)  # kind of event → seconds after the beginning

    locale: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(Text)
    device: Mapped[str] = mapped_column(Text)
    flags: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=NO_JSON)
    is_demo: Mapped[bool] = mapped_column(server_default=false())


class KpiVisitor(Base):
    """When a browser was first seen."""

    __tablename__ = "kpi_visitors"

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    visitor: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    first_at: Mapped[datetime] = mapped_column(MOMENT)


class KpiFirstUse(Base):
    """When a browser first used a feature."""

    __tablename__ = "kpi_first_uses"
    __table_args__ = (Index("ix_kpi_first_uses_feature", "feature", "first_at"),)

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    visitor: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    feature: Mapped[str] = mapped_column(Text, primary_key=True)
    first_at: Mapped[datetime] = mapped_column(MOMENT)


class KpiEvent(Base):
    """A usage event that was imported or sent to the API; partitioned by month of `at`."""

    __tablename__ = "kpi_events"
    __table_args__ = (
        Index("ix_kpi_events_at", "at", postgresql_using="brin"),
        Index("ix_kpi_events_recorded_at", "recorded_at"),
        {"postgresql_partition_by": "RANGE (at)"},
    )

    event_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    at: Mapped[datetime] = mapped_column(MOMENT, primary_key=True)
    recorded_at: Mapped[datetime] = mapped_column(MOMENT, server_default=text("clock_timestamp()"))

    session_id: Mapped[str] = mapped_column(Text)
    visitor_id: Mapped[str] = mapped_column(Text)
    user_id: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    path: Mapped[str] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(Text)
    device: Mapped[str] = mapped_column(Text)
    flags: Mapped[dict[str, str]] = mapped_column(JSONB)
    is_demo: Mapped[bool] = mapped_column(server_default=false())


class KpiLoad(Base):
    """How far the facts of a source have been read."""

    __tablename__ = "kpi_loads"

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    fact: Mapped[str] = mapped_column(Text, primary_key=True)  # orders or events
    first_at: Mapped[datetime | None] = mapped_column(MOMENT)  # of the facts
    last_at: Mapped[datetime | None] = mapped_column(MOMENT)
    read_until: Mapped[datetime | None] = mapped_column(MOMENT)  # what was recorded later is still to be read


class KpiZone(Base):
    """A time zone whose days are computed. One that somebody asks for is filled by the next run."""

    __tablename__ = "kpi_zones"

    zone: Mapped[str] = mapped_column(Text, primary_key=True)
    asked_at: Mapped[datetime] = mapped_column(MOMENT)
    computed_at: Mapped[datetime | None] = mapped_column(MOMENT)  # None: it is still being filled


class KpiDue(Base):
    """A day of a zone whose facts have changed since it was computed."""

    __tablename__ = "kpi_due"

    zone: Mapped[str] = mapped_column(ForeignKey("kpi_zones.zone", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)


class KpiCell(Base):
    """A sum or a count of one day, week or month of a zone. A cell that does not exist is 0."""

    __tablename__ = "kpi_cells"
    __table_args__ = (Index("ix_kpi_cells_start", "zone", "start"),)

    zone: Mapped[str] = mapped_column(Text, primary_key=True)
    measure: Mapped[str] = mapped_column(Text, primary_key=True)
    dimension: Mapped[str] = mapped_column(Text, primary_key=True)  # "", "locale", "locale,device", …
    grain: Mapped[str] = mapped_column(Text, primary_key=True)  # day; week and month of people alone
    start: Mapped[date] = mapped_column(primary_key=True)
    member: Mapped[str] = mapped_column(Text, primary_key=True)  # of two dimensions: joined by U+001F
    source: Mapped[str] = mapped_column(Text, primary_key=True)
    currency: Mapped[str] = mapped_column(Text, primary_key=True)  # "" of what is no money
    value: Mapped[Decimal] = mapped_column(Numeric(24, 4))


class KpiPeople(Base):
    """How many people of a group were there on a day who were last there so many days before."""

    __tablename__ = "kpi_people"

    zone: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(Text, primary_key=True)
    measure: Mapped[str] = mapped_column(Text, primary_key=True)  # active_users or feature_users
    dimension: Mapped[str] = mapped_column(Text, primary_key=True)
    member: Mapped[str] = mapped_column(Text, primary_key=True)
    gap: Mapped[int] = mapped_column(SmallInteger, primary_key=True)  # 32: as much, more, or never before
    people: Mapped[int] = mapped_column(Integer)


class KpiImport(Base):
    """A file of orders or usage events that was taken in, and what became of its rows."""

    __tablename__ = "kpi_imports"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)  # orders or events
    name: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    imported_at: Mapped[datetime] = mapped_column(MOMENT)
    imported_by: Mapped[str] = mapped_column(Text)
    report: Mapped[dict[str, Any]] = mapped_column(JSONB)


class KpiErasure(Base):
    """Somebody whom the shop erased and whose numbers were changed here. Nobody has `user_id` any more."""

    __tablename__ = "kpi_erasures"

    erasure_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    erased_at: Mapped[datetime] = mapped_column(MOMENT)
    user_id: Mapped[int | None] = mapped_column(BigInteger)  # None: a guest
    followed_at: Mapped[datetime] = mapped_column(MOMENT)

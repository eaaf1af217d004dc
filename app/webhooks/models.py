"""Events, who is told of these outside, and who tells us."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.vault import Sealed

MOMENT = DateTime(timezone=True)


class EventRow(Base):
    __tablename__ = "events"
    __table_args__ = (
        Index(None, "created_at"),
        Index("ix_events_to_notify", "id", postgresql_where="notified_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True, server_default=text("gen_random_uuid()"))
    type: Mapped[str] = mapped_column(Text)  # a key of event.TYPES
    at: Mapped[datetime] = mapped_column(MOMENT)
    created_at: Mapped[datetime] = mapped_column(MOMENT)
    who: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)  # such as flag:new-checkout
    environment: Mapped[str] = mapped_column(Text)  # "": of none in particular
    locale: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)  # a path of ours, or ""
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    notified_at: Mapped[datetime | None] = mapped_column(MOMENT)


class Endpoint(Base):
    """An address that is told of events."""

    __tablename__ = "webhook_endpoints"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Sealed("webhook_endpoints.url"))  # its end often is a secret
    format: Mapped[str] = mapped_column(Text)  # json, slack or teams
    # Of which events; an empty list is all of them.
    types: Mapped[list[str]] = mapped_column(JSONB)
    environments: Mapped[list[str]] = mapped_column(JSONB)
    locales: Mapped[list[str]] = mapped_column(JSONB)
    subjects: Mapped[list[str]] = mapped_column(JSONB)

    secret: Mapped[str] = mapped_column(Sealed("webhook_endpoints.secret"))
    previous_secret: Mapped[str | None] = mapped_column(Sealed("webhook_endpoints.previous_secret"))
    previous_until: Mapped[datetime | None] = mapped_column(MOMENT)  # both sign until then

    is_active: Mapped[bool]
    disabled_why: Mapped[str] = mapped_column(Text)  # "": by a person, or not at all
    failing_since: Mapped[datetime | None] = mapped_column(MOMENT)  # None: the last try was good
    # Whose own it is; None: everybody's. Such one is told what its person chose.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), unique=True)
    revision: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(MOMENT)
    created_by: Mapped[str] = mapped_column(Text)


class Delivery(Base):
    """One event for one endpoint, until it arrives or is given up."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "event_id"),
        Index(None, "event_id"),
        Index("ix_webhook_deliveries_due", "endpoint_id", "due_at", postgresql_where="state = 'waiting'"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("webhook_endpoints.id", ondelete="CASCADE"))
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(Text)  # waiting, delivered, failed
    tries: Mapped[int]  # since it was made or replayed
    due_at: Mapped[datetime] = mapped_column(MOMENT)
    leased_until: Mapped[datetime | None] = mapped_column(MOMENT)  # somebody sends it at this moment
    created_at: Mapped[datetime] = mapped_column(MOMENT)
    done_at: Mapped[datetime | None] = mapped_column(MOMENT)


class Attempt(Base):
    __tablename__ = "webhook_attempts"
    __table_args__ = (Index(None, "delivery_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("webhook_deliveries.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(MOMENT)
    status: Mapped[int | None]  # None: no answer came
    error: Mapped[str] = mapped_column(Text)
    seconds: Mapped[float]
    request: Mapped[str] = mapped_column(Text)  # the beginning of what was sent
    response: Mapped[str] = mapped_column(Text)


class SourceRow(Base):
    """Somebody outside who tells us what happened there."""

    __tablename__ = "webhook_sources"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)  # the end of its address
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)  # a key of incoming.KINDS
    environment: Mapped[str] = mapped_column(Text)
    secret: Mapped[str] = mapped_column(Sealed("webhook_sources.secret"))
    is_active: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(MOMENT)
    created_by: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime | None] = mapped_column(MOMENT)
    refused_at: Mapped[datetime | None] = mapped_column(MOMENT)
    refused_why: Mapped[str] = mapped_column(Text)


class Receipt(Base):
    """That a message was taken: the same one again has no second effect."""

    __tablename__ = "webhook_receipts"
    __table_args__ = (Index(None, "at"),)

    source_id: Mapped[int] = mapped_column(
        ForeignKey("webhook_sources.id", ondelete="CASCADE"), primary_key=True
    )
    message: Mapped[str] = mapped_column(Text, primary_key=True)
    at: Mapped[datetime] = mapped_column(MOMENT)
    about: Mapped[str] = mapped_column(Text)  # what became of it, in a line

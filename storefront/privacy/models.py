"""Erasures, and for a while which id became which, so that whoever keeps copies can follow."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from storefront.db import Base

MOMENT = sa.DateTime(timezone=True)


class Erasure(Base):
    """One person, erased. Nothing in it leads to anybody once `erased_visitors` has forgotten."""

    __tablename__ = "erasures"

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    at: Mapped[datetime] = mapped_column(MOMENT, index=True)
    user_id: Mapped[int | None] = mapped_column(sa.BigInteger)  # a number that no account has any more
    # Below 0 and drawn by chance: stands for the person where figures count people.
    former_user: Mapped[int] = mapped_column(sa.BigInteger)
    order_numbers: Mapped[list[str]] = mapped_column(JSONB)
    done_at: Mapped[datetime | None] = mapped_column(MOMENT)  # None: events still carry the old ids


class ErasedVisitor(Base):
    """Which visitor became which: by chance, so that nothing but this row knows. Kept 30 days."""

    __tablename__ = "erased_visitors"

    erasure_id: Mapped[UUID] = mapped_column(
        sa.Uuid, sa.ForeignKey("erasures.id", ondelete="CASCADE"), primary_key=True
    )
    before: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    after: Mapped[str] = mapped_column(sa.Text)

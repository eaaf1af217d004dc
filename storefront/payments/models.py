"""Payments and what the gateway said."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storefront.db import Base


class Payment(Base):
    """One attempt to charge one order, under a key of its own at the gateway.

    outcome: pending (on its way) → captured, declined, error (nothing was taken); timeout while the answer
    is missing; refunded after captured. Nothing of the card but brand and last four digits.
    """

    __tablename__ = "payments"
    __table_args__ = (
        sa.CheckConstraint(
            "outcome IN ('pending', 'timeout', 'captured', 'declined', 'error', 'refunded')", name="outcome"
        ),
        sa.CheckConstraint("amount_cents > 0", name="amount"),
        sa.Index(
            "ix_payments_hanging",
            "next_check_at",
            postgresql_where=sa.text("outcome IN ('pending', 'timeout')"),
        ),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    order_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("orders.id", ondelete="CASCADE"), index=True
    )
    key: Mapped[str] = mapped_column(sa.Text, unique=True)
    outcome: Mapped[str] = mapped_column(sa.Text, server_default="pending")
    amount_cents: Mapped[int] = mapped_column(sa.Integer)
    currency: Mapped[str] = mapped_column(sa.Text)
    card_brand: Mapped[str] = mapped_column(sa.Text, server_default="")
    card_last4: Mapped[str] = mapped_column(sa.Text, server_default="")
    gateway_reference: Mapped[str] = mapped_column(sa.Text, server_default="")
    reason: Mapped[str] = mapped_column(sa.Text, server_default="")
    created_at: Mapped[datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.now(), index=True
    )
    settled_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    changed_at: Mapped[datetime] = mapped_column(  # a trigger keeps it, for whoever reads what is new
        sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp(), index=True
    )
    # The reconciler's: when to ask the gateway next, and how often it has asked.
    next_check_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), server_default=sa.func.now())
    checks: Mapped[int] = mapped_column(sa.Integer, server_default="0")

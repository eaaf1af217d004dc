"""Orders, their lines and idempotency keys."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from storefront.db import Base

MOMENT = sa.DateTime(timezone=True)


class Order(Base):
    """What was priced, and what became of it: pending → paid → confirmed; cancelled or refunded instead.

    The sums are copied when the cart is priced and never change; tax is included in the total.
    """

    __tablename__ = "orders"
    __table_args__ = (
        sa.CheckConstraint(
            "status IN ('pending', 'paid', 'confirmed', 'cancelled', 'refunded')", name="status"
        ),
        sa.CheckConstraint("total_cents = gross_cents - discount_cents + shipping_cents", name="total"),
        sa.CheckConstraint("tax_cents BETWEEN 0 AND total_cents", name="tax"),
        sa.CheckConstraint("refunded_cents BETWEEN 0 AND total_cents", name="refund"),
        # One state of a cart is bought once, whatever number of windows it is open in.
        sa.Index(
            "uq_orders_cart_state",
            "cart_id",
            "cart_version",
            unique=True,
            postgresql_where=sa.text("status IN ('pending', 'paid', 'confirmed') AND cart_id IS NOT NULL"),
        ),
        sa.Index("ix_orders_email_lower", sa.text("lower(email)")),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    number: Mapped[str] = mapped_column(
        sa.Text, sa.Computed("'HL-' || (100000 + id)::text", persisted=True), unique=True
    )
    key: Mapped[str] = mapped_column(sa.Text)  # lets a guest read the order
    status: Mapped[str] = mapped_column(sa.Text, server_default="pending")
    placed_at: Mapped[datetime] = mapped_column(MOMENT, server_default=sa.func.now(), index=True)
    paid_at: Mapped[datetime | None] = mapped_column(MOMENT, index=True)
    confirmed_at: Mapped[datetime | None] = mapped_column(MOMENT)
    cancelled_at: Mapped[datetime | None] = mapped_column(MOMENT)

    currency: Mapped[str] = mapped_column(sa.Text)
    gross_cents: Mapped[int] = mapped_column(sa.Integer)
    discount_cents: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    shipping_cents: Mapped[int] = mapped_column(sa.Integer)
    tax_cents: Mapped[int] = mapped_column(sa.Integer)
    tax_rate_bp: Mapped[int] = mapped_column(sa.Integer)
    total_cents: Mapped[int] = mapped_column(sa.Integer)
    refunded_cents: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    changed_at: Mapped[datetime] = mapped_column(  # a trigger keeps it, for whoever reads what is new
        MOMENT, server_default=sa.func.clock_timestamp(), index=True
    )

    # What the shopper was shown, where that was another currency than the one that is charged.
    shown_currency: Mapped[str | None] = mapped_column(sa.Text)
    shown_rate: Mapped[Decimal | None] = mapped_column(sa.Numeric(18, 8))
    shown_rate_at: Mapped[datetime | None] = mapped_column(MOMENT)
    shown_shipping_minor: Mapped[int | None] = mapped_column(sa.Integer)
    shown_tax_minor: Mapped[int | None] = mapped_column(sa.Integer)
    shown_total_minor: Mapped[int | None] = mapped_column(sa.Integer)

    email: Mapped[str] = mapped_column(sa.Text)
    name: Mapped[str] = mapped_column(sa.Text)
    street: Mapped[str] = mapped_column(sa.Text)
    city: Mapped[str] = mapped_column(sa.Text)
    postcode: Mapped[str] = mapped_column(sa.Text)
    country: Mapped[str] = mapped_column(sa.Text)  # of delivery

    locale: Mapped[str] = mapped_column(sa.Text)
    device: Mapped[str] = mapped_column(sa.Text)
    visitor_id: Mapped[str] = mapped_column(sa.Text, index=True)
    session_id: Mapped[str] = mapped_column(sa.Text)
    user_id: Mapped[int | None] = mapped_column(
        sa.BigInteger, sa.ForeignKey("users.id", ondelete="SET NULL"), index=True
    )
    flags: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=sa.text("'{}'::jsonb"))
    release: Mapped[int] = mapped_column(sa.Integer, server_default=sa.text("0"))  # of the words
    bucket: Mapped[str] = mapped_column(sa.Text, server_default=sa.text("''"))
    # Stands for whoever was erased: below 0, drawn by chance. Readers of facts count people by it.
    former_user: Mapped[int | None] = mapped_column(sa.BigInteger)
    # No foreign key: an order outlives the cart that it came from.
    cart_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    cart_version: Mapped[int | None] = mapped_column(sa.Integer)
    is_demo: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.false())


class OrderLine(Base):
    """What was bought in the words and at the price of that moment; the catalogue may change afterwards."""

    __tablename__ = "order_lines"
    __table_args__ = (sa.CheckConstraint("quantity > 0 AND unit_price_cents >= 0", name="sums"),)

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    order_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("orders.id", ondelete="CASCADE"), index=True
    )
    placed_at: Mapped[datetime] = mapped_column(MOMENT, server_default=sa.func.now())
    variant_id: Mapped[int] = mapped_column(sa.BigInteger)
    product_id: Mapped[int] = mapped_column(sa.BigInteger, index=True)
    category: Mapped[str] = mapped_column(sa.Text)
    name: Mapped[str] = mapped_column(sa.Text)
    option: Mapped[str] = mapped_column(sa.Text, server_default="")
    sku: Mapped[str] = mapped_column(sa.Text, server_default="")
    quantity: Mapped[int] = mapped_column(sa.Integer)
    unit_price_cents: Mapped[int] = mapped_column(sa.Integer)
    shown_unit_minor: Mapped[int | None] = mapped_column(sa.Integer)  # in the order's shown_currency


class IdempotencyKey(Base):
    """One key of one visitor, one order. Written in the order's own transaction; good for 24 hours.

    `fingerprint` is a keyed hash of the form, `answer` what was said once the outcome was known.
    """

    __tablename__ = "idempotency_keys"
    __table_args__ = (sa.PrimaryKeyConstraint("visitor_id", "key"),)

    visitor_id: Mapped[str] = mapped_column(sa.Text)
    key: Mapped[str] = mapped_column(sa.Text)
    fingerprint: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(MOMENT, server_default=sa.func.now(), index=True)
    order_id: Mapped[int | None] = mapped_column(
        sa.BigInteger, sa.ForeignKey("orders.id", ondelete="CASCADE")
    )
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))

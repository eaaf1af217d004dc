"""Orders, their lines and idempotency keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "orders",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column(
            "number", sa.Text, sa.Computed("'HL-' || (100000 + id)::text", persisted=True), nullable=False
        ),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("status", sa.Text, server_default="pending", nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True)),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("cancelled_at", sa.DateTime(timezone=True)),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("gross_cents", sa.Integer, nullable=False),
        sa.Column("discount_cents", sa.Integer, server_default="0", nullable=False),
        sa.Column("shipping_cents", sa.Integer, nullable=False),
        sa.Column("tax_cents", sa.Integer, nullable=False),
        sa.Column("tax_rate_bp", sa.Integer, nullable=False),
        sa.Column("total_cents", sa.Integer, nullable=False),
        sa.Column("refunded_cents", sa.Integer, server_default="0", nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("street", sa.Text, nullable=False),
        sa.Column("city", sa.Text, nullable=False),
        sa.Column("postcode", sa.Text, nullable=False),
        sa.Column("country", sa.Text, nullable=False),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("visitor_id", sa.Text, nullable=False),
        sa.Column("session_id", sa.Text, nullable=False),
        sa.Column("user_id", sa.BigInteger),
        sa.Column("flags", JSONB, server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("cart_id", sa.BigInteger),
        sa.Column("cart_version", sa.Integer),
        sa.Column("is_demo", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'paid', 'confirmed', 'cancelled', 'refunded')",
            name=op.f("ck_orders_status"),
        ),
        sa.CheckConstraint(
            "total_cents = gross_cents - discount_cents + shipping_cents", name=op.f("ck_orders_total")
        ),
        sa.CheckConstraint("tax_cents BETWEEN 0 AND total_cents", name=op.f("ck_orders_tax")),
        sa.CheckConstraint("refunded_cents BETWEEN 0 AND total_cents", name=op.f("ck_orders_refund")),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
        sa.UniqueConstraint("number", name="uq_orders_number"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_orders_user_id", ondelete="SET NULL"),
    )
    for column in ("placed_at", "paid_at", "visitor_id", "user_id"):
        op.create_index(f"ix_orders_{column}", "orders", [column])
    op.create_index(
        "uq_orders_cart_state",
        "orders",
        ["cart_id", "cart_version"],
        unique=True,
        postgresql_where=sa.text("status IN ('pending', 'paid', 'confirmed') AND cart_id IS NOT NULL"),
    )
    _create_lines()
    _create_keys()


def downgrade() -> None:
    op.drop_table("idempotency_keys")
    op.drop_table("order_lines")
    op.drop_table("orders")


def _create_lines() -> None:
    op.create_table(
        "order_lines",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("order_id", sa.BigInteger, nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("variant_id", sa.BigInteger, nullable=False),
        sa.Column("product_id", sa.BigInteger, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("option", sa.Text, server_default="", nullable=False),
        sa.Column("sku", sa.Text, server_default="", nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("unit_price_cents", sa.Integer, nullable=False),
        sa.CheckConstraint("quantity > 0 AND unit_price_cents >= 0", name=op.f("ck_order_lines_sums")),
        sa.PrimaryKeyConstraint("id", name="pk_order_lines"),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name="fk_order_lines_order_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_order_lines_order_id", "order_lines", ["order_id"])
    op.create_index("ix_order_lines_product_id", "order_lines", ["product_id"])


def _create_keys() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("visitor_id", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("order_id", sa.BigInteger),
        sa.Column("answer", JSONB),
        sa.PrimaryKeyConstraint("visitor_id", "key", name="pk_idempotency_keys"),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name="fk_idempotency_keys_order_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])

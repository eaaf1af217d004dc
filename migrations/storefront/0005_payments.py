"""Payments and what the gateway said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "payments",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("order_id", sa.BigInteger, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, server_default="pending", nullable=False),
        sa.Column("amount_cents", sa.Integer, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("card_brand", sa.Text, server_default="", nullable=False),
        sa.Column("card_last4", sa.Text, server_default="", nullable=False),
        sa.Column("gateway_reference", sa.Text, server_default="", nullable=False),
        sa.Column("reason", sa.Text, server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.Column("next_check_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("checks", sa.Integer, server_default="0", nullable=False),
        sa.CheckConstraint(
            "outcome IN ('pending', 'timeout', 'captured', 'declined', 'error', 'refunded')",
            name=op.f("ck_payments_outcome"),
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_payments_amount")),
        sa.PrimaryKeyConstraint("id", name="pk_payments"),
        sa.UniqueConstraint("key", name="uq_payments_key"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_payments_order_id", ondelete="CASCADE"),
    )
    op.create_index("ix_payments_order_id", "payments", ["order_id"])
    op.create_index("ix_payments_created_at", "payments", ["created_at"])
    op.create_index(
        "ix_payments_hanging",
        "payments",
        ["next_check_at"],
        postgresql_where=sa.text("outcome IN ('pending', 'timeout')"),
    )


def downgrade() -> None:
    op.drop_table("payments")

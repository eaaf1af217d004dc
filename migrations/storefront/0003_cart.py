"""Carts and their lines."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "carts",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("visitor_id", sa.Text),
        sa.Column("user_id", sa.BigInteger),
        sa.Column("version", sa.Integer, server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint("(visitor_id IS NULL) <> (user_id IS NULL)", name=op.f("ck_carts_one_owner")),
        sa.PrimaryKeyConstraint("id", name="pk_carts"),
        sa.UniqueConstraint("visitor_id", name="uq_carts_visitor_id"),
        sa.UniqueConstraint("user_id", name="uq_carts_user_id"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_carts_user_id", ondelete="CASCADE"),
    )
    op.create_index("ix_carts_updated_at", "carts", ["updated_at"])
    op.create_table(
        "cart_lines",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("cart_id", sa.BigInteger, nullable=False),
        sa.Column("variant_id", sa.BigInteger, nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint("quantity BETWEEN 1 AND 99", name=op.f("ck_cart_lines_quantity")),
        sa.PrimaryKeyConstraint("id", name="pk_cart_lines"),
        sa.UniqueConstraint("cart_id", "variant_id", name="uq_cart_lines_cart_id_variant_id"),
        sa.ForeignKeyConstraint(["cart_id"], ["carts.id"], name="fk_cart_lines_cart_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name="fk_cart_lines_variant_id", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    op.drop_table("cart_lines")
    op.drop_table("carts")

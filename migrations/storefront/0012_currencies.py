"""Prices in other currencies: rates, prices set by hand, and what an order's shopper was shown."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SHOWN: dict[str, sa.types.TypeEngine[Any]] = {
    "shown_currency": sa.Text(),
    "shown_rate": sa.Numeric(18, 8),
    "shown_rate_at": sa.DateTime(timezone=True),
    "shown_shipping_minor": sa.Integer(),
    "shown_tax_minor": sa.Integer(),
    "shown_total_minor": sa.Integer(),
}

# A view may only get columns at its end.
ORDERS = """
CREATE OR REPLACE VIEW reporting.orders AS
SELECT id AS order_id, number, placed_at, status, paid_at, confirmed_at, currency, gross_cents,
       discount_cents, shipping_cents, tax_cents, total_cents, refunded_cents, user_id, visitor_id,
       session_id, locale, country, device, flags, is_demo, changed_at,
       release, bucket{more}
FROM public.orders
"""
GRANT = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'reporting') THEN
        GRANT SELECT ON reporting.orders TO reporting;
    END IF;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "exchange_rates",
        sa.Column("currency", sa.Text, primary_key=True),
        sa.Column("per_base", sa.Numeric(18, 8), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.CheckConstraint("per_base > 0", name="ck_exchange_rates_per_base"),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name="ck_exchange_rates_currency"),
    )
    op.create_table(
        "price_points",
        sa.Column(
            "variant_id", sa.BigInteger, sa.ForeignKey("variants.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("currency", sa.Text, primary_key=True),
        sa.Column("minor", sa.Integer, nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("minor > 0", name="ck_price_points_minor"),
    )
    for name, kind in SHOWN.items():
        op.add_column("orders", sa.Column(name, kind))
    op.add_column("order_lines", sa.Column("shown_unit_minor", sa.Integer))
    op.add_column("users", sa.Column("currency", sa.Text))
    op.execute(_orders(", shown_currency, shown_rate"))


def downgrade() -> None:
    op.execute("DROP VIEW reporting.orders")
    op.execute(_orders(""))
    op.execute(GRANT)
    op.drop_column("users", "currency")
    op.drop_column("order_lines", "shown_unit_minor")
    for name in reversed(SHOWN):
        op.drop_column("orders", name)
    op.drop_table("price_points")
    op.drop_table("exchange_rates")


def _orders(more: str) -> str:
    return ORDERS.format(more=more)

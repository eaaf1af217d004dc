"""Which messages shoppers saw, and which release of the words each event and order belongs to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SAYING = ("orders", "usage_events")

# A view may be given columns at its end while others read it.
VIEWS = (
    """
        {create} VIEW reporting.orders AS
        SELECT id AS order_id, number, placed_at, status, paid_at, confirmed_at, currency, gross_cents,
               discount_cents, shipping_cents, tax_cents, total_cents, refunded_cents, user_id, visitor_id,
               session_id, locale, country, device, flags, is_demo, changed_at{more}
        FROM public.orders""",
    """
        {create} VIEW reporting.usage_events AS
        SELECT event_id, at, session_id, visitor_id, user_id, kind, locale, country, device, flags, path,
               is_demo, recorded_at{more}
        FROM public.usage_events""",
)
MORE = ", release, bucket"
SEEN = (
    """
        CREATE VIEW reporting.message_impressions AS
        SELECT hour, locale, release, bucket, message_key, shown, fell_back, failed, is_demo
        FROM public.message_impressions""",
    """
        CREATE VIEW reporting.message_sightings AS
        SELECT message_key, locale, endpoint, path, last_seen_at
        FROM public.message_sightings""",
)

GRANT = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'reporting') THEN
        GRANT SELECT ON reporting.message_impressions, reporting.message_sightings TO reporting;
        GRANT SELECT ON reporting.orders, reporting.usage_events TO reporting;
    END IF;
END $$
"""


def upgrade() -> None:
    for table in SAYING:
        op.add_column(table, sa.Column("release", sa.Integer, nullable=False, server_default="0"))
        op.add_column(table, sa.Column("bucket", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "message_impressions",
        sa.Column("hour", MOMENT, primary_key=True),
        sa.Column("message_key", sa.Text, primary_key=True),
        sa.Column("locale", sa.Text, primary_key=True),
        sa.Column("release", sa.Integer, primary_key=True),
        sa.Column("bucket", sa.Text, primary_key=True),
        sa.Column("shown", sa.BigInteger, nullable=False),
        sa.Column("fell_back", sa.BigInteger, nullable=False),
        sa.Column("failed", sa.BigInteger, nullable=False),
        sa.Column("is_demo", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_index("ix_message_impressions_hour", "message_impressions", ["hour"], postgresql_using="brin")
    op.create_table(
        "message_sightings",
        sa.Column("message_key", sa.Text, primary_key=True),
        sa.Column("locale", sa.Text, primary_key=True),
        sa.Column("endpoint", sa.Text, primary_key=True),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
    )
    op.create_table(
        "impression_batches",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("ix_impression_batches_at", "impression_batches", ["at"])
    for view in (*_views("CREATE OR REPLACE", MORE), *SEEN):
        op.execute(view)
    op.execute(GRANT)


def downgrade() -> None:
    op.execute("DROP VIEW reporting.message_impressions, reporting.message_sightings")
    op.execute("DROP VIEW reporting.orders, reporting.usage_events")
    for view in _views("CREATE", ""):
        op.execute(view)
    op.execute(
        GRANT.replace("reporting.message_impressions, reporting.message_sightings", "reporting.orders")
    )
    for table in ("impression_batches", "message_sightings", "message_impressions"):
        op.drop_table(table)
    for table in SAYING:
        op.drop_column(table, "bucket")
        op.drop_column(table, "release")


def _views(create: str, more: str) -> list[str]:
    return [view.format(create=create, more=more) for view in VIEWS]

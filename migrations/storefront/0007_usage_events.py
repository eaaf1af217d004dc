"""What shoppers did, by month."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Adding a month twice, or from two processes at once, does no harm. Bounds are months of UTC.
MAKE_PARTITION = """
CREATE FUNCTION make_usage_partition(month date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first_day date := date_trunc('month', month)::date;
    next_month date := (date_trunc('month', month) + interval '1 month')::date;
    partition_name text := 'usage_events_y' || to_char(first_day, 'YYYY"m"MM');
BEGIN
    IF to_regclass('public.' || partition_name) IS NULL THEN
        PERFORM pg_advisory_xact_lock(7340003);
        EXECUTE format(
            'CREATE TABLE IF NOT EXISTS public.%I PARTITION OF public.usage_events '
            'FOR VALUES FROM (%L) TO (%L)',
            partition_name, first_day || ' 00:00:00+00', next_month || ' 00:00:00+00'
        );
    END IF;
END $$
"""

# From last month, for events that arrive late, to two months ahead; the worker adds the next ones.
FIRST_PARTITIONS = """
SELECT make_usage_partition((date_trunc('month', now() AT TIME ZONE 'UTC') + n * interval '1 month')::date)
FROM generate_series(-1, 2) AS n
"""


def upgrade() -> None:
    op.create_table(
        "usage_events",
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("session_id", sa.Text, nullable=False),
        sa.Column("visitor_id", sa.Text, nullable=False),
        sa.Column("user_id", sa.BigInteger),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("detail", postgresql.JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("country", sa.Text, nullable=False),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("flags", postgresql.JSONB, nullable=False),
        sa.Column("is_demo", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("event_id", "at", name="pk_usage_events"),
        postgresql_partition_by="RANGE (at)",
    )
    op.create_index("ix_usage_events_at", "usage_events", ["at"], postgresql_using="brin")
    op.create_index("ix_usage_events_session_id", "usage_events", ["session_id"])
    op.execute(MAKE_PARTITION)
    op.execute(FIRST_PARTITIONS)


def downgrade() -> None:
    op.drop_table("usage_events")
    op.execute("DROP FUNCTION make_usage_partition(date)")

"""When a fact was written down, so that whoever reads facts finds those that came late."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)

# Orders and payments change after they are made; an event never does.
TOUCH = """
CREATE FUNCTION touch_changed_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_at := clock_timestamp();
    RETURN NEW;
END $$
"""
TOUCHED = (
    "CREATE TRIGGER touch_changed_at BEFORE UPDATE ON orders"
    " FOR EACH ROW EXECUTE FUNCTION touch_changed_at()",
    "CREATE TRIGGER touch_changed_at BEFORE UPDATE ON payments"
    " FOR EACH ROW EXECUTE FUNCTION touch_changed_at()",
)

ORDERS = """
    {create} VIEW reporting.orders AS
    SELECT id AS order_id, number, placed_at, status, paid_at, confirmed_at, currency, gross_cents,
           discount_cents, shipping_cents, tax_cents, total_cents, refunded_cents, user_id, visitor_id,
           session_id, locale, country, device, flags, is_demo{changed_at}
    FROM public.orders"""
PAYMENTS = """
    {create} VIEW reporting.payments AS
    SELECT id AS payment_id, order_id, created_at, outcome, amount_cents, settled_at{changed_at}
    FROM public.payments"""
EVENTS = """
    {create} VIEW reporting.usage_events AS
    SELECT event_id, at, session_id, visitor_id, user_id, kind, locale, country, device, flags, path,
           is_demo{recorded_at}
    FROM public.usage_events"""

GRANT = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'reporting') THEN
        GRANT SELECT ON reporting.orders, reporting.payments, reporting.usage_events TO reporting;
    END IF;
END $$
"""

DROP_PARTITIONS = """
CREATE FUNCTION drop_usage_partitions(before date) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    partition_name text;
    dropped integer := 0;
BEGIN
    FOR partition_name IN
        SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = 'public.usage_events'::regclass
          AND relname ~ '^usage_events_y[0-9]{4}m[0-9]{2}$'
          AND to_date(right(relname, 7), 'YYYY"m"MM') + interval '1 month' <= before
    LOOP
        EXECUTE format('DROP TABLE public.%I', partition_name);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$
"""


def upgrade() -> None:
    op.execute("ALTER TABLE usage_events ADD COLUMN recorded_at timestamptz NOT NULL DEFAULT now()")
    op.execute("ALTER TABLE usage_events ALTER COLUMN recorded_at SET DEFAULT clock_timestamp()")
    op.execute("CREATE INDEX ix_usage_events_recorded_at ON usage_events USING brin (recorded_at)")
    op.execute(TOUCH)
    for table in ("orders", "payments"):
        op.add_column(table, sa.Column("changed_at", MOMENT, nullable=False, server_default=sa.func.now()))
        op.alter_column(table, "changed_at", server_default=sa.func.clock_timestamp())
        op.create_index(f"ix_{table}_changed_at", table, ["changed_at"])
    for trigger in TOUCHED:
        op.execute(trigger)
    for view in _views("CREATE OR REPLACE", changed_at=", changed_at", recorded_at=", recorded_at"):
        op.execute(view)
    op.execute(DROP_PARTITIONS)


def downgrade() -> None:
    op.execute("DROP FUNCTION drop_usage_partitions(date)")
    op.execute("DROP VIEW reporting.orders, reporting.payments, reporting.usage_events")
    for view in _views("CREATE", changed_at="", recorded_at=""):
        op.execute(view)
    op.execute(GRANT)
    op.execute("DROP TRIGGER touch_changed_at ON orders")
    op.execute("DROP TRIGGER touch_changed_at ON payments")
    for table in ("orders", "payments"):
        op.drop_column(table, "changed_at")
    op.execute("DROP FUNCTION touch_changed_at()")
    op.execute("ALTER TABLE usage_events DROP COLUMN recorded_at")


def _views(create: str, **columns: str) -> list[str]:
    return [view.format(create=create, **columns) for view in (ORDERS, PAYMENTS, EVENTS)]

"""When a fact was written down, so that whoever reads facts finds those that came late."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# Orders and payments change after they are made; an event never does.
TOUCH = """
CREATE FUNCTION touch_changed_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_at := clock_timestamp();
    RETURN NEW;
END $$
"""

ORDERS = """
    SELECT id AS order_id, number, placed_at, status, paid_at, confirmed_at, currency, gross_cents,
           discount_cents, shipping_cents, tax_cents, total_cents, refunded_cents, user_id, visitor_id,
           session_id, locale, country, device, flags, is_demo{changed_at}
    FROM public.orders"""
PAYMENTS = """
    SELECT id AS payment_id, order_id, created_at, outcome, amount_cents, settled_at{changed_at}
    FROM public.payments"""
EVENTS = """
    SELECT event_id, at, session_id, visitor_id, user_id, kind, locale, country, device, flags, path,
           is_demo{recorded_at}
    FROM public.usage_events"""
VIEWS = {"orders": ORDERS, "payments": PAYMENTS, "usage_events": EVENTS}

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
        op.execute(f"ALTER TABLE {table} ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now()")
        op.execute(f"ALTER TABLE {table} ALTER COLUMN changed_at SET DEFAULT clock_timestamp()")
        op.execute(f"CREATE INDEX ix_{table}_changed_at ON {table} (changed_at)")
        op.execute(
            f"CREATE TRIGGER touch_changed_at BEFORE UPDATE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION touch_changed_at()"
        )
    for name, query in VIEWS.items():
        columns = {"changed_at": ", changed_at", "recorded_at": ", recorded_at"}
        op.execute(f"CREATE OR REPLACE VIEW reporting.{name} AS {query.format(**columns)}")
    op.execute(DROP_PARTITIONS)


def downgrade() -> None:
    op.execute("DROP FUNCTION drop_usage_partitions(date)")
    for name, query in VIEWS.items():
        op.execute(f"DROP VIEW reporting.{name}")
        op.execute(f"CREATE VIEW reporting.{name} AS {query.format(changed_at='', recorded_at='')}")
    op.execute(GRANT)
    for table in ("orders", "payments"):
        op.execute(f"DROP TRIGGER touch_changed_at ON {table}")
        op.execute(f"ALTER TABLE {table} DROP COLUMN changed_at")
    op.execute("DROP FUNCTION touch_changed_at()")
    op.execute("ALTER TABLE usage_events DROP COLUMN recorded_at")

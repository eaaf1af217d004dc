"""People can be erased: their orders stay without them, and figures go on counting one person."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ORDERS = """
CREATE OR REPLACE VIEW reporting.orders AS
SELECT id AS order_id, number, placed_at, status, paid_at, confirmed_at, currency, gross_cents,
       discount_cents, shipping_cents, tax_cents, total_cents, refunded_cents, {user} AS user_id, visitor_id,
       session_id, locale, country, device, flags, is_demo, changed_at,
       release, bucket, shown_currency, shown_rate
FROM public.orders
"""
# Numbers made of ids as KPIs keep them: the first 16 hexadecimal digits of their MD5.
ERASED_VISITORS = """
CREATE VIEW reporting.erased_visitors AS
SELECT erasure_id, ('x' || left(md5(before), 16))::bit(64)::bigint AS visitor_before,
       ('x' || left(md5(after), 16))::bit(64)::bigint AS visitor_after
FROM public.erased_visitors
"""
ERASURES = """
CREATE VIEW reporting.erasures AS
SELECT id AS erasure_id, at, user_id, former_user, order_numbers, done_at FROM public.erasures
"""
GRANT = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'reporting') THEN
        GRANT SELECT ON reporting.erasures, reporting.erased_visitors TO reporting;
    END IF;
END $$
"""


def upgrade() -> None:
    op.execute("""
        CREATE TABLE erasures (
            id uuid CONSTRAINT pk_erasures PRIMARY KEY, at timestamptz NOT NULL, user_id bigint,
            former_user bigint NOT NULL, order_numbers jsonb NOT NULL, done_at timestamptz
        )""")
    op.execute("CREATE INDEX ix_erasures_at ON erasures (at)")
    op.execute("""
        CREATE TABLE erased_visitors (
            erasure_id uuid NOT NULL
                CONSTRAINT fk_erased_visitors_erasure_id REFERENCES erasures (id) ON DELETE CASCADE,
            before text NOT NULL, after text NOT NULL,
            CONSTRAINT pk_erased_visitors PRIMARY KEY (erasure_id, before)
        )""")
    op.execute("ALTER TABLE orders ADD COLUMN former_user bigint")
    op.execute(_orders("coalesce(user_id, former_user)"))
    op.execute(ERASURES)
    op.execute(ERASED_VISITORS)
    op.execute(GRANT)
    op.execute("CREATE INDEX ix_orders_email_lower ON orders (lower(email))")
    op.execute("CREATE INDEX ix_usage_events_visitor_id ON usage_events (visitor_id)")
    op.execute("CREATE INDEX ix_usage_events_user_id ON usage_events (user_id) WHERE user_id IS NOT NULL")
    op.execute("CREATE INDEX ix_exposures_visitor_id ON exposures (visitor_id)")


def downgrade() -> None:
    op.execute("DROP INDEX ix_exposures_visitor_id")
    op.execute("DROP INDEX ix_usage_events_user_id")
    op.execute("DROP INDEX ix_usage_events_visitor_id")
    op.execute("DROP INDEX ix_orders_email_lower")
    op.execute("DROP VIEW reporting.erased_visitors")
    op.execute("DROP VIEW reporting.erasures")
    op.execute(_orders("user_id"))
    op.execute("ALTER TABLE orders DROP COLUMN former_user")
    op.execute("DROP TABLE erased_visitors")
    op.execute("DROP TABLE erasures")


def _orders(user: str) -> str:
    return ORDERS.format(user=user)

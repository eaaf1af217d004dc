"""The facts that others may read: views, so that tables can change while what is promised stays."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

VIEWS = (
    """
        CREATE VIEW reporting.orders AS
        SELECT id AS order_id, number, placed_at, status, paid_at, confirmed_at, currency, gross_cents,
               discount_cents, shipping_cents, tax_cents, total_cents, refunded_cents, user_id, visitor_id,
               session_id, locale, country, device, flags, is_demo
        FROM public.orders""",
    """
        CREATE VIEW reporting.order_lines AS
        SELECT order_id, placed_at, variant_id, product_id, category, quantity, unit_price_cents
        FROM public.order_lines""",
    """
        CREATE VIEW reporting.payments AS
        SELECT id AS payment_id, order_id, created_at, outcome, amount_cents, settled_at
        FROM public.payments""",
    """
        CREATE VIEW reporting.usage_events AS
        SELECT event_id, at, session_id, visitor_id, user_id, kind, locale, country, device, flags, path,
               is_demo
        FROM public.usage_events""",
    """
        CREATE VIEW reporting.products AS
        SELECT product.id AS product_id, product.slug, coalesce(words.name, product.slug) AS name,
               category.slug AS category, product.is_active,
               (SELECT coalesce(sum(variant.stock), 0)::integer
                FROM public.variants AS variant WHERE variant.product_id = product.id) AS stock
        FROM public.products AS product
        JOIN public.categories AS category ON category.id = product.category_id
        LEFT JOIN public.product_texts AS words ON words.product_id = product.id AND words.locale = 'en'""",
    """
        CREATE VIEW reporting.users AS
        SELECT id AS user_id, created_at, locale, country
        FROM public.users""",
)

# The role is a login of its own, made by whoever runs the cluster; it gets these views and nothing else.
GRANT = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'reporting') THEN
        GRANT USAGE ON SCHEMA reporting TO reporting;
        GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO reporting;
    END IF;
END $$
"""


def upgrade() -> None:
    op.execute("CREATE SCHEMA reporting")
    for view in VIEWS:
        op.execute(view)
    op.execute(GRANT)


def downgrade() -> None:
    op.execute("DROP SCHEMA reporting CASCADE")

"""What goods are called is translated like all else: sources and translations as facts for the editor."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

VIEWS = (
    """
        CREATE VIEW reporting.content_texts AS
        SELECT concat_ws(':', 'category', category.slug, 'name') AS context, words.name AS msgid,
               '/products?category=' || category.slug AS path
        FROM public.categories AS category
        JOIN public.category_texts AS words ON words.category_id = category.id AND words.locale = 'en'
        UNION ALL
        SELECT concat_ws(':', 'product', product.slug, text.part), text.words, '/products/' || product.slug
        FROM public.products AS product
        JOIN public.product_texts AS own ON own.product_id = product.id AND own.locale = 'en'
        CROSS JOIN LATERAL (VALUES ('name', own.name), ('description', own.description)) AS text(part, words)
        WHERE product.is_active""",
    """
        CREATE VIEW reporting.content_translations AS
        SELECT concat_ws(':', 'category', category.slug, 'name') AS context, words.locale, words.name AS text
        FROM public.categories AS category
        JOIN public.category_texts AS words ON words.category_id = category.id AND words.locale <> 'en'
        UNION ALL
        SELECT concat_ws(':', 'product', product.slug, text.part), own.locale, text.words
        FROM public.products AS product
        JOIN public.product_texts AS own ON own.product_id = product.id AND own.locale <> 'en'
        CROSS JOIN LATERAL (VALUES ('name', own.name), ('description', own.description)) AS text(part, words)
        WHERE product.is_active""",
)

GRANT = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'reporting') THEN
        GRANT SELECT ON reporting.content_texts, reporting.content_translations TO reporting;
    END IF;
END $$
"""


def upgrade() -> None:
    op.add_column("product_texts", sa.Column("release", sa.Integer, nullable=False, server_default="0"))
    for view in VIEWS:
        op.execute(view)
    op.execute(GRANT)


def downgrade() -> None:
    op.execute("DROP VIEW reporting.content_texts, reporting.content_translations")
    op.drop_column("product_texts", "release")

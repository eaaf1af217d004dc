"""What is said of a category is translated like its name."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

NAMES = "(VALUES ('name', words.name)) AS text(part, words)"
NAMES_AND_DESCRIPTIONS = "(VALUES ('name', words.name), ('description', words.about)) AS text(part, words)"

TEXTS = """
    CREATE OR REPLACE VIEW reporting.content_texts AS
    SELECT concat_ws(':', 'category', category.slug, text.part) AS context, text.words AS msgid,
           '/products?category=' || category.slug AS path
    FROM public.categories AS category
    JOIN public.category_texts AS words ON words.category_id = category.id AND words.locale = 'en'
    CROSS JOIN LATERAL {of_categories}
    UNION ALL
    SELECT concat_ws(':', 'product', product.slug, text.part), text.words, '/products/' || product.slug
    FROM public.products AS product
    JOIN public.product_texts AS own ON own.product_id = product.id AND own.locale = 'en'
    CROSS JOIN LATERAL (VALUES ('name', own.name), ('description', own.description)) AS text(part, words)
    WHERE product.is_active
"""
TRANSLATIONS = """
    CREATE OR REPLACE VIEW reporting.content_translations AS
    SELECT concat_ws(':', 'category', category.slug, text.part) AS context, words.locale, text.words AS text
    FROM public.categories AS category
    JOIN public.category_texts AS words ON words.category_id = category.id AND words.locale <> 'en'
    CROSS JOIN LATERAL {of_categories}
    UNION ALL
    SELECT concat_ws(':', 'product', product.slug, text.part), own.locale, text.words
    FROM public.products AS product
    JOIN public.product_texts AS own ON own.product_id = product.id AND own.locale <> 'en'
    CROSS JOIN LATERAL (VALUES ('name', own.name), ('description', own.description)) AS text(part, words)
    WHERE product.is_active
"""


def upgrade() -> None:
    for view in _views(NAMES_AND_DESCRIPTIONS):
        op.execute(view)


def downgrade() -> None:
    for view in _views(NAMES):
        op.execute(view)


def _views(of_categories: str) -> list[str]:
    return [view.format(of_categories=of_categories) for view in (TEXTS, TRANSLATIONS)]

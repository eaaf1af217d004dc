"""Categories, products, variants and stock."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.create_table(
        "categories",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("slug", sa.Text, nullable=False, unique=True),
        sa.Column("position", sa.Integer, nullable=False),
    )
    op.create_table(
        "category_texts",
        sa.Column(
            "category_id", sa.BigInteger, sa.ForeignKey("categories.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("locale", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
    )
    _create_products()
    _create_variants()


def _create_products() -> None:
    op.create_table(
        "products",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("slug", sa.Text, nullable=False, unique=True),
        sa.Column("category_id", sa.BigInteger, sa.ForeignKey("categories.id"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("style", postgresql.JSONB, nullable=False),
        sa.Column("price_cents", sa.Integer, nullable=False, index=True),
        sa.Column("colours", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("popularity", sa.Integer, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_products_colours", "products", ["colours"], postgresql_using="gin")
    op.create_index("ix_products_category_id_popularity", "products", ["category_id", "popularity"])
    op.create_table(
        "product_texts",
        sa.Column(
            "product_id", sa.BigInteger, sa.ForeignKey("products.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("locale", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("tagline", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("search", postgresql.TSVECTOR, nullable=False),
    )
    op.create_index("ix_product_texts_search", "product_texts", ["search"], postgresql_using="gin")
    op.create_index(
        "ix_product_texts_words",
        "product_texts",
        ["words"],
        postgresql_using="gin",
        postgresql_ops={"words": "gin_trgm_ops"},
    )


def _create_variants() -> None:
    op.create_table(
        "variants",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column(
            "product_id",
            sa.BigInteger,
            sa.ForeignKey("products.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("sku", sa.Text, nullable=False, unique=True),
        sa.Column("size", sa.Text, nullable=False),
        sa.Column("colour", sa.Text, nullable=False),
        sa.Column("price_cents", sa.Integer, nullable=False),
        sa.Column("weight_grams", sa.Integer, nullable=False),
        sa.Column("stock", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.CheckConstraint("stock >= 0", name="stock"),
        sa.CheckConstraint("price_cents > 0", name="price"),
    )


def downgrade() -> None:
    for table in ("variants", "product_texts", "products", "category_texts", "categories"):
        op.drop_table(table)

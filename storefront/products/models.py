"""The catalogue's tables. Words stand apart from things: one row of text per product and locale."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from storefront.db import Base


class Category(Base):
    __tablename__ = "categories"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    slug: Mapped[str] = mapped_column(sa.Text, unique=True)
    position: Mapped[int] = mapped_column(sa.Integer)


class CategoryText(Base):
    __tablename__ = "category_texts"

    category_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("categories.id", ondelete="CASCADE"), primary_key=True
    )
    locale: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    name: Mapped[str] = mapped_column(sa.Text)
    about: Mapped[str] = mapped_column(sa.Text)


class Product(Base):
    """`price_cents` is that of the cheapest variant; `colours` are those of its variants."""

    __tablename__ = "products"
    __table_args__ = (
        sa.Index("ix_products_colours", "colours", postgresql_using="gin"),
        sa.Index("ix_products_category_id_popularity", "category_id", "popularity"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    slug: Mapped[str] = mapped_column(sa.Text, unique=True)
    category_id: Mapped[int] = mapped_column(sa.BigInteger, sa.ForeignKey("categories.id"))
    kind: Mapped[str] = mapped_column(sa.Text)  # what it is and how it is drawn: "kettle"
    style: Mapped[dict[str, Any]] = mapped_column(JSONB)  # what the drawing varies
    price_cents: Mapped[int] = mapped_column(sa.Integer, index=True)
    colours: Mapped[list[str]] = mapped_column(ARRAY(sa.Text))
    popularity: Mapped[int] = mapped_column(sa.Integer)
    is_active: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.true())
    created_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))


class ProductText(Base):
    """`words` (no case, no accents) is what typos are compared with, `search` where words are found."""

    __tablename__ = "product_texts"
    __table_args__ = (
        sa.Index("ix_product_texts_search", "search", postgresql_using="gin"),
        sa.Index(
            "ix_product_texts_words",
            "words",
            postgresql_using="gin",
            postgresql_ops={"words": "gin_trgm_ops"},
        ),
    )

    product_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("products.id", ondelete="CASCADE"), primary_key=True
    )
    locale: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    name: Mapped[str] = mapped_column(sa.Text)
    tagline: Mapped[str] = mapped_column(sa.Text)
    description: Mapped[str] = mapped_column(sa.Text)
    words: Mapped[str] = mapped_column(sa.Text)
    search: Mapped[str] = mapped_column(TSVECTOR)
    # The release whose words search follows; 0: the shop's own.
    release: Mapped[int] = mapped_column(sa.Integer, server_default="0")


class Variant(Base):
    """What is put into a cart. `stock` never falls below zero: the database refuses it."""

    __tablename__ = "variants"
    __table_args__ = (
        sa.CheckConstraint("stock >= 0", name="stock"),
        sa.CheckConstraint("price_cents > 0", name="price"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    product_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("products.id", ondelete="CASCADE"), index=True
    )
    sku: Mapped[str] = mapped_column(sa.Text, unique=True)
    size: Mapped[str] = mapped_column(sa.Text)  # a key of options.SIZES; "" where there is one size
    colour: Mapped[str] = mapped_column(sa.Text)  # a key of options.COLOURS
    price_cents: Mapped[int] = mapped_column(sa.Integer)
    weight_grams: Mapped[int] = mapped_column(sa.Integer)
    stock: Mapped[int] = mapped_column(sa.Integer)
    position: Mapped[int] = mapped_column(sa.Integer)


class PricePoint(Base):
    """What a variant costs in a currency that it is shown in, set by hand in place of the conversion."""

    __tablename__ = "price_points"
    __table_args__ = (sa.CheckConstraint("minor > 0", name="minor"),)

    variant_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("variants.id", ondelete="CASCADE"), primary_key=True
    )
    currency: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    minor: Mapped[int] = mapped_column(sa.Integer)  # in the currency's own smallest unit
    set_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))

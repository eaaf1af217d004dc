"""Reads of the catalogue, shaped for one page each. The feature's SQL is here and in search.py."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storefront.products import options
from storefront.products.catalogue.generate import spoken
from storefront.products.models import Category, CategoryText, Product, ProductText, Variant

FEW = 10  # from here on a page says how many are left


@dataclass(frozen=True)
class Card:
    """A product as listings show it."""

    slug: str
    name: str
    tagline: str
    price_cents: int  # of the cheapest variant
    has_prices: bool  # there are dearer variants
    colours: tuple[str, ...]
    is_in_stock: bool


@dataclass(frozen=True)
class VariantRow:
    variant_id: int
    sku: str
    size: str
    colour: str
    price_cents: int
    weight_grams: int
    stock: int


@dataclass(frozen=True)
class ProductPage:
    product_id: int
    slug: str
    category: str
    category_name: str
    name: str
    tagline: str
    description: str
    shape: str
    curve: float
    pattern: int
    material: str
    variants: tuple[VariantRow, ...]

    @property
    def colours(self) -> list[str]:
        return list(dict.fromkeys(variant.colour for variant in self.variants))

    def in_colour(self, colour: str) -> list[VariantRow]:
        return [variant for variant in self.variants if variant.colour == colour]

    def first_colour(self) -> str:
        """The first one of which something is in stock."""
        return next((row.colour for row in self.variants if row.stock), self.variants[0].colour)


@dataclass(frozen=True)
class VariantFacts:
    """What carts and orders need to know of a variant."""

    variant_id: int
    product_id: int
    slug: str
    name: str
    sku: str
    size: str
    colour: str
    options: str  # "Sage, 24 cm"
    price_cents: int
    stock: int
    weight_grams: int
    category: str
    is_active: bool


def product_page(session: Session, slug: str, locale: str) -> ProductPage | None:
    row = session.execute(
        sa.select(
            Product.id,
            Category.slug,
            CategoryText.name,
            ProductText.name,
            ProductText.tagline,
            ProductText.description,
            Product.style,
        )
        .join(ProductText, ProductText.product_id == Product.id)
        .join(Category, Category.id == Product.category_id)
        .join(
            CategoryText,
            (CategoryText.category_id == Category.id) & (CategoryText.locale == ProductText.locale),
        )
        .where(Product.slug == slug, Product.is_active, ProductText.locale == spoken(locale))
    ).one_or_none()
    if row is None:
        return None
    product_id, category, category_name, name, tagline, description, style = row
    return ProductPage(
        product_id,
        slug,
        category,
        category_name,
        name,
        tagline,
        description,
        str(style["shape"]),
        float(style["curve"]),
        int(style["pattern"]),
        str(style["material"]),
        _variants(session, product_id),
    )


def _variants(session: Session, product_id: int) -> tuple[VariantRow, ...]:
    rows = session.execute(
        sa.select(
            Variant.id,
            Variant.sku,
            Variant.size,
            Variant.colour,
            Variant.price_cents,
            Variant.weight_grams,
            Variant.stock,
        )
        .where(Variant.product_id == product_id)
        .order_by(Variant.position)
    )
    return tuple(VariantRow(*row) for row in rows)


def variants_by_id(session: Session, ids: Iterable[int], locale: str) -> dict[int, VariantFacts]:
    """Always from the database: carts and orders trust no cache. Unknown ids are left out."""
    rows = session.execute(
        sa.select(
            Variant.id,
            Product.id,
            Product.slug,
            ProductText.name,
            Variant.sku,
            Variant.size,
            Variant.colour,
            Variant.price_cents,
            Variant.stock,
            Variant.weight_grams,
            Category.slug,
            Product.is_active,
        )
        .join(Product, Product.id == Variant.product_id)
        .join(ProductText, ProductText.product_id == Product.id)
        .join(Category, Category.id == Product.category_id)
        .where(Variant.id.in_(list(ids)), ProductText.locale == spoken(locale))
    )
    return {
        row[0]: VariantFacts(
            *row[:7],
            options=options.in_words(row[5], row[6], locale),
            price_cents=row[7],
            stock=row[8],
            weight_grams=row[9],
            category=row[10],
            is_active=row[11],
        )
        for row in rows
    }


def related(session: Session, product_id: int, locale: str, count: int = 4) -> list[Card]:
    """Of the same shelf: other kinds of things first, nearest in price."""
    this = (
        sa.select(Product.category_id, Product.price_cents, Product.kind)
        .where(Product.id == product_id)
        .subquery()
    )
    ids = session.scalars(
        sa.select(Product.id)
        .join(this, this.c.category_id == Product.category_id)
        .where(Product.is_active, Product.id != product_id)
        .order_by(
            Product.kind == this.c.kind, sa.func.abs(Product.price_cents - this.c.price_cents), Product.id
        )
        .limit(count)
    ).all()
    return cards(session, ids, locale)


def cards(session: Session, ids: Iterable[int], locale: str) -> list[Card]:
    """In the order of the ids."""
    wanted = list(ids)
    rows = session.execute(
        sa.select(
            Product.id,
            Product.slug,
            ProductText.name,
            ProductText.tagline,
            Product.price_cents,
            sa.func.max(Variant.price_cents) > Product.price_cents,
            Product.colours,
            sa.func.bool_or(Variant.stock > 0),
        )
        .join(ProductText, ProductText.product_id == Product.id)
        .join(Variant, Variant.product_id == Product.id)
        .where(Product.id.in_(wanted), ProductText.locale == spoken(locale))
        .group_by(Product.id, ProductText.name, ProductText.tagline)
    ).all()
    found = {row[0]: Card(row[1], row[2], row[3], row[4], row[5], tuple(row[6]), row[7]) for row in rows}
    return [found[product_id] for product_id in wanted if product_id in found]


def all_slugs(session: Session) -> list[str]:
    """For the site map."""
    return list(session.scalars(sa.select(Product.slug).where(Product.is_active).order_by(Product.id)))

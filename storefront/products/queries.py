"""Reads of the catalogue, shaped for one page each. The feature's SQL is here and in search.py."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from storefront.exchange import Exchange, Point
from storefront.products import options
from storefront.products.catalogue.generate import SOURCE, spoken
from storefront.products.models import Category, CategoryText, PricePoint, Product, ProductText, Variant

FEW = 10  # from here on a page says how many are left
# A text in the page's language and the one it was translated from, which stands in where there is none.
Own, Source = aliased(ProductText), aliased(ProductText)
OwnCategory, SourceCategory = aliased(CategoryText), aliased(CategoryText)


@dataclass(frozen=True)
class Tag:
    """What one variant costs: in the shop's currency, and where somebody has set it in another."""

    price_cents: int
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Card:
    """A product as listings show it."""

    slug: str
    name: str
    source_name: str  # in English
    tagline: str
    price_cents: int  # of the cheapest variant
    has_prices: bool  # there are dearer variants
    colours: tuple[str, ...]
    is_in_stock: bool
    tags: tuple[Tag, ...]  # of all variants, where any of them has a price point; else none

    def lowest(self, exchange: Exchange) -> int:
        """The least that a variant costs, in the currency that is shown."""
        tagged = [exchange.price(tag.price_cents, tag.points) for tag in self.tags]
        return min(tagged, default=exchange.price(self.price_cents))

    def has_several(self, exchange: Exchange) -> bool:
        tagged = {exchange.price(tag.price_cents, tag.points) for tag in self.tags}
        return len(tagged) > 1 if tagged else self.has_prices


@dataclass(frozen=True)
class VariantRow:
    variant_id: int
    sku: str
    size: str
    colour: str
    price_cents: int
    weight_grams: int
    stock: int
    points: tuple[Point, ...]


@dataclass(frozen=True)
class ProductPage:
    product_id: int
    slug: str
    category: str
    category_name: str
    source_category_name: str
    name: str
    source_name: str
    tagline: str
    description: str
    source_description: str
    locales: tuple[str, ...]  # that the shop's own tables have its texts in
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
    source_name: str
    sku: str
    size: str
    colour: str
    options: str  # "Sage, 24 cm"
    price_cents: int
    stock: int
    weight_grams: int
    category: str
    is_active: bool
    points: tuple[Point, ...] = ()


def product_page(session: Session, slug: str, locale: str) -> ProductPage | None:
    row = session.execute(
        sa.select(
            Product.id,
            Category.slug,
            sa.func.coalesce(OwnCategory.name, SourceCategory.name),
            SourceCategory.name,
            *_words(),
            Source.description,
            sa.select(sa.func.array_agg(ProductText.locale))
            .where(ProductText.product_id == Product.id)
            .scalar_subquery(),
            Product.style,
        )
        .join(Category, Category.id == Product.category_id)
        .join(
            SourceCategory,
            (SourceCategory.category_id == Category.id) & (SourceCategory.locale == SOURCE),
        )
        .outerjoin(
            OwnCategory, (OwnCategory.category_id == Category.id) & (OwnCategory.locale == spoken(locale))
        )
        .join(Source, _is_source())
        .outerjoin(Own, _is_own(locale))
        .where(Product.slug == slug, Product.is_active)
    ).one_or_none()
    if row is None:
        return None
    (product_id, category, category_name, source_category, name, source_name, tagline, description, *rest) = (
        row
    )
    source_description, locales, style = rest
    return ProductPage(
        product_id,
        slug,
        category,
        category_name,
        source_category,
        name,
        source_name,
        tagline,
        description,
        source_description,
        tuple(sorted(locales)),
        str(style["shape"]),
        float(style["curve"]),
        int(style["pattern"]),
        str(style["material"]),
        _variants(session, product_id),
    )


def _words() -> tuple[sa.SQLColumnExpression[str], ...]:
    """Name, its source, tagline and description, in the page's language as far as there are any."""
    return (
        sa.func.coalesce(Own.name, Source.name),
        Source.name,
        sa.func.coalesce(Own.tagline, Source.tagline),
        sa.func.coalesce(Own.description, Source.description),
    )


def _is_own(locale: str) -> sa.ColumnElement[bool]:
    return sa.and_(Own.product_id == Product.id, Own.locale == spoken(locale))


def _is_source() -> sa.ColumnElement[bool]:
    return sa.and_(Source.product_id == Product.id, Source.locale == SOURCE)


def points_of(session: Session, variant_ids: Iterable[int]) -> dict[int, tuple[Point, ...]]:
    """Prices set by hand, in the order of their currencies."""
    found: dict[int, tuple[Point, ...]] = {}
    for variant_id, currency, minor in session.execute(
        sa.select(PricePoint.variant_id, PricePoint.currency, PricePoint.minor)
        .where(PricePoint.variant_id.in_(list(variant_ids)))
        .order_by(PricePoint.variant_id, PricePoint.currency)
    ):
        found[variant_id] = (*found.get(variant_id, ()), Point(currency, minor))
    return found


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
    ).all()
    points = points_of(session, [row[0] for row in rows])
    return tuple(VariantRow(*row, points=points.get(row[0], ())) for row in rows)


def variants_by_id(session: Session, ids: Iterable[int], locale: str) -> dict[int, VariantFacts]:
    """Always from the database: carts and orders trust no cache. Unknown ids are left out."""
    wanted = list(ids)
    points = points_of(session, wanted)
    rows = session.execute(
        sa.select(
            Variant.id,
            Product.id,
            Product.slug,
            sa.func.coalesce(Own.name, Source.name),
            Source.name,
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
        .join(Category, Category.id == Product.category_id)
        .join(Source, _is_source())
        .outerjoin(Own, _is_own(locale))
        .where(Variant.id.in_(wanted))
    )
    return {
        row[0]: VariantFacts(
            *row[:8],
            options=options.in_words(row[6], row[7], locale),
            price_cents=row[8],
            stock=row[9],
            weight_grams=row[10],
            category=row[11],
            is_active=row[12],
            points=points.get(row[0], ()),
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
            sa.func.coalesce(Own.name, Source.name),
            Source.name,
            sa.func.coalesce(Own.tagline, Source.tagline),
            Product.price_cents,
            sa.func.max(Variant.price_cents) > Product.price_cents,
            Product.colours,
            sa.func.bool_or(Variant.stock > 0),
        )
        .join(Source, _is_source())
        .outerjoin(Own, _is_own(locale))
        .join(Variant, Variant.product_id == Product.id)
        .where(Product.id.in_(wanted))
        .group_by(Product.id, Own.name, Own.tagline, Source.name, Source.tagline)
    ).all()
    tags = _tags(session, wanted)
    found = {
        row[0]: Card(
            row[1], row[2], row[3], row[4], row[5], row[6], tuple(row[7]), row[8], tags.get(row[0], ())
        )
        for row in rows
    }
    return [found[product_id] for product_id in wanted if product_id in found]


def _tags(session: Session, product_ids: list[int]) -> dict[int, tuple[Tag, ...]]:
    """Of products with a price point: all their variants' prices."""
    pointed = (
        sa.select(Variant.product_id)
        .join(PricePoint, PricePoint.variant_id == Variant.id)
        .where(Variant.product_id.in_(product_ids))
    )
    variants = session.execute(
        sa.select(Variant.id, Variant.product_id, Variant.price_cents).where(Variant.product_id.in_(pointed))
    ).all()
    points = points_of(session, [row.id for row in variants])
    tags: dict[int, tuple[Tag, ...]] = {}
    for row in variants:
        tag = Tag(row.price_cents, points.get(row.id, ()))
        tags[row.product_id] = (*tags.get(row.product_id, ()), tag)
    return tags


def content_locales(session: Session) -> dict[str, float]:
    """locale → the share of goods on sale that the shop's own tables have texts of."""
    total = session.scalar(sa.select(sa.func.count()).select_from(Product).where(Product.is_active)) or 0
    rows = session.execute(
        sa.select(ProductText.locale, sa.func.count())
        .join(Product, Product.id == ProductText.product_id)
        .where(Product.is_active)
        .group_by(ProductText.locale)
    )
    return {locale: count / total for locale, count in rows}


def all_slugs(session: Session) -> dict[str, list[str]]:
    """For the site map: slug → the locales that the shop's own tables have its texts in."""
    rows = session.execute(
        sa.select(Product.slug, sa.func.array_agg(ProductText.locale))
        .join(ProductText, ProductText.product_id == Product.id)
        .where(Product.is_active)
        .group_by(Product.id)
        .order_by(Product.id)
    )
    return {slug: sorted(locales) for slug, locales in rows}

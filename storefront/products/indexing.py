"""Search follows the words that are published: what a page calls a thing, a shopper can look for.

The worker does this after each release, while nobody waits. The shop's own names and descriptions stay; only
what search looks in changes, and goes back when a release is taken back.
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from storefront.products.catalogue.generate import SOURCE, spoken
from storefront.products.commands import index_of
from storefront.products.folding import fold
from storefront.products.models import Category, CategoryText, Product, ProductText
from storefront.products.published import look_up
from storefront.wording import CONTEXT, Catalog

PRODUCT = re.compile(rf"product:([a-z0-9-]+):(?:name|description){CONTEXT}")
BATCH = 500
Source = aliased(ProductText)
SourceShelf = aliased(CategoryText)


def follow(session: Session, catalog: Catalog) -> int:
    """One batch of rows that search does not yet find by this catalog's words. How many there were."""
    language = spoken(catalog.locale)
    if language != catalog.locale:  # the rows belong to another locale of the language
        return 0
    slugs = _slugs(catalog)
    rows = session.execute(_due(catalog.release, slugs, language)).all()
    for row in rows:
        release = catalog.release if row.slug in slugs else 0
        columns = _columns(row, catalog, language)
        session.execute(
            sa.update(ProductText)
            .where(ProductText.product_id == row.product_id, ProductText.locale == language)
            .values(release=release, **columns)
        )
    return len(rows)


def _due(release: int, slugs: set[str], language: str) -> sa.Select[*tuple[Any, ...]]:
    """Goods with published words of another release, and goods that have none any more."""
    is_published = Product.slug.in_(slugs)
    return (
        sa.select(
            ProductText.product_id,
            Product.slug,
            ProductText.name,
            ProductText.tagline,
            ProductText.description,
            Source.name.label("source_name"),
            Source.description.label("source_description"),
            Category.slug.label("category"),
            CategoryText.name.label("shelf"),
            SourceShelf.name.label("source_shelf"),
        )
        .join(Product, Product.id == ProductText.product_id)
        .join(Category, Category.id == Product.category_id)
        .join(Source, sa.and_(Source.product_id == Product.id, Source.locale == SOURCE))
        .join(CategoryText, sa.and_(CategoryText.category_id == Category.id, CategoryText.locale == language))
        .join(SourceShelf, sa.and_(SourceShelf.category_id == Category.id, SourceShelf.locale == SOURCE))
        .where(ProductText.locale == language)
        .where(ProductText.release != sa.case((is_published, release), else_=0))
        .order_by(ProductText.product_id)
        .limit(BATCH)
        .with_for_update(of=ProductText, skip_locked=True)
    )


def _columns(row: Any, catalog: Catalog, language: str) -> dict[str, Any]:
    name = look_up(catalog, f"product:{row.slug}:name", row.source_name) or row.name
    about = look_up(catalog, f"product:{row.slug}:description", row.source_description) or row.description
    shelf = look_up(catalog, f"category:{row.category}:name", row.source_shelf) or row.shelf
    return index_of(language, fold(f"{name} {row.tagline} {row.source_name} {shelf}"), about)


def _slugs(catalog: Catalog) -> set[str]:
    """Goods that the published words name."""
    if not catalog.release:
        return set()
    found = (PRODUCT.match(key) for key in catalog.texts)
    return {match[1] for match in found if match is not None}

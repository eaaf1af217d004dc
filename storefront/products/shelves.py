"""The categories, as the navigation of each page shows them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from storefront import db
from storefront.cache import cached
from storefront.errors import Unavailable
from storefront.i18n import current_locale
from storefront.products import published
from storefront.products.catalogue.generate import SOURCE, spoken
from storefront.products.models import Category, CategoryText
from storefront.stored import restore, store

Own, Source = aliased(CategoryText), aliased(CategoryText)


@dataclass(frozen=True)
class Shelf:
    slug: str
    name: str
    source_name: str
    about: str
    source_about: str


def shelves() -> list[Shelf]:
    """All shelves in the page's locale; none when neither cache nor database answers: a page must stand."""
    locale = spoken(current_locale())
    try:
        found = cached(
            "shelves",
            locale,
            300,
            lambda: _load(locale),
            encode=store,
            decode=lambda raw: [restore(Shelf, item) for item in raw],
        )
    except Unavailable:
        return []
    return [_as_published(shelf) for shelf in found]


def _as_published(shelf: Shelf) -> Shelf:
    category = f"category:{shelf.slug}"
    return replace(
        shelf,
        name=published.text(f"{category}:name", shelf.source_name, shelf.name),
        about=published.text(f"{category}:description", shelf.source_about, shelf.about),
    )


def _load(locale: str) -> list[Shelf]:
    with db.begin() as session:
        rows = session.execute(
            sa.select(
                Category.slug,
                sa.func.coalesce(Own.name, Source.name),
                Source.name,
                sa.func.coalesce(Own.about, Source.about),
                Source.about,
            )
            .join(Source, (Source.category_id == Category.id) & (Source.locale == SOURCE))
            .outerjoin(Own, (Own.category_id == Category.id) & (Own.locale == locale))
            .order_by(Category.position)
        )
        return [Shelf(*row) for row in rows]

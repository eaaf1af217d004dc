"""The categories, as the navigation of each page shows them."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from storefront import db
from storefront.cache import cached
from storefront.errors import Unavailable
from storefront.i18n import current_locale
from storefront.products.catalogue.generate import spoken
from storefront.products.models import Category, CategoryText
from storefront.stored import restore, store


@dataclass(frozen=True)
class Shelf:
    slug: str
    name: str
    about: str


def shelves() -> list[Shelf]:
    """All shelves in the page's locale; none when neither cache nor database answers: a page must stand."""
    locale = spoken(current_locale())
    try:
        return cached(
            "shelves",
            locale,
            300,
            lambda: _load(locale),
            encode=store,
            decode=lambda raw: [restore(Shelf, item) for item in raw],
        )
    except Unavailable:
        return []


def _load(locale: str) -> list[Shelf]:
    with db.begin() as session:
        rows = session.execute(
            sa.select(Category.slug, CategoryText.name, CategoryText.about)
            .join(CategoryText, CategoryText.category_id == Category.id)
            .where(CategoryText.locale == locale)
            .order_by(Category.position)
        )
        return [Shelf(*row) for row in rows]

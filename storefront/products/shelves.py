"""The categories, as the navigation of each page shows them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from storefront import db
from storefront.cache import cached
from storefront.errors import Unavailable
from storefront.i18n import current_locale
from storefront.products.models import Category, CategoryText

FRESH_SECONDS = 300


@dataclass(frozen=True)
class Shelf:
    slug: str
    name: str
    about: str

    @staticmethod
    def read(raw: Any) -> Shelf:
        return Shelf(str(raw["slug"]), str(raw["name"]), str(raw["about"]))


def shelves() -> list[Shelf]:
    """All shelves in the page's locale; none when neither cache nor database answers: a page must stand."""
    locale = current_locale()
    try:
        return cached(
            "shelves",
            locale,
            FRESH_SECONDS,
            lambda: _load(locale),
            encode=lambda found: [asdict(shelf) for shelf in found],
            decode=lambda raw: [Shelf.read(item) for item in raw],
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

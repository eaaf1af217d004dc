"""The catalogue through the cache: each read of a page, how long it is fresh, how it is stored."""

from __future__ import annotations

import re
from typing import Any

from storefront import db
from storefront.cache import cached
from storefront.products import queries, search
from storefront.products.catalogue.generate import spoken
from storefront.products.queries import Card, ProductPage
from storefront.products.search import Listing
from storefront.products.wish import Wish
from storefront.stored import restore, store

SLUG = re.compile(r"[a-z0-9-]{1,100}")
# name in the cache → seconds that an answer is fresh. Changes of stock and price make them old at once.
FRESH_SECONDS = {"product": 120, "listing": 60, "related": 300, "shelves": 300, "sitemap": 3600}


def _read_page(raw: Any) -> ProductPage | None:
    return None if raw is None else restore(ProductPage, raw)


def _read_listing(raw: Any) -> Listing:
    return restore(Listing, raw)


def product_page(slug: str, locale: str) -> ProductPage | None:
    """None where there is no such product on sale."""
    if not SLUG.fullmatch(slug):
        return None
    language = spoken(locale)

    def load() -> ProductPage | None:
        with db.begin() as session:
            return queries.product_page(session, slug, language)

    return cached(
        "product",
        f"{slug}:{language}",
        FRESH_SECONDS["product"],
        load,
        encode=store,
        decode=_read_page,
    )


def listing(wish: Wish, locale: str) -> Listing:
    language = spoken(locale)

    def load() -> Listing:
        with db.begin() as session:
            return search.listing(session, wish, language)

    return cached(
        "listing",
        wish.key(language),
        FRESH_SECONDS["listing"],
        load,
        encode=store,
        decode=_read_listing,
    )


def related(product_id: int, locale: str) -> list[Card]:
    language = spoken(locale)

    def load() -> list[Card]:
        with db.begin() as session:
            return queries.related(session, product_id, language)

    return cached(
        "related",
        f"{product_id}:{language}",
        FRESH_SECONDS["related"],
        load,
        encode=store,
        decode=lambda raw: [restore(Card, item) for item in raw],
    )


def all_slugs() -> list[str]:
    def load() -> list[str]:
        with db.begin() as session:
            return queries.all_slugs(session)

    return cached(
        "sitemap", "", FRESH_SECONDS["sitemap"], load, decode=lambda raw: [str(slug) for slug in raw]
    )

"""The catalogue through the cache: each read of a page, how long it is fresh, how it is stored."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from storefront import db
from storefront.cache import cached
from storefront.exchange import Exchange
from storefront.products import published, queries, search
from storefront.products.catalogue.generate import spoken
from storefront.products.queries import Card, ProductPage
from storefront.products.search import Listing
from storefront.products.wish import Wish, bands_charged
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

    found = cached(
        "product",
        f"{slug}:{language}",
        FRESH_SECONDS["product"],
        load,
        encode=store,
        decode=_read_page,
    )
    return None if found is None else published.page(found)


def listing(wish: Wish, locale: str, exchange: Exchange) -> Listing:
    """The ranges of prices have round ends in the shopper's currency, so what is kept is kept for each."""
    language = spoken(locale)
    bands = bands_charged(exchange)

    def load() -> Listing:
        with db.begin() as session:
            return search.listing(session, wish, language, bands)

    found = cached(
        "listing",
        f"{wish.key(language)}&{bands}" if exchange.is_converted else wish.key(language),
        FRESH_SECONDS["listing"],
        load,
        encode=store,
        decode=_read_listing,
    )
    return replace(found, cards=tuple(published.named(list(found.cards))))


def related(product_id: int, locale: str) -> list[Card]:
    language = spoken(locale)

    def load() -> list[Card]:
        with db.begin() as session:
            return queries.related(session, product_id, language)

    found = cached(
        "related",
        f"{product_id}:{language}",
        FRESH_SECONDS["related"],
        load,
        encode=store,
        decode=lambda raw: [restore(Card, item) for item in raw],
    )
    return published.named(found)


def all_slugs() -> dict[str, list[str]]:
    """slug → the locales that the shop's own tables have its texts in."""

    def load() -> dict[str, list[str]]:
        with db.begin() as session:
            return queries.all_slugs(session)

    return cached("sitemap", "", FRESH_SECONDS["sitemap"], load, decode=dict)


def content_locales() -> dict[str, float]:
    """locale → the share of goods with texts in it."""

    def load() -> dict[str, float]:
        with db.begin() as session:
            return queries.content_locales(session)

    return cached("sitemap", "content", FRESH_SECONDS["sitemap"], load, decode=dict)

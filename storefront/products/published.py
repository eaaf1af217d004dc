"""Names and descriptions of goods that a translator has published, over those of the shop's own tables.

They come in the ordinary catalogs, with the context `product:<slug>:name`, `product:<slug>:description` or
`category:<slug>:name` and the English text as the source. A page shows them from the catalog it is pinned to.
Where the catalog has none the table's text is shown: that is no missing translation, so nothing is counted.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from babel.support import NullTranslations
from flask import current_app

from storefront.products.queries import Card, ProductPage, VariantFacts
from storefront.translations import PublishedDomain

Named = TypeVar("Named", Card, VariantFacts)


def text(context: str, source: str, own: str) -> str:
    """The published text of this request's catalog, else the shop's own."""
    return look_up(_words(), context, source) or own


def look_up(words: NullTranslations | None, context: str, source: str) -> str | None:
    """Through what is published down to what ships, and never as far as the source text."""
    message = f"{context}\x04{source}"
    while words is not None:
        found = getattr(words, "_catalog", {}).get(message)
        if found:
            return str(found)
        words = getattr(words, "_fallback", None)
    return None


def named(goods: list[Named]) -> list[Named]:
    words = _words()
    if words is None:
        return goods
    return [replace(one, name=_name(words, one.slug, one.source_name) or one.name) for one in goods]


def page(product: ProductPage) -> ProductPage:
    words = _words()
    if words is None:
        return product
    described = look_up(words, f"product:{product.slug}:description", product.source_description)
    shelf = look_up(words, f"category:{product.category}:name", product.source_category_name)
    return replace(
        product,
        name=_name(words, product.slug, product.source_name) or product.name,
        description=described or product.description,
        category_name=shelf or product.category_name,
    )


def _name(words: NullTranslations, slug: str, source: str) -> str | None:
    return look_up(words, f"product:{slug}:name", source)


def _words() -> NullTranslations | None:
    """None while nothing is published for the page's locale: then no name needs looking up."""
    domain: PublishedDomain | None = current_app.extensions.get("published_domain")
    catalog = domain.current() if domain else None
    return catalog.words if catalog is not None and catalog.release else None

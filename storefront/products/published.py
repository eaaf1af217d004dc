"""Names and descriptions of goods that a translator has published, over those of the shop's own tables.

They come in the ordinary catalogs, with the context `product:<slug>:name`, `product:<slug>:description`,
`category:<slug>:name` or `category:<slug>:description` and the English text as the source. A page shows them
from the catalog it is pinned to. Where the catalog has none the table's text is shown: that is no missing
translation, so nothing is counted.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from flask import current_app

from storefront import outline
from storefront.impressions import message_key
from storefront.products.queries import Card, ProductPage, VariantFacts
from storefront.translations import Looking, PublishedDomain
from storefront.wording import CONTEXT, Catalog

Named = TypeVar("Named", Card, VariantFacts)


def text(context: str, source: str, own: str) -> str:
    """The published text of this request's catalog, else the shop's own."""
    looking = _looking()
    return own if looking is None else _told(looking, context, source) or own


def outlinable(words: str, context: str, source: str) -> str:
    """What a template shows as text, marked where a link outlines it.

    Nowhere else: what is stored, mailed, searched or told to machines never has the marks.
    """
    domain: PublishedDomain | None = current_app.extensions.get("published_domain")
    looking = domain.looking() if domain else None
    if looking is None or not looking.outlined:
        return words
    return outline.marked(words) if message_key(f"{context}{CONTEXT}{source}") == looking.outlined else words


def look_up(catalog: Catalog, context: str, source: str) -> str | None:
    """None where the catalog has none, which is no lack: the shop's own tables have it."""
    return catalog.texts.get(f"{context}{CONTEXT}{source}")


def named(goods: list[Named]) -> list[Named]:
    looking = _looking()
    if looking is None:
        return goods
    return [replace(one, name=_name(looking, one.slug, one.source_name) or one.name) for one in goods]


def page(product: ProductPage) -> ProductPage:
    looking = _looking()
    if looking is None:
        return product
    described = _told(looking, f"product:{product.slug}:description", product.source_description)
    shelf = _told(looking, f"category:{product.category}:name", product.source_category_name)
    return replace(
        product,
        name=_name(looking, product.slug, product.source_name) or product.name,
        description=described or product.description,
        category_name=shelf or product.category_name,
    )


def _name(looking: Looking, slug: str, source: str) -> str | None:
    return _told(looking, f"product:{slug}:name", source)


def _told(looking: Looking, context: str, source: str) -> str | None:
    """Noted as seen where it is published; a pseudo-locale turns what it would translate."""
    found = look_up(looking.catalog, context, source)
    if found is not None:
        looking.note(f"{context}{CONTEXT}{source}")
    elif looking.catalog.turned is not None:
        return looking.catalog.turned(source)
    return found


def _looking() -> Looking | None:
    """None while nothing is published for the page's locale: then no name needs looking up."""
    domain: PublishedDomain | None = current_app.extensions.get("published_domain")
    looking = domain.looking() if domain else None
    if looking is None or not (looking.catalog.release or looking.catalog.turned):
        return None
    return looking

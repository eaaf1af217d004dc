"""Writes to the catalogue: goods come into the shop, are taken and come back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import has_app_context
from flask_babel import lazy_gettext as _l
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storefront.cache import forget
from storefront.errors import Conflict
from storefront.products.catalogue.generate import SOURCE, WORDS, ProductDraft, category_words
from storefront.products.catalogue.kinds import CATEGORIES
from storefront.products.folding import fold, stored
from storefront.products.models import Category, CategoryText, Product, ProductText, Variant

# PostgreSQL's text search configurations by language.
STEMS = {
    "en": "english",
    "de": "german",
    "fr": "french",
    "es": "spanish",
    "pt-BR": "portuguese",
    "ar": "arabic",
}
NO_STEMS = "simple"  # of all others: folding.searchable does what can be done


class OutOfStock(Conflict):
    """`left` says how many there are of each variant that did not suffice."""

    def __init__(self, left: Mapping[int, int]) -> None:
        super().__init__(_l("Somebody was faster: not everything in your cart is still in stock."))
        self.left = dict(left)


def take_stock(session: Session, quantities: Mapping[int, int]) -> None:
    """Take goods off the shelves, all or nothing.

    Each row is taken by "update where there is enough", in the order of ids, so that two orders can
    neither take the same piece nor wait for each other in a circle. Raises `OutOfStock`; the caller's
    transaction must then end without a commit.
    """
    short, sold_out = {}, False
    for variant_id, quantity in sorted(quantities.items()):
        if quantity < 1:
            raise ValueError("a quantity is at least 1")
        taken = session.execute(
            sa.update(Variant)
            .where(Variant.id == variant_id, Variant.stock >= quantity)
            .values(stock=Variant.stock - quantity)
            .returning(Variant.stock)
        ).scalar_one_or_none()
        if taken is None:
            short[variant_id] = session.scalar(sa.select(Variant.stock).where(Variant.id == variant_id)) or 0
        sold_out = sold_out or taken == 0
    if short:
        raise OutOfStock(short)
    _forget_after_commit(session, quantities, shelves_too=sold_out)


def return_stock(session: Session, quantities: Mapping[int, int]) -> None:
    """Put goods back, of an order that was cancelled."""
    for variant_id, quantity in sorted(quantities.items()):
        session.execute(
            sa.update(Variant).where(Variant.id == variant_id).values(stock=Variant.stock + quantity)
        )
    _forget_after_commit(session, quantities, shelves_too=True)


def set_price(session: Session, variant_id: int, price_cents: int) -> None:
    """A new price of one variant; the product's own is that of its cheapest."""
    product_id = session.execute(
        sa.update(Variant)
        .where(Variant.id == variant_id)
        .values(price_cents=price_cents)
        .returning(Variant.product_id)
    ).scalar_one()
    cheapest = sa.select(sa.func.min(Variant.price_cents)).where(Variant.product_id == product_id)
    session.execute(
        sa.update(Product).where(Product.id == product_id).values(price_cents=cheapest.scalar_subquery())
    )
    _forget_after_commit(session, [variant_id], shelves_too=True)


def put_on_sale(session: Session, drafts: Iterable[ProductDraft], now: datetime) -> int:
    """Bring products into the shop, or their words up to date; stock and prices of known variants stay.

    Returns how many products there were.
    """
    categories = _save_categories(session)
    count = 0
    for draft in drafts:
        product_id = _save_product(session, draft, categories[draft.category], now)
        _save_words(session, product_id, draft)
        _save_variants(session, product_id, draft)
        count += 1
    return count


def _save_categories(session: Session) -> dict[str, int]:
    ids = {}
    for position, slug in enumerate(CATEGORIES):
        ids[slug] = session.execute(
            insert(Category)
            .values(slug=slug, position=position)
            .on_conflict_do_update(index_elements=["slug"], set_={"position": position})
            .returning(Category.id)
        ).scalar_one()
        for locale in WORDS:
            name, about = category_words(slug, locale)
            session.execute(
                insert(CategoryText)
                .values(category_id=ids[slug], locale=locale, name=name, about=about)
                .on_conflict_do_update(
                    index_elements=["category_id", "locale"], set_={"name": name, "about": about}
                )
            )
    return ids


def _save_product(session: Session, draft: ProductDraft, category_id: int, now: datetime) -> int:
    colours = list(dict.fromkeys(variant.colour for variant in draft.variants))
    values = {
        "category_id": category_id,
        "kind": draft.kind,
        "style": {
            "shape": draft.shape,
            "curve": draft.curve,
            "pattern": draft.pattern,
            "material": draft.material,
        },
        "colours": colours,
        "popularity": draft.popularity,
    }
    found: int = session.execute(
        insert(Product)
        .values(
            slug=draft.slug,
            price_cents=min(variant.price_cents for variant in draft.variants),
            created_at=now - timedelta(days=draft.age_days),
            **values,
        )
        .on_conflict_do_update(index_elements=["slug"], set_=values)
        .returning(Product.id)
    ).scalar_one()
    return found


def _save_words(session: Session, product_id: int, draft: ProductDraft) -> None:
    for language, words in draft.words.items():
        shelf = category_words(draft.category, language)[0]
        found_by = fold(f"{words.name} {words.tagline} {draft.words[SOURCE].name} {shelf}")
        values = {
            "name": words.name,
            "tagline": words.tagline,
            "description": words.description,
            "release": 0,
            **index_of(language, found_by, words.description),
        }
        session.execute(
            insert(ProductText)
            .values(product_id=product_id, locale=language, **values)
            .on_conflict_do_update(index_elements=["product_id", "locale"], set_=values)
        )


def index_of(language: str, found_by: str, description: str) -> dict[str, Any]:
    """The columns that search looks in: what a product is called counts more than what is said of it."""
    stems = STEMS.get(language, NO_STEMS)

    def vector(folded: str, weight: str) -> sa.ColumnElement[Any]:
        words = sa.func.to_tsvector(stems, stored(folded, language))
        return sa.func.setweight(words, sa.literal_column(f"'{weight}'"))

    search = vector(found_by, "A").op("||")(vector(fold(description), "C"))
    return {"words": found_by, "search": search}


def _save_variants(session: Session, product_id: int, draft: ProductDraft) -> None:
    rows = [
        {
            "product_id": product_id,
            "sku": variant.sku,
            "size": variant.size,
            "colour": variant.colour,
            "price_cents": variant.price_cents,
            "weight_grams": variant.weight_grams,
            "stock": variant.stock,
            "position": position,
        }
        for position, variant in enumerate(draft.variants)
    ]
    session.execute(insert(Variant).values(rows).on_conflict_do_nothing(index_elements=["sku"]))


def _forget_after_commit(session: Session, variant_ids: Iterable[int], *, shelves_too: bool) -> None:
    """Make what is remembered of these products old, but only once the change can be read.

    Listings show prices and what is sold out, not how many are left: most sales leave them as they are.
    """
    slugs = session.scalars(
        sa.select(Product.slug).join(Variant).where(Variant.id.in_(list(variant_ids))).distinct()
    ).all()

    def forget_now(_session: Session) -> None:
        if not has_app_context():
            return
        for slug in slugs:
            for language in WORDS:
                forget("product", f"{slug}:{language}")
        if shelves_too:
            forget("listing")

    event.listen(session, "after_commit", forget_now, once=True)

"""Listing and search: which products, in which order, and how many there would be with another facet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storefront.products.catalogue.generate import SOURCE, spoken
from storefront.products.commands import NO_STEMS, STEMS
from storefront.products.folding import searchable
from storefront.products.models import Category, Product, ProductText
from storefront.products.queries import Card, cards
from storefront.products.wish import BANDS, PAGE_SIZE, Wish

Bands = Mapping[str, tuple[int, int | None]]
MOST_FOUND = 500  # a search that finds more says too little
# How much of a word must agree for a typo: "kettel" and "kettle" share 4 of 7 trigrams.
LIKENESS = 0.5
MOST_WORDS = 12  # that are looked at for typos
TELLING_LETTERS = 4


@dataclass(frozen=True)
class Facet:
    key: str
    count: int


@dataclass(frozen=True)
class Listing:
    cards: tuple[Card, ...]
    total: int
    is_guess: bool  # nothing had these words; what is shown has similar ones
    categories: tuple[Facet, ...]
    colours: tuple[Facet, ...]
    bands: tuple[Facet, ...]

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))


def listing(session: Session, wish: Wish, locale: str, bands: Bands = BANDS) -> Listing:
    """`bands` are the ranges of prices, in the shop's own cents."""
    ids, is_guess = _found(session, wish.query, spoken(locale)) if wish.query else (None, False)
    page_ids, total = _page(session, wish, ids, bands)
    return Listing(
        tuple(cards(session, page_ids, locale)),
        total,
        is_guess,
        _categories(session, wish, ids, bands),
        _colours(session, wish, ids, bands),
        _bands(session, wish, ids, bands),
    )


def _found(session: Session, query: str, language: str) -> tuple[list[int], bool]:
    """In the page's language; where nothing has these words there, in the language of the source."""
    ids, is_guess = _find(session, query, language)
    return _find(session, query, SOURCE) if not ids and language != SOURCE else (ids, is_guess)


def _find(session: Session, query: str, language: str) -> tuple[list[int], bool]:
    """Ids by relevance: products that have all words; if there are none, those with something like each."""
    asked = sa.func.websearch_to_tsquery(STEMS.get(language, NO_STEMS), searchable(query, language))
    by_words = session.scalars(
        sa.select(ProductText.product_id)
        .where(ProductText.locale == language, ProductText.search.op("@@")(asked))
        .order_by(sa.func.ts_rank(ProductText.search, asked).desc(), ProductText.product_id)
        .limit(MOST_FOUND)
    ).all()
    if by_words:
        return list(by_words), False
    session.execute(sa.select(sa.func.set_config("pg_trgm.word_similarity_threshold", str(LIKENESS), True)))
    by_likeness = session.scalars(
        sa.select(ProductText.product_id)
        .where(ProductText.locale == language, *_like_each_word(query))
        .order_by(sa.func.word_similarity(query, ProductText.words).desc(), ProductText.product_id)
        .limit(MOST_FOUND)
    ).all()
    return list(by_likeness), bool(by_likeness)


def _like_each_word(query: str) -> list[sa.ColumnElement[bool]]:
    """Short words say too little: "kettel for tea" looks for what is like the first."""
    words = query.split()[:MOST_WORDS]
    telling = [word for word in words if len(word) >= TELLING_LETTERS] or words
    return [ProductText.words.op("%>")(word) for word in dict.fromkeys(telling)]


def _wanted(
    wish: Wish, ids: list[int] | None, bands: Bands, *, but: str = ""
) -> list[sa.ColumnElement[bool]]:
    """The conditions of a wish, without that of the facet that is being counted."""
    conditions: list[sa.ColumnElement[bool]] = [Product.is_active.is_(True)]
    if ids is not None:
        conditions.append(Product.id.in_(ids))
    if wish.category and but != "category":
        category = sa.select(Category.id).where(Category.slug == wish.category).scalar_subquery()
        conditions.append(Product.category_id == category)
    if wish.colour and but != "colour":
        conditions.append(Product.colours.contains([wish.colour]))
    if wish.band and but != "band":
        low, high = bands[wish.band]
        conditions.append(Product.price_cents >= low)
        if high is not None:
            conditions.append(Product.price_cents < high)
    return conditions


def _page(session: Session, wish: Wish, ids: list[int] | None, bands: Bands) -> tuple[list[int], int]:
    conditions = _wanted(wish, ids, bands)
    total = session.scalar(sa.select(sa.func.count()).select_from(Product).where(*conditions)) or 0
    order: dict[str, tuple[Any, ...]] = {
        "popular": (Product.popularity.desc(),),
        "new": (Product.created_at.desc(),),
        "cheap": (Product.price_cents,),
        "dear": (Product.price_cents.desc(),),
        "relevant": (sa.func.array_position(sa.cast(ids or [], sa.ARRAY(sa.BigInteger)), Product.id),),
    }
    found = session.scalars(
        sa.select(Product.id)
        .where(*conditions)
        .order_by(*order[wish.sort], Product.id)
        .limit(PAGE_SIZE)
        .offset((wish.page - 1) * PAGE_SIZE)
    )
    return list(found), total


def _categories(session: Session, wish: Wish, ids: list[int] | None, bands: Bands) -> tuple[Facet, ...]:
    rows = session.execute(
        sa.select(Category.slug, sa.func.count(Product.id))
        .join(Product, Product.category_id == Category.id)
        .where(*_wanted(wish, ids, bands, but="category"))
        .group_by(Category.id)
        .order_by(Category.position)
    )
    return tuple(Facet(*row) for row in rows)


def _colours(session: Session, wish: Wish, ids: list[int] | None, bands: Bands) -> tuple[Facet, ...]:
    colour = sa.func.unnest(Product.colours).label("colour")
    inner = sa.select(colour).where(*_wanted(wish, ids, bands, but="colour")).subquery()
    rows = session.execute(
        sa.select(inner.c.colour, sa.func.count())
        .group_by(inner.c.colour)
        .order_by(sa.func.count().desc(), inner.c.colour)
    )
    return tuple(Facet(*row) for row in rows)


def _bands(session: Session, wish: Wish, ids: list[int] | None, bands: Bands) -> tuple[Facet, ...]:
    counts = [
        sa.func.count().filter(
            Product.price_cents >= low, *([] if high is None else [Product.price_cents < high])
        )
        for low, high in bands.values()
    ]
    row = session.execute(
        sa.select(*counts).select_from(Product).where(*_wanted(wish, ids, bands, but="band"))
    ).one()
    return tuple(Facet(key, count) for key, count in zip(bands, row, strict=True) if count)

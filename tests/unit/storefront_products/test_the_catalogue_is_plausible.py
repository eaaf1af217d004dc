from __future__ import annotations

import pytest

from storefront.products import options
from storefront.products.catalogue.generate import WORDS, catalogue, pleasant_price, spoken
from storefront.products.catalogue.kinds import CATEGORIES, KINDS, LINES
from storefront.products.pictures.draw import SHAPES


def test_the_same_seed_makes_the_same_shop():
    assert catalogue(3) == catalogue(3)


def test_another_seed_makes_another_shop():
    assert catalogue(3) != catalogue(4)


def test_there_are_more_than_200_products_on_eight_shelves():
    products = catalogue()
    assert len(products) >= 200
    assert {product.category for product in products} == set(CATEGORIES)


def test_no_address_and_no_item_number_is_given_twice():
    products = catalogue()
    skus = [variant.sku for product in products for variant in product.variants]
    assert len({product.slug for product in products}) == len(products)
    assert len(set(skus)) == len(skus)


def test_a_larger_size_is_dearer_and_heavier():
    for product in catalogue():
        for smaller, larger in zip(product.variants, product.variants[1:], strict=False):
            if smaller.colour == larger.colour:
                assert smaller.price_cents < larger.price_cents
                assert smaller.weight_grams < larger.weight_grams


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_every_language_names_everything(words):
    assert set(words.KINDS) == {kind.key for kind in KINDS}
    assert set(words.LINES) == set(LINES)
    assert set(words.CATEGORIES) == set(CATEGORIES)
    assert {material for kind in KINDS for material in kind.materials} <= set(words.MATERIALS)


def test_every_colour_has_a_paint_and_every_thing_a_drawing():
    assert {colour for kind in KINDS for colour in kind.colours} == set(options.COLOURS)
    assert {kind.shape for kind in KINDS} == set(SHAPES)


@pytest.mark.parametrize(
    ("cents", "price"), [(4_512, 4_490), (4_560, 4_590), (40, 90), (10_120, 10_000), (12_400, 12_500)]
)
def test_prices_end_pleasantly(cents, price):
    assert pleasant_price(cents) == price


@pytest.mark.parametrize(
    ("locale", "language"), [("de-AT", "de"), ("ar", "ar"), ("pt-PT", "pt-BR"), ("it", "en")]
)
def test_a_locale_that_the_catalogue_does_not_speak_is_answered_in_english(locale, language):
    assert spoken(locale) == language

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storefront.products import arrival, folding
from storefront.products.wish import LAST_PAGE, SORTS, Wish, read

COLOURS = {"sage": None}


def test_an_empty_address_asks_for_everything():
    assert read({}, COLOURS) == Wish()


def test_what_the_shop_does_not_know_is_left_out():
    typed = {"colour": "pink", "price": "1-2", "sort": "by name", "category": "../etc", "page": "x"}
    assert read(typed, COLOURS) == Wish()


@pytest.mark.parametrize(
    ("page", "number"),
    [("2", 2), ("0", 1), ("-1", 1), ("1.5", 1), ("١", 1), ("999999", LAST_PAGE), ("1e9", 1), ("9" * 40, 1)],
)
def test_pages_are_counted_from_one(page, number):
    assert read({"page": page}, COLOURS).page == number


def test_a_search_is_sorted_by_relevance_and_a_shelf_by_popularity():
    assert read({"q": "kettle"}, COLOURS).sort == "relevant"
    assert read({"sort": "relevant"}, COLOURS).sort == "popular"


def test_another_facet_starts_at_the_first_page_again():
    assert Wish(category="glass", page=3).address("", colour="sage") == "?category=glass&colour=sage"


def test_a_page_keeps_what_was_asked():
    wish = Wish(query="red kettle", band="20-50", sort="cheap")
    assert wish.address("red  kettle?", page=2) == "?q=red++kettle%3F&price=20-50&sort=cheap&page=2"


def test_nothing_asked_is_an_address_too():
    assert Wish(category="glass").address("", category="") == "?"


@given(
    st.builds(
        Wish,
        category=st.sampled_from(["", "glass"]),
        colour=st.sampled_from(["", "sage"]),
        band=st.sampled_from(["", "100-"]),
        sort=st.sampled_from(SORTS),
        page=st.integers(1, LAST_PAGE),
    )
)
def test_an_address_reads_back_as_the_wish_it_was_made_from(wish):
    address = wish.address("", page=wish.page)
    assert read({name: values[0] for name, values in parse_qs(address[1:]).items()}, COLOURS) == wish


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("  Müsli-Schale ", "musli schale"),
        ("STRASSE straße", "strasse strasse"),
        ("قَهْوَة", "قهوه"),
        ("Crème_brûlée", "creme brulee"),
        ("'; DROP TABLE products; --", "drop table products"),
        ("%(x)s {0.__class__} {{7*7}}", "x s 0 class 7 7"),
        ("\x00\ud800", ""),
        ("😀", ""),
    ],
)
def test_words_are_compared_without_case_accents_and_signs(typed, folded):
    assert folding.fold(typed) == folded


def test_a_very_long_search_is_cut_at_a_word():
    query = folding.query("kettle " * 5_000)
    assert len(query) <= folding.LONGEST_QUERY
    assert set(query.split()) == {"kettle"}


def test_a_single_endless_word_is_cut_too():
    assert folding.query("k" * 10_000) == "k" * folding.LONGEST_QUERY


@given(st.text(max_size=400))
def test_nothing_typed_breaks_the_folding(text):
    assert folding.query(text) == folding.query(text).strip()


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        (date(2026, 11, 16), date(2026, 11, 18), date(2026, 11, 20)),  # Monday
        (date(2026, 11, 19), date(2026, 11, 23), date(2026, 11, 25)),  # Thursday, over the weekend
        (date(2026, 11, 21), date(2026, 11, 24), date(2026, 11, 26)),  # Saturday
        (date(2028, 2, 28), date(2028, 3, 1), date(2028, 3, 3)),  # 29 February counts
    ],
)
def test_parcels_arrive_on_working_days(today, first, last):
    assert arrival.window(today) == (first, last)

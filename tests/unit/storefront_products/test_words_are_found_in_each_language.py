"""What search compares: Japanese without spaces, Polish endings, letters that stand for one another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storefront.products.folding import fold, query, searchable, stored


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("けとる", "ケトル"),
        ("ｹﾄﾙ", "ケトル"),
        ("ｶﾞﾗｽ", "ガラス"),
        ("Théière", "theiere"),
        ("Œuf", "oeuf"),
        ("Łyżka", "lyzka"),
    ],
)
def test_ways_of_writing_the_same_are_one(one, other):
    assert fold(one) == fold(other)


def test_a_mark_that_makes_another_letter_is_kept():
    assert fold("ガラス") != fold("カラス")


def test_japanese_is_looked_for_in_pairs_and_letters():
    assert searchable("コーヒー", "ja") == "コー ーヒ ヒー"
    assert set(searchable(fold("ミル"), "ja").split()) <= set(stored(fold("コーヒーミル"), "ja").split())
    assert searchable("鍋", "ja") in stored(fold("片手鍋"), "ja").split()
    assert searchable("fjord", "ja") == "fjord"


@pytest.mark.parametrize(
    "forms",
    [
        ("nóż", "noże", "noży", "nożem"),
        ("kubek", "kubki", "kubków"),
        ("czajnik", "czajniki"),
        ("deska", "deski", "desek"),
        ("garnek", "garnki", "garnków"),
        ("szklanka", "szklanki"),
        ("patelnia", "patelnie", "patelni"),
    ],
)
def test_forms_of_a_polish_word_find_each_other(forms):
    assert len({searchable(fold(form), "pl") for form in forms}) == 1


@given(st.text(max_size=200), st.sampled_from(["en", "pl", "ja"]))
def test_whatever_is_typed_is_found_in_itself(text, language):
    typed = query(text)
    assert set(searchable(typed, language).split()) <= set(stored(typed, language).split())

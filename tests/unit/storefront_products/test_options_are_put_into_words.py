from __future__ import annotations

import pytest
from flask import Flask
from flask_babel import Babel

from storefront.products import options


@pytest.fixture(autouse=True)
def _page():
    app = Flask("words")
    Babel(app)
    with app.test_request_context("/"):
        yield


@pytest.mark.parametrize(
    ("size", "locale", "words"),
    [("24cm", "en", "24 cm"), ("1.2l", "de", "1,2 l"), ("s", "en", "Small"), ("odd", "en", "odd")],
)
def test_sizes_are_written_as_the_language_writes_them(size, locale, words):
    assert options.size_words(size, locale) == words


def test_a_variant_is_named_by_colour_and_size():
    assert options.in_words("24cm", "sage", "en") == "Sage, 24 cm"


def test_one_size_is_not_named():
    assert options.in_words("", "ink", "en") == "Ink blue"


def test_an_unknown_colour_is_shown_as_it_is_stored():
    assert options.colour_words("chartreuse") == "chartreuse"

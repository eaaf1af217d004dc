"""Prices as people write them into a file, and all that must not be taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storefront.errors import Refused
from storefront.prices.files import PricedSku, read_per_base, read_points, read_price, write_points


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("19.99", "USD", 1_999),
        ("19.9", "USD", 1_990),
        ("20", "USD", 2_000),
        ("1980", "JPY", 1_980),
        ("8.3", "BHD", 8_300),
    ],
)
def test_a_price_is_read_to_the_smallest_unit(text, currency, minor):
    assert read_price(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("19,99", "USD"),
        ("1.980", "JPY"),
        ("1,980", "JPY"),
        ("19.999", "USD"),
        ("-1", "USD"),
        ("0", "USD"),
        ("", "USD"),
        ("1e3", "USD"),
        ("١٩", "USD"),
        ("nan", "USD"),
        ("99999999999", "JPY"),
        ("999999999", "BHD"),
    ],
)
def test_what_could_mean_another_price_is_refused(text, currency):
    with pytest.raises(Refused):
        read_price(text, currency)


@pytest.mark.parametrize("text", ["0", "-1", "1,5", "inf", "1e9", "", "12345678", "0.000000001"])
def test_a_rate_is_a_plain_number_above_zero(text):
    with pytest.raises(Refused):
        read_per_base(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("item,currency,price\n", "line 1"),
        ("", "line 1"),
        ("sku,currency,price\nA,USD,1\nB,usd,1\n", "line 3"),
        ("sku,currency,price\nA,USD\n", "line 2"),
        ('sku,currency,price\nA,USD,"1,99"\n', "line 2"),
        ("sku,currency,price\nA,USD,1\nA,USD,2\n", "twice"),
    ],
)
def test_a_file_that_cannot_be_taken_names_its_line(text, problem):
    with pytest.raises(Refused, match=problem):
        read_points(text)


SKUS = st.text("ABCDEFGH0123456789-", min_size=1, max_size=20)
POINTS = st.builds(PricedSku, SKUS, st.sampled_from(["USD", "JPY", "BHD"]), st.integers(1, 999_999))


@given(st.lists(POINTS, max_size=20, unique_by=lambda one: (one.sku, one.currency)))
def test_what_is_written_out_comes_back(points):
    assert read_points(write_points(points)) == points
    assert read_points("\ufeff" + write_points(points)) == points


@pytest.mark.parametrize("sku", ["=HYPERLINK(1)", "+CUP", "-CUP", "@CUP"])
def test_no_number_of_goods_becomes_a_formula_and_each_is_read_back(sku):
    point = PricedSku(sku, "USD", 150)
    line = write_points([point]).splitlines()[1]
    assert line.startswith("'")
    assert read_points(write_points([point])) == [point]

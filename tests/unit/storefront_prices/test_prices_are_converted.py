"""Whole minor units in, whole minor units out: conversion, price tags and prices set by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storefront.cart.delivery import COUNTRIES
from storefront.cart.totals import PricedLine, sums, totals
from storefront.exchange import CHARMS, Exchange, Point, Rate, charming, converted, off_by
from storefront.products.wish import BANDS, bands, bands_charged

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def rate(currency: str, per_base: str, as_of: datetime = NOON) -> Rate:
    return Rate(currency, Decimal(per_base), as_of, "a bank")


def into(currency: str, per_base: str) -> Exchange:
    return Exchange("EUR", rate(currency, per_base))


@pytest.mark.parametrize(
    ("cents", "currency", "per_base", "minor"),
    [
        (1_999, "USD", "1.1585", 2_316),  # 23.158 dollars
        (1_999, "JPY", "181.20", 3_622),  # no digits after the point
        (1_999, "BHD", "0.43680", 8_732),  # three
        (1, "JPY", "181.20", 2),
        (50, "USD", "1.01", 51),  # 50.5: half up
        (0, "USD", "1.1585", 0),
    ],
)
def test_an_amount_is_rounded_to_the_currencys_own_digits(cents, currency, per_base, minor):
    assert converted(cents, "EUR", rate(currency, per_base)) == minor
    assert into(currency, per_base).amount(cents) == minor


@pytest.mark.parametrize(
    ("minor", "currency", "tag"),
    [
        (2_316, "USD", 2_299),
        (2_350, "USD", 2_399),
        (3_622, "JPY", 3_580),
        (3_640, "JPY", 3_680),
        (24_420, "SEK", 24_900),
        (8_732, "BHD", 8_700),
        (12_351, "BRL", 12_390),
        (10, "USD", 10),
        (0, "USD", 0),
        (1_234, "XAU", 1_234),
    ],
)
def test_a_price_becomes_one_that_a_tag_would_carry(minor, currency, tag):
    assert charming(minor, currency) == tag


@given(st.integers(0, 10_000_000), st.sampled_from(sorted(CHARMS)))
def test_a_price_tag_is_near_and_stays_what_it_is(minor, currency):
    tag = charming(minor, currency)
    assert abs(tag - minor) <= CHARMS[currency].step / 2 + 1
    assert charming(tag, currency) == tag
    assert (tag > 0) == (minor > 0)


@given(st.integers(1, 10_000_000), st.integers(0, 10_000), st.sampled_from(sorted(CHARMS)))
def test_what_costs_more_is_never_shown_cheaper(minor, more, currency):
    step = CHARMS[currency].step
    assert charming(minor + more, currency) >= charming(minor, currency) or minor < step


def test_a_price_point_comes_before_the_conversion_in_its_currency_alone():
    points = (Point("JPY", 3_980), Point("USD", 1_900))
    assert into("JPY", "181.20").price(1_999, points) == 3_980
    assert into("GBP", "0.8762").price(1_999, points) == 1_799
    assert Exchange("EUR").price(1_999, points) == 1_999


def test_a_point_is_so_far_from_the_conversion():
    assert off_by(105, 100) == Decimal("0.05")
    assert off_by(5, 0) == 0


@pytest.mark.parametrize(("days", "is_stale"), [(0, False), (7, False), (7.1, True)])
def test_an_old_rate_says_so(days, is_stale):
    assert rate("JPY", "181.20").is_stale(NOON + timedelta(days=days)) is is_stale


PRICES = st.lists(st.tuples(st.integers(1, 50_000), st.integers(1, 99)), min_size=1, max_size=5)


@given(PRICES, st.sampled_from(sorted(COUNTRIES)), st.sampled_from([("JPY", "181.2"), ("BHD", "0.4368")]))
def test_the_shown_sum_is_the_sum_of_what_is_shown(prices, code, currency):
    exchange = into(*currency)
    charged = totals((PricedLine(1, count, cents) for cents, count in prices), COUNTRIES[code])
    shown = sums(charged, sum(exchange.price(cents) * count for cents, count in prices), exchange)
    assert shown.total == shown.gross - shown.discount + shown.shipping
    assert 0 <= shown.tax <= shown.total
    assert (shown.shipping == 0) == (charged.shipping_cents == 0)
    assert (shown.free_delivery_gap == 0) == (charged.free_delivery_gap_cents == 0)


@given(PRICES, st.sampled_from(sorted(COUNTRIES)))
def test_in_the_shops_own_currency_what_is_shown_is_what_is_charged(prices, code):
    charged = totals((PricedLine(1, count, cents) for cents, count in prices), COUNTRIES[code])
    shown = sums(charged, charged.gross_cents, Exchange("EUR"))
    assert (shown.total, shown.tax, shown.shipping) == (
        charged.total_cents,
        charged.tax_cents,
        charged.shipping_cents,
    )


def test_ranges_of_prices_have_round_ends_and_the_same_ones_are_looked_for():
    assert bands(Exchange("EUR")) == BANDS
    yen = into("JPY", "181.20")
    assert bands(yen)["0-20"] == (0, 3_600)
    assert bands(yen)["100-"] == (18_000, None)
    low, high = bands_charged(yen)["20-50"]
    assert (low, high) == (1_987, 5_022)
    assert bands_charged(yen)["0-20"][1] == low

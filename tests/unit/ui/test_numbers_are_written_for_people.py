"""How figures look: units, three significant digits, and never a number that nobody measured."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from flask_babel import force_locale

from app.ui import formats
from app.ui.templating import shown

pytestmark = pytest.mark.usefixtures("babel_context")
NOW = datetime(2026, 3, 5, 14, 7, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0"),
        (1234567, "1,234,567"),
        (1234.6, "1,235"),
        (123.4, "123"),
        (12.345, "12.3"),
        (1.5, "1.5"),
        (0.12345, "0.123"),
        (0.000456, "0.000456"),
        (-2.718, "-2.72"),
        (Decimal("7"), "7"),
        (None, "no data"),
    ],
)
def test_a_number_has_three_significant_digits(value, words):
    assert formats.number(value) == words


@pytest.mark.parametrize(
    ("ratio", "decimals", "words"),
    [
        (0.99961, 1, "99.9%"),
        (0.9999, 2, "99.99%"),
        (1, 1, "100%"),
        (0, 1, "0%"),
        (0.5, 0, "50%"),
        (-1.7, 1, "-170%"),
        (None, 1, "no data"),
    ],
)
def test_a_share_is_cut_and_never_rounded_up_to_a_whole(ratio, decimals, words):
    assert formats.percent(ratio, decimals) == words


def test_changes_carry_their_sign():
    assert formats.signed_percent(0.12) == "+12%"
    assert formats.signed_percent(-0.055, 1) == "-5.5%"
    assert formats.points(0.004) == "+0.4 pp"
    assert formats.signed_percent(0.0004) == "±0%"
    assert formats.points(0) == "±0 pp"
    assert formats.signed_percent(None) == formats.points(None) == "no data"


def test_money_carries_its_currency():
    assert formats.money(123456) == "€1,234.56"
    assert formats.money(123456, whole=True) == "€1,235"
    assert formats.money(1999, "USD") == "US$19.99" or formats.money(1999, "USD") == "$19.99"
    assert (formats.unit_money(2.31), formats.unit_money(231)) == ("€0.023", "€2.31")
    assert formats.money(None) == formats.unit_money(None) == "no data"


def test_german_readers_get_german_figures():
    with force_locale("de"):
        assert formats.number(1234.5) == "1.234" or formats.number(1234.5) == "1.235"
        assert formats.percent(0.123) == "12,3\xa0%"
        assert formats.money(123456, whole=True) == "1.235\xa0€"
        assert formats.signed_percent(0.12) == "+12\xa0%"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0034, "3.4 ms"),
        (0.85, "850 ms"),
        (1.254, "1.25 s"),
        (119, "119 s"),
        (400, "7 minutes"),
        (None, "no data"),
    ],
)
def test_durations_have_the_unit_that_reads_best(value, words):
    assert formats.seconds(value) == words


def test_lengths_and_ages_are_in_words():
    assert formats.span(timedelta(days=3)) == "3 days"
    assert formats.span(3600) == "60 minutes"
    assert formats.span(None) == "no data"
    assert formats.ago(NOW - timedelta(minutes=3), NOW) == "3 minutes ago"
    assert formats.ago(NOW + timedelta(hours=5), NOW) == "in 5 hours"
    assert formats.ago(NOW, NOW) == "just now"
    assert formats.ago(None) == "never"


def test_moments_are_in_utc_and_say_so():
    assert formats.moment(NOW) == "5 Mar 2026, 14:07 UTC"
    assert formats.moment(NOW, "short") == "5 Mar, 14:07 UTC"
    assert formats.moment(NOW, "full") == "5 Mar 2026, 14:07:09 UTC"
    assert formats.moment(NOW, "date") == "5 Mar 2026"
    assert formats.moment(None) == "never"


@pytest.mark.parametrize(
    ("p", "words"),
    [(1.0, "1"), (0.0338, "0.0338"), (0.001, "0.001"), (2.17e-8, "2.2E-8"), (0, "0"), (None, "no data")],
)
def test_how_likely_chance_is_stays_readable_when_it_is_tiny(p, words):
    assert formats.probability(p) == words


def test_narrow_places_get_compact_numbers():
    assert formats.compact(12345) == "12.3K"
    assert formats.compact(None) == "no data"


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0.99871, "ratio", "99.87%"),
        (0.25, "seconds", "250 ms"),
        (14.4, "burn", "14.4×"),
        (1999.6, "cents", "€20.00"),
        (7, "count", "7"),
        (None, "count", "no data"),
    ],
)
def test_a_chart_writes_its_values_in_its_unit(value, unit, words):
    assert shown(value, unit) == words

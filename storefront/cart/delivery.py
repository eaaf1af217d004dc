"""Where we deliver, what it costs there and the value added tax of the country. Pure: a table and lookups.

Prices are shown and charged including the tax of the country of delivery; outside the tables' countries we do
not deliver.
"""

from __future__ import annotations

from dataclasses import dataclass

from babel import Locale


@dataclass(frozen=True)
class Country:
    code: str  # ISO 3166-1 alpha-2
    tax_rate_bp: int  # value added tax in basis points: 1900 is 19 %
    shipping_cents: int
    free_from_cents: int  # goods of at least this sum are delivered free


def _home(code: str, tax_rate_bp: int) -> Country:
    return Country(code, tax_rate_bp, 490, 5_900)


def _near(code: str, tax_rate_bp: int) -> Country:
    return Country(code, tax_rate_bp, 990, 9_900)


def _far(code: str, tax_rate_bp: int) -> Country:
    return Country(code, tax_rate_bp, 1_990, 19_900)


COUNTRIES: dict[str, Country] = {
    country.code: country
    for country in (
        _home("DE", 1900),
        _near("AT", 2000),
        _near("BE", 2100),
        _near("DK", 2500),
        _near("ES", 2100),
        _near("FR", 2000),
        _near("GB", 2000),
        _near("IE", 2300),
        _near("IT", 2200),
        _near("LU", 1700),
        _near("NL", 2100),
        _near("PL", 2300),
        _near("PT", 2300),
        _near("SE", 2500),
        _far("AE", 500),
        _far("BH", 1000),
        _far("BR", 1700),
        _far("CH", 810),
        _far("EG", 1400),
        _far("JP", 1000),
        _far("SA", 1500),
    )
}
HOME = "DE"


def country_or_home(code: str | None) -> Country:
    """The table's row, or the home country's where the shopper's is unknown or not delivered to."""
    return COUNTRIES.get((code or "").upper(), COUNTRIES[HOME])


def country_names(locale: str) -> list[tuple[str, str]]:
    """(code, name in the language), in the order of the names."""
    territories = Locale.parse(locale, sep="-").territories
    return sorted(((code, territories.get(code, code)) for code in COUNTRIES), key=lambda pair: pair[1])

"""Money is integer minor units and a currency; only this file turns it into words."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_currency, get_currency_name
from flask import current_app
from flask_babel import get_locale

from storefront.exchange import digits


def in_words(minor_units: int, currency: str, locale: str) -> str:
    """1999, "EUR", "de" → "19,99 €". Currencies of no (JPY) or three digits (BHD) are right too."""
    amount = Decimal(minor_units).scaleb(-digits(currency))
    return format_currency(amount, currency, locale=locale.replace("-", "_"))


def plain(minor_units: int, currency: str) -> str:
    """For machines: 1999, "EUR" → "19.99"; 1999, "JPY" → "1999"."""
    return f"{Decimal(minor_units).scaleb(-digits(currency)):f}"


def money(cents: int, currency: str | None = None) -> str:
    """For templates: `{{ order.total_cents|money(order.currency) }}` in the words of the page's locale."""
    locale = get_locale()
    return in_words(cents, currency or current_app.config["CURRENCY"], str(locale) if locale else "en")


def isolated(text: str) -> str:
    """For a sentence that runs from right to left: what is in here keeps its own direction."""
    locale = get_locale()
    return f"\u2068{text}\u2069" if locale and locale.text_direction == "rtl" else text


def currency_name(code: str) -> str:
    """ "euros", as the page's language names it."""
    locale = get_locale()
    return str(get_currency_name(code, locale=str(locale) if locale else "en"))

"""Money is integer minor units and a currency; only this file turns it into words."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision
from flask import current_app
from flask_babel import get_locale


def in_words(minor_units: int, currency: str, locale: str) -> str:
    """1999, "EUR", "de" → "19,99 €". Currencies of no (JPY) or three digits (BHD) are right too."""
    digits = get_currency_precision(currency)
    amount = Decimal(minor_units).scaleb(-digits)
    return format_currency(amount, currency, locale=locale.replace("-", "_"))


def money(cents: int, currency: str | None = None) -> str:
    """For templates: `{{ product.price_cents|money }}` in the words of the page's locale."""
    locale = get_locale()
    return in_words(cents, currency or current_app.config["CURRENCY"], str(locale) if locale else "en")

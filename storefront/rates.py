"""Exchange rates, and the currency that this page shows prices in.

Rates are rows that somebody has written (`python -m storefront.prices`), each with its time and its source;
nothing here asks the network. The currencies on offer are those that have a rate. Language, country and
currency are three choices: none of them follows from another.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from babel.dates import format_date
from babel.numbers import format_currency, get_currency_name
from flask import Flask, current_app, g
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Mapped, Session, mapped_column

from storefront import cookies, db
from storefront.cache import cached
from storefront.db import Base
from storefront.errors import Unavailable
from storefront.exchange import Exchange, Point, Rate, digits
from storefront.money import in_words, isolated

COOKIE = "currency"
FRESH_SECONDS = 60


class ExchangeRate(Base):
    """One currency's rate against the shop's own."""

    __tablename__ = "exchange_rates"
    __table_args__ = (
        sa.CheckConstraint("per_base > 0", name="per_base"),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    )

    currency: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    per_base: Mapped[Decimal] = mapped_column(sa.Numeric(18, 8))
    as_of: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    source: Mapped[str] = mapped_column(sa.Text)


def dress(app: Flask) -> None:
    app.jinja_env.globals.update(
        exchange=current_exchange, shown=shown, shown_amount=shown_amount, rate_words=rate_words
    )


def current_exchange() -> Exchange:
    """From the shop's currency to the one this shopper reads; worked out once a page."""
    found = g.get("exchange")
    if not isinstance(found, Exchange):
        found = g.exchange = exchange_for(cookies.read(COOKIE))
    return found


def exchange_for(currency: str) -> Exchange:
    """For a currency without a rate, or while rates cannot be read, prices are in the shop's own."""
    base = str(current_app.config["CURRENCY"])
    if not currency or currency == base:
        return Exchange(base)
    return Exchange(base, next((rate for rate in known_rates() if rate.currency == currency), None))


def rates() -> list[Rate]:
    """All of them, in the order of their codes."""

    def load() -> list[Rate]:
        with db.begin() as session:
            return read_rates(session)

    return cached("rates", "", FRESH_SECONDS, load, encode=_stored, decode=_restored)


def read_rates(session: Session) -> list[Rate]:
    rows = session.scalars(sa.select(ExchangeRate).order_by(ExchangeRate.currency))
    return [Rate(row.currency, row.per_base, row.as_of, row.source) for row in rows]


def known_rates() -> list[Rate]:
    """None while neither cache nor database answers: prices are then in the shop's own currency."""
    try:
        return rates()
    except Unavailable:
        return []


def currencies() -> list[str]:
    """Those a shopper may choose: the shop's own first."""
    base = str(current_app.config["CURRENCY"])
    return [base, *(rate.currency for rate in known_rates() if rate.currency != base)]


def choice_words(code: str) -> str:
    """ "Japanese Yen (JPY)", for lists."""
    return f"{get_currency_name(code, locale=str(get_locale()))} ({code})"


def shown(cents: int, points: tuple[Point, ...] = ()) -> str:
    """A price as this page writes it: `{{ shown(variant.price_cents, variant.points) }}`."""
    exchange = current_exchange()
    return in_words(exchange.price(cents, points), exchange.currency, str(get_locale()))


def shown_amount(cents: int) -> str:
    """A sum that is no price tag, such as what delivery costs."""
    exchange = current_exchange()
    return in_words(exchange.amount(cents), exchange.currency, str(get_locale()))


def rate_words(rate: Rate) -> str:
    """What a converted sum is worth: the rate, when it was true and who says so."""
    locale = str(get_locale())
    base = str(current_app.config["CURRENCY"])
    about = {
        "one": isolated(in_words(10 ** digits(base), base, locale)),
        "other": isolated(_in_full(rate, locale)),
        "day": format_date(rate.as_of, "medium", locale=locale),
        "source": isolated(rate.source),
    }
    if rate.is_stale(datetime.now(UTC)):
        return str(
            _(
                "Converted at %(one)s = %(other)s, an old rate of %(day)s (%(source)s): today's may differ.",
                **about,
            )
        )
    return str(_("Converted at %(one)s = %(other)s, the rate of %(day)s (%(source)s).", **about))


def _in_full(rate: Rate, locale: str) -> str:
    """With all its digits, however few the currency's prices have."""
    return format_currency(
        rate.per_base.normalize(), rate.currency, locale=locale, decimal_quantization=False
    )


def _stored(found: list[Rate]) -> Any:
    return [[rate.currency, str(rate.per_base), rate.as_of.isoformat(), rate.source] for rate in found]


def _restored(raw: Any) -> list[Rate]:
    return [
        Rate(str(currency), Decimal(str(per_base)), datetime.fromisoformat(as_of), str(source))
        for currency, per_base, as_of, source in raw
    ]

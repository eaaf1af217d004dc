"""What templates of every feature may say of cart and delivery."""

from __future__ import annotations

from flask import Flask
from flask_babel import format_percent
from flask_babel import gettext as _

from storefront.cart import badge
from storefront.cart.delivery import country_names, country_or_home
from storefront.i18n import current_locale
from storefront.rates import shown_amount
from storefront.shopper import current_shopper


def dress(app: Flask) -> None:
    app.jinja_env.globals.update(cart_count=badge.cart_count, delivery_promise=delivery_promise)
    app.jinja_env.filters["percent"] = percent
    app.after_request(badge.tell)


def delivery_promise() -> str:
    """What delivery costs where this shopper is, on every page with a price."""
    country = country_or_home(current_shopper().country)
    return str(
        _(
            "Delivery to %(country)s %(price)s, free from %(sum)s",
            country=dict(country_names(current_locale()))[country.code],
            price=shown_amount(country.shipping_cents),
            sum=shown_amount(country.free_from_cents),
        )
    )


def percent(share: float) -> str:
    """0.19 → "19%" or "19 %", as the language writes it."""
    return str(format_percent(share))

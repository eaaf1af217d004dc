"""Mails about orders, in the language that was shopped in. They say what the order's page says."""

from __future__ import annotations

from flask import current_app, render_template
from flask_babel import force_locale

from config import StorefrontConfig
from storefront.cart.delivery import country_names
from storefront.i18n import babel_code, direction
from storefront.mail import Mail
from storefront.orders.progress import PROGRESS
from storefront.orders.queries import OrderView

# The event and what it is called in names of mails.
KINDS = {"order.confirmed": "confirmed", "order.cancelled": "cancelled", "order.refunded": "refunded"}


def write_mail(view: OrderView, kind: str) -> Mail:
    order, status = view.order, KINDS[kind]
    config: StorefrontConfig = current_app.extensions["config"]
    with force_locale(babel_code(order.locale)):
        progress = PROGRESS[status]
        words = {
            "view": view,
            "order": order,
            "progress": progress,
            "address": f"{config.shop_url}/{order.locale}/orders/{order.number}?key={order.key}",
            "destination": dict(country_names(order.locale)).get(order.country, order.country),
            "locale": order.locale,
            "dir": direction(order.locale),
        }
        return Mail(
            name=f"{order.number}-{status}",
            to=order.email,
            subject=f"{progress.title} · {order.number}",
            # nosemgrep: unescaped-template-extension # plain text
            text=render_template("orders/mail.txt", **words),
            html=render_template("orders/mail.html", **words),
            language=order.locale,
        )

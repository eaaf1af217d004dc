"""The mail that proves whose an address is: a link to what was ordered without an account."""

from __future__ import annotations

from datetime import datetime

from flask import current_app, render_template
from flask_babel import force_locale
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from config import StorefrontConfig
from storefront import outbox, telemetry
from storefront.db import transaction
from storefront.i18n import babel_code, direction
from storefront.mail import Mail, deliver
from storefront.orders.handlers import Handler, Means
from storefront.orders.models import Order
from storefront.orders.queries import order_by_id

KIND = "privacy.link"
GOOD_SECONDS = 3_600
LONGEST = 500


def ask(session: Session, order: Order, now: datetime) -> None:
    outbox.add(session, KIND, {"order_id": order.id}, now)


def token_of(email: str) -> str:
    return str(_signer().dumps(email.lower()))


def address_of(token: str) -> str | None:
    """Whose the token is; None: too old, or not ours."""
    try:
        return str(_signer().loads(token[:LONGEST], max_age=GOOD_SECONDS))
    except BadData:
        return None


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="privacy-link")


def send_link(event: outbox.Event, means: Means) -> None:
    with transaction(means.sessions) as session:
        order = order_by_id(session, int(event.payload["order_id"])).order
    if order.email:  # it may have been erased since
        deliver(means.config, _written(order, str(event.id), means.config), means.clock())
        telemetry.mail("sent")
    with transaction(means.sessions) as session:
        outbox.handled(session, event.id, means.clock())


HANDLERS: dict[str, Handler] = {KIND: send_link}


def _written(order: Order, name: str, config: StorefrontConfig) -> Mail:
    with force_locale(babel_code(order.locale)):
        words = {
            "address": f"{config.shop_url}/{order.locale}/privacy/guest?token={token_of(order.email)}",
            "locale": order.locale,
            "dir": direction(order.locale),
        }
        return Mail(
            name=f"{order.number}-data-{name}",
            to=order.email,
            subject=str(_("Your data at Hearth & Ladle")),
            # nosemgrep: unescaped-template-extension # plain text
            text=render_template("privacy/mail.txt", **words),
            html=render_template("privacy/mail.html", **words),
            language=order.locale,
        )

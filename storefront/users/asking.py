"""What a request says of who asks: from where, in which shop, and whether it is too much."""

from __future__ import annotations

from flask import current_app, request
from flask_babel import gettext as _

from storefront.users.devices import Device, device
from storefront.users.strength import words_of


def here() -> Device:
    return device(request.user_agent.string, request.remote_addr or "")


def shop_words() -> list[str]:
    """What no password is to be made of."""
    config = current_app.extensions["config"]
    return words_of(config.shop_url, config.mail_from)


def wrong_present() -> str:
    return str(_("This is not your present password."))


def too_many() -> str:
    return str(_("Too many tries. Wait five minutes, then try again."))

"""Mails about an account: the link to a new password, and that the password was changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from flask import current_app, render_template
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from config import StorefrontConfig
from storefront import outbox, telemetry
from storefront.db import Sessions, transaction
from storefront.i18n import babel_code, direction
from storefront.mail import Mail, deliver
from storefront.users import password_links
from storefront.users.models import User

CHANGED = "account.password_changed"


class Means(Protocol):
    """What a handler of mails needs of the worker."""

    @property
    def config(self) -> StorefrontConfig: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def clock(self) -> Callable[[], datetime]: ...


def tell_of_change(session: Session, user_id: int, now: datetime) -> None:
    outbox.add(session, CHANGED, {"user_id": user_id}, now)


def send_link(event: outbox.Event, means: Means) -> None:
    user_id, now = event.payload["user_id"], means.clock()
    with transaction(means.sessions) as session:
        secret = str(current_app.secret_key)
        made = password_links.make(session, user_id, event.id, secret, now) if user_id else None
    _send(None if made is None else _link_mail(*made, event, means.config), event, means)


def send_change(event: outbox.Event, means: Means) -> None:
    with transaction(means.sessions) as session:
        user = session.get(User, event.payload["user_id"])
    _send(None if user is None else _change_mail(user, event, means.config), event, means)


HANDLERS: Mapping[str, Callable[[outbox.Event, Means], None]] = {
    password_links.KIND: send_link,
    CHANGED: send_change,
}


def files_of(user_id: int) -> str:
    """The names of an account's mails, as a pattern for files."""
    return f"user-{user_id}-*.eml"


def _send(mail: Mail | None, event: outbox.Event, means: Means) -> None:
    """None: whoever it was for has no account, or none any more."""
    if mail is not None:
        try:
            deliver(means.config, mail, means.clock())
        except OSError:
            telemetry.mail("failed")
            raise
        telemetry.mail("sent")
    with transaction(means.sessions) as session:
        outbox.handled(session, event.id, means.clock())


def _link_mail(user: User, link: str, event: outbox.Event, config: StorefrontConfig) -> Mail:
    locale = _locale(user, config)
    with force_locale(babel_code(locale)):
        address = f"{config.shop_url}/{locale}/account/new-password?token={link}"
        return _mail("password_link", str(_("Choose a new password")), address, user, event, locale)


def _change_mail(user: User, event: outbox.Event, config: StorefrontConfig) -> Mail:
    locale = _locale(user, config)
    with force_locale(babel_code(locale)):
        address = f"{config.shop_url}/{locale}/account/forgotten"
        return _mail("password_changed", str(_("Your password was changed")), address, user, event, locale)


def _mail(name: str, subject: str, address: str, user: User, event: outbox.Event, locale: str) -> Mail:
    words = {"address": address, "locale": locale, "dir": direction(locale), "subject": subject}
    return Mail(
        name=f"user-{user.id}-{event.id}",
        to=user.email,
        subject=f"{subject} · Hearth & Ladle",
        text=render_template(f"users/mail_{name}.txt", **words),
        html=render_template(f"users/mail_{name}.html", **words),
        language=locale,
    )


def _locale(user: User, config: StorefrontConfig) -> str:
    return user.locale if user.locale in config.locales else config.locales[0]

"""What mails about accounts say, in the language of who reads them.

Links start with CONTROL_URL, never with what a request calls this host.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import render_template
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from app.accounts import invitations, password_links, queries, role_queries
from app.accounts.invitation_models import AccountMailRow
from app.accounts.models import PersonRow
from app.mail import Mail
from app.ui.letters import writing
from config import ControlPlaneConfig

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Letter:
    subject: str
    lines: tuple[str, ...]
    link: str = ""
    link_words: str = ""
    foot: str = ""  # what to do where the reader expected no mail


def compose(session: Session, row: AccountMailRow, config: ControlPlaneConfig, now: datetime) -> Mail | None:
    """None: there is nobody to tell, or nothing any more."""
    about = json.loads(str(row.about))
    person = queries.by_email(session, row.email)
    language = (person.locale if person else None) or row.locale
    with writing(language, TEMPLATES):
        letter = _letter(session, row, person, about, config.control_url, now)
        if letter is None:
            return None
        return Mail(
            # Another one at each try, for it may hold another link: that of a try before does not work.
            name=f"account-{row.id}-{secrets.token_hex(6)}",
            to=row.email,
            subject=letter.subject,
            text=as_text(letter),
            html=render_template("accounts/mail/letter.html", letter=letter, language=language),
            language=language,
        )


def as_text(letter: Letter) -> str:
    parts = [*letter.lines, *([f"{letter.link_words}:\n{letter.link}"] if letter.link else []), letter.foot]
    return "\n\n".join(part for part in parts if part) + "\n"


def _letter(
    session: Session,
    row: AccountMailRow,
    person: PersonRow | None,
    about: Mapping[str, Any],
    control_url: str,
    now: datetime,
) -> Letter | None:
    if row.kind == "invitation":
        return _invitation(session, about["invitation"], control_url, now)
    if row.kind == "password_link":
        return _password_link(session, row.email, control_url, now)
    if person is None or not person.is_active:
        return None
    return TOLD[row.kind](about, f"{control_url}/accounts/me")


def _invitation(session: Session, number: int, control_url: str, now: datetime) -> Letter | None:
    made = invitations.new_link(session, number, now)
    if made is None:
        return None
    row, link = made
    role = str(role_queries.role_names(session).get(row.role, row.role))
    return Letter(
        subject=_("You are invited to Backroom"),
        lines=(
            _("%(who)s invites you to Backroom, where the shop is looked after.", who=row.created_by),
            _("Your role there: %(role)s. Choose a password to begin.", role=role),
        ),
        link=f"{control_url}/accounts/invitation/{link}",
        link_words=_("Accept the invitation"),
        foot=_("The link works once, for 7 days. Whoever expected no invitation need do nothing."),
    )


def _password_link(session: Session, email: str, control_url: str, now: datetime) -> Letter | None:
    made = password_links.new_link(session, email, now)
    if made is None:
        return None
    return Letter(
        subject=_("A new password for Backroom"),
        lines=(_("Somebody asked for a link to choose a new password for your account in Backroom."),),
        link=f"{control_url}/accounts/new-password/{made[1]}",
        link_words=_("Choose a new password"),
        foot=_(
            "The link works once, for 30 minutes. "
            "Was it not you? Then do nothing: your password stays as it is."
        ),
    )


def _password_changed(about: Mapping[str, Any], account: str) -> Letter:
    by = about.get("by")
    said = (
        _("%(who)s made a new password for your account and will hand it to you.", who=by)
        if by
        else _("The password of your account was changed.")
    )
    return Letter(
        subject=_("Your password in Backroom was changed"),
        lines=(said, _("All other browsers were signed out.")),
        link=account,
        link_words=_("Your account"),
        foot=_not_you(),
    )


def _new_browser(about: Mapping[str, Any], account: str) -> Letter:
    return Letter(
        subject=_("Somebody signed in to your account from a new browser"),
        lines=(
            _("Browser: %(browser)s", browser=about.get("browser") or _("unknown")),
            _("From: %(address)s", address=about.get("from") or _("unknown")),
        ),
        link=account,
        link_words=_("See where you are signed in"),
        foot=_not_you(),
    )


def _many_tries(about: Mapping[str, Any], account: str) -> Letter:
    return Letter(
        subject=_("Somebody tries passwords on your account in Backroom"),
        lines=(
            _(
                "There were many wrong passwords, the last one from %(address)s.",
                address=about["from"],
            ),
            _("Further tries have to wait longer and longer. Browsers that you used before are not slowed."),
        ),
        link=account,
        link_words=_("Your account"),
        foot=_("A second factor keeps the account closed even to somebody who knows the password."),
    )


def _factor_on(about: Mapping[str, Any], account: str) -> Letter:
    return Letter(
        subject=_("Your account in Backroom has a second factor now"),
        lines=(_("From now on a code from your app is asked for after the password."),),
        link=account,
        link_words=_("Your account"),
        foot=_not_you(),
    )


def _factor_off(about: Mapping[str, Any], account: str) -> Letter:
    return Letter(
        subject=_("The second factor of your account in Backroom was turned off"),
        lines=(_("From now on the password alone opens your account."),),
        link=account,
        link_words=_("Your account"),
        foot=_not_you(),
    )


def _factor_reset(about: Mapping[str, Any], account: str) -> Letter:
    return Letter(
        subject=_("The second factor of your account in Backroom was taken away"),
        lines=(
            _("%(who)s took it away, so that you can set up a new one.", who=about["by"]),
            _("Your recovery codes are worth nothing any more."),
        ),
        link=account,
        link_words=_("Your account"),
        foot=_not_you(),
    )


def _recovery_code_used(about: Mapping[str, Any], account: str) -> Letter:
    left = int(about["left"])
    return Letter(
        subject=_("A recovery code of your account in Backroom was used"),
        lines=(
            ngettext("%(num)s recovery code is left.", "%(num)s recovery codes are left.", left),
            _("Make new ones before the last is gone."),
        ),
        link=account,
        link_words=_("Your account"),
        foot=_not_you(),
    )


def _not_you() -> str:
    said: str = _("Was it not you? Then choose a new password at once, and tell an admin.")
    return said


TOLD: dict[str, Callable[[Mapping[str, Any], str], Letter]] = {
    "password_changed": _password_changed,
    "new_browser": _new_browser,
    "many_tries": _many_tries,
    "factor_on": _factor_on,
    "factor_off": _factor_off,
    "factor_reset": _factor_reset,
    "recovery_code_used": _recovery_code_used,
}

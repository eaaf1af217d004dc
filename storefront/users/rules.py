"""What a new account must be like. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from storefront.errors import Refused
from storefront.one_line import tidy
from storefront.users.strength import wrong_password

LONGEST_NAME, LONGEST_EMAIL = 100, 254
ADDRESS = re.compile(r"[^@\s,;<>()\x00-\x1f]+@[^@\s,;<>()\x00-\x1f]+\.[^@\s.,;<>()\x00-\x1f]{2,}")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class SignUp:
    name: str
    email: str  # small letters
    password: str


def normal_email(text: str) -> str:
    return text.strip().lower()


def read_sign_up(form: Mapping[str, str], words: Collection[str] = ()) -> SignUp:
    """Raises `Refused` with what is wrong with each field. `words`: what this shop is called."""
    name, email = form.get("name", ""), normal_email(form.get("email", ""))
    password = form.get("password", "")
    wrong: dict[str, object] = {}
    if not tidy(name) or len(name) > LONGEST_NAME or CONTROL.search(name):
        wrong["name"] = _l("Enter your name, at most 100 characters.")
    # An address that looks like another one and is not would be taken for it.
    if len(email) > LONGEST_EMAIL or not ADDRESS.fullmatch(email) or tidy(email) != email:
        wrong["email"] = _l("Enter an email address such as name@example.com.")
    if bad := wrong_password(password, email, name, words):
        wrong["password"] = bad
    if wrong:
        raise Refused(_l("Please check the fields marked below."), wrong)
    return SignUp(tidy(name), email, password)


def read_new_password(form: Mapping[str, str], email: str, name: str, words: Collection[str] = ()) -> str:
    """Raises `Refused` for one that is too short or would soon be guessed."""
    new = form.get("new_password", "")
    if bad := wrong_password(new, email, name, words):
        raise Refused(_l("Please check the fields marked below."), {"new_password": bad})
    return new

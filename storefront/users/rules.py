"""What a new account must be like. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from storefront.errors import Refused
from storefront.one_line import tidy

SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 128
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


def read_sign_up(form: Mapping[str, str]) -> SignUp:
    """Raises `Refused` with what is wrong with each field."""
    name, email = form.get("name", ""), normal_email(form.get("email", ""))
    password = form.get("password", "")
    wrong: dict[str, object] = {}
    if not tidy(name) or len(name) > LONGEST_NAME or CONTROL.search(name):
        wrong["name"] = _l("Enter your name, at most 100 characters.")
    # An address that looks like another one and is not would be taken for it.
    if len(email) > LONGEST_EMAIL or not ADDRESS.fullmatch(email) or tidy(email) != email:
        wrong["email"] = _l("Enter an email address such as name@example.com.")
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        wrong["password"] = _l("Use 10 to 128 characters. A few words in a row are easy to remember.")
    elif email and password.lower() in (email, email.partition("@")[0]):
        wrong["password"] = _l("Use something else than your email address.")
    if wrong:
        raise Refused(_l("Please check the fields marked below."), wrong)
    return SignUp(tidy(name), email, password)

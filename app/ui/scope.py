"""What the person looks at: an environment of the flags and a locale of the shop. Chosen in the rail."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import request

ENVIRONMENTS = ("production", "development")
# What the rail offers; any well-formed locale is accepted from a cookie or an address.
SHOP_LOCALES = ("en", "de", "ar")
ENVIRONMENT_COOKIE = "scope_environment"
LOCALE_COOKIE = "scope_locale"
LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True)
class Scope:
    environment: str
    locale: str | None  # None: all locales


def read_locale(text: str | None) -> str | None:
    return text if text and len(text) <= 35 and LOCALE.fullmatch(text) else None


def scope() -> Scope:
    """Of this request. A cookie that makes no sense counts as none."""
    environment = request.cookies.get(ENVIRONMENT_COOKIE, "")
    return Scope(
        environment if environment in ENVIRONMENTS else ENVIRONMENTS[0],
        read_locale(request.cookies.get(LOCALE_COOKIE)),
    )

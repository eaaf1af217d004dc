"""Who is looking at this page: set once before each page, read everywhere by `current_shopper()`."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from flask import Flask, Response, current_app, g, request
from itsdangerous import BadData, URLSafeTimedSerializer

from storefront import cookies

VISITOR_DAYS = 400  # the longest that browsers keep a cookie
VISIT_SECONDS = 30 * 60

# Where the shop delivers; the first is taken when nothing else is known.
EUROPE = ("DE", "AT", "BE", "CH", "DK", "ES", "FR", "GB", "IE", "IT", "LU", "NL", "PL", "PT", "SE")
COUNTRIES = (*EUROPE, "AE", "BH", "BR", "EG", "JP", "SA")
COUNTRY_OF_LANGUAGE = {
    "de": "DE",
    "en": "GB",
    "ar": "AE",
    "fr": "FR",
    "nl": "NL",
    "it": "IT",
    "es": "ES",
    "pl": "PL",
    "pt": "BR",
    "ja": "JP",
}


@dataclass(frozen=True)
class Shopper:
    visitor_id: str  # one browser, as long as it keeps the cookie
    session_id: str  # one visit: ends after 30 minutes without a page
    user_id: int | None  # set while signed in
    locale: str  # as in the URL: "en", "de", "ar"
    country: str  # two letters, one of COUNTRIES
    device: str  # "desktop", "mobile" or "tablet"


def current_shopper() -> Shopper:
    """The shopper of the current request. Only pages have one; files, health and metrics do not."""
    shopper = g.get("shopper")
    if not isinstance(shopper, Shopper):
        raise LookupError("this route has no shopper")
    return shopper


def arrive(locale: str) -> Shopper:
    """Read the cookies of this request, make new ids where there are none or they are forged."""
    g.shopper = Shopper(
        visitor_id=_signed_id("visitor", VISITOR_DAYS * 86_400),
        session_id=_signed_id("visit", VISIT_SECONDS),
        user_id=None,
        locale=locale,
        country=country_of(cookies.read("country"), request.accept_languages.best, locale),
        device=device_of(request.user_agent.string),
    )
    return current_shopper()


def sign_in_as(user_id: int | None) -> None:
    g.shopper = replace(current_shopper(), user_id=user_id)


def remember(response: Response) -> Response:
    """Send the cookies again, so that the visit lasts 30 minutes from this page on."""
    shopper = g.get("shopper")
    if isinstance(shopper, Shopper):
        _set_cookie(response, "visitor", shopper.visitor_id, VISITOR_DAYS * 86_400)
        _set_cookie(response, "visit", shopper.session_id, VISIT_SECONDS)
    return response


def country_of(chosen: str | None, accepted: str | None, locale: str) -> str:
    """The chosen country, else the region of the browser's language, else the usual one of the locale."""
    region = (accepted or "").replace("_", "-").split("-")[-1].upper()
    for candidate in (chosen, region):
        if candidate in COUNTRIES:
            return candidate
    return COUNTRY_OF_LANGUAGE.get(locale.split("-")[0], COUNTRIES[0])


def device_of(user_agent: str) -> str:
    agent = user_agent.lower()
    if "ipad" in agent or "tablet" in agent or ("android" in agent and "mobile" not in agent):
        return "tablet"
    return "mobile" if "mobi" in agent or "iphone" in agent else "desktop"


def _signer(app: Flask, name: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(app.secret_key), salt=f"shopper-{name}")


def _signed_id(name: str, max_age: int) -> str:
    try:
        value = _signer(current_app, name).loads(cookies.read(name), max_age=max_age)
    except BadData:
        return secrets.token_hex(16)
    return str(value)


def _set_cookie(response: Response, name: str, value: str, max_age: int) -> None:
    cookies.give(response, name, str(_signer(current_app, name).dumps(value)), max_age)

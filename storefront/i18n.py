"""The locale is part of the address: /de/products. Everything about languages that is not words is here.

The address decides. A cookie remembers what was read last, for addresses without a locale; where there is no
cookie, Accept-Language proposes (negotiation.py). `/PT_br/cart` is sent on to `/pt-BR/cart`.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from babel import Locale
from flask import Flask, Response, current_app, g, redirect, request
from flask_babel import Babel
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import BaseConverter, Map, RequestRedirect
from werkzeug.wrappers import Response as AnyResponse

from storefront import cookies
from storefront.negotiation import canonical, negotiate

SHIPPED = Path(__file__).parents[1] / "translations"
COOKIE = "locale"
COOKIE_SECONDS = 365 * 86_400
SAFE = "/:@!$&'()*+,;=~-._"  # what an address may say as it is


def localise(app: Flask, locales: tuple[str, ...]) -> None:
    """Teach the app `<locale:locale>` in addresses; url_for() fills in the page's own locale."""
    app.config["LOCALES"] = locales
    app.url_map.converters["locale"] = _converter(locales)
    app.url_value_preprocessor(_take_locale)
    app.url_defaults(_give_locale)
    app.before_request(_write_it_right)
    app.after_request(_remember_choice)
    Babel(
        app,
        locale_selector=lambda: babel_code(current_locale()),
        default_domain="storefront",
        default_translation_directories=str(SHIPPED),
    )
    app.jinja_env.globals.update(
        current_locale=current_locale, direction=direction, path=path, switcher=switcher
    )


def current_locale() -> str:
    """The locale in the address; where the address has none, the shopper's choice or the browser's."""
    locale = g.get("locale")
    if locale is None:
        cookie, accepted = cookies.read(COOKIE), request.headers.get("Accept-Language", "")
        locale = g.locale_chosen = g.get("locale_chosen") or chosen(request.path, cookie, accepted)
    return str(locale)


def chosen(path: str, cookie: str | None, accepted: str) -> str:
    """An address such as /de/typo, the cookie, the browser's languages, the shop's first locale."""
    locales = offered()
    for candidate in (path.split("/", 2)[1] if "/" in path else "", cookie or ""):
        if found := canonical(candidate, locales):
            return found
    return negotiate(accepted, open_locales()) or locales[0]


def offered() -> tuple[str, ...]:
    """All locales of the shop, the default first."""
    locales: tuple[str, ...] = current_app.config["LOCALES"]
    return locales


def open_locales() -> tuple[str, ...]:
    """Those that shoppers are asked into: the control plane may still keep one back. The default is open."""
    places = current_app.extensions["published_domain"].catalogs.snapshot.places
    first, *others = offered()
    closed = {code for code, place in places.items() if place.availability != "on"}
    return (first, *(code for code in others if babel_code(code) not in closed))


def babel_code(locale: str) -> str:
    return locale.replace("-", "_")


@cache
def _direction(locale: str) -> str:
    return str(Locale.parse(babel_code(locale)).text_direction)


def direction(locale: str | None = None) -> str:
    return _direction(locale or current_locale())


def path(rest: str = "/") -> str:
    """The address of another feature's page in the page's locale: path('/cart') → '/de/cart'."""
    return f"/{current_locale()}{rest}"


def locale_of_address() -> str | None:
    """None on files, errors and other addresses without one."""
    locale = g.get("locale")
    return str(locale) if locale else None


def query(arguments: dict[str, str]) -> str:
    return urlencode(arguments, quote_via=quote, safe="/")


def front_door() -> AnyResponse:
    """`/` only proposes a language; nobody is sent away from a page in another one."""
    response = redirect(f"/{current_locale()}/", 302)
    response.headers["Vary"] = "Accept-Language, Cookie"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def switcher() -> list[tuple[str, str, str]]:
    """(locale, its own name, address of this very page in it), for the links in the footer."""
    return [(code, own_name(code), same_page(code)) for code in open_locales()]


@cache
def own_name(locale: str) -> str:
    """ "Deutsch", "português (Brasil)" with a capital letter."""
    name = Locale.parse(babel_code(locale)).get_display_name() or locale
    return name[:1].upper() + name[1:]


def same_page(locale: str) -> str:
    """This very address in another locale, with its query; a missing page stays missing.

    Where the address only takes forms (`/cart/update`), it is the page above it.
    """
    rest = _rest_of(request.path)
    if request.method not in ("GET", "HEAD"):
        return f"/{locale}{_readable(rest)}"
    query = request.query_string.decode("ascii", "replace")
    return f"/{locale}{quote(rest, safe=SAFE)}{f'?{query}' if query else ''}"


def _rest_of(address: str) -> str:
    """What follows the locale: "/de/cart" → "/cart"; all of it where there is none."""
    _, first, *rest = address.split("/", 2) if "/" in address else ("", "")
    return f"/{rest[0] if rest else ''}" if canonical(first, offered()) else address


def _readable(rest: str) -> str:
    """The nearest page above that can be read: "/cart/update" → "/cart"."""
    adapter = current_app.create_url_adapter(request)
    while rest != "/" and adapter is not None:
        try:
            adapter.match(f"/{offered()[0]}{rest}", method="GET")
        except RequestRedirect:
            break
        except (NotFound, MethodNotAllowed):
            rest = rest.rpartition("/")[0] or "/"
        else:
            break
    return quote(rest, safe=SAFE)


def _converter(locales: tuple[str, ...]) -> type[BaseConverter]:
    """Reads a locale however it is written; what is not written as it should be is sent on."""
    ways = [re.escape(locale).replace(r"\-", "[-_]") for locale in locales]

    class LocaleConverter(BaseConverter):
        regex = f"(?i:{'|'.join(ways)})"

        def __init__(self, url_map: Map) -> None:
            super().__init__(url_map)

        def to_python(self, value: str) -> str:
            return canonical(value, locales) or value

    return LocaleConverter


def _take_locale(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.locale = (values or {}).pop("locale", None)


def _give_locale(endpoint: str, values: dict[str, Any]) -> None:
    if "locale" not in values and current_app.url_map.is_endpoint_expecting(endpoint, "locale"):
        values["locale"] = current_locale()


def _write_it_right() -> AnyResponse | None:
    """One address a page: /DE/cart moves to /de/cart for good, forms included."""
    locale = g.get("locale")
    if locale is None or request.path.startswith(f"/{locale}/"):
        return None
    code = 301 if request.method in ("GET", "HEAD") else 308
    query = request.query_string.decode("ascii", "replace")
    address = f"/{locale}{quote(_rest_of(request.path), safe=SAFE)}"
    return redirect(f"{address}?{query}" if query else address, code)


def _remember_choice(response: Response) -> Response:
    locale = g.get("locale")
    is_page = request.method in ("GET", "HEAD")  # an answer to a form knows better what was chosen
    if locale and is_page and cookies.read(COOKIE) != locale:
        cookies.give(response, COOKIE, locale, COOKIE_SECONDS)
    if locale:
        response.headers.setdefault("Content-Language", locale)
    if response.mimetype == "text/html":
        # The country and, where the address has no locale, the language; the rest is in cookies.
        response.vary.update(("Accept-Language", "Cookie"))
    return response

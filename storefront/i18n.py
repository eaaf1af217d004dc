"""The locale is part of the address: /de/products. Everything about languages that is not words is here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel import Locale
from flask import Flask, Response, current_app, g, redirect, request, url_for
from flask_babel import Babel
from werkzeug.datastructures import LanguageAccept
from werkzeug.routing import BaseConverter, Map
from werkzeug.wrappers import Response as AnyResponse

SHIPPED = Path(__file__).parents[1] / "translations"
COOKIE = "locale"
COOKIE_SECONDS = 365 * 86_400


def localise(app: Flask, locales: tuple[str, ...]) -> None:
    """Teach the app `<locale:locale>` in addresses; url_for() fills in the page's own locale."""
    app.config["LOCALES"] = locales
    app.url_map.converters["locale"] = _converter(locales)
    app.url_value_preprocessor(_take_locale)
    app.url_defaults(_give_locale)
    app.after_request(_remember_choice)
    Babel(
        app,
        locale_selector=lambda: babel_code(current_locale()),
        default_domain="storefront",
        default_translation_directories=str(SHIPPED),
    )
    app.jinja_env.globals.update(
        current_locale=current_locale,
        direction=direction,
        path=path,
        switcher=switcher,
        alternates=alternates,
    )


def current_locale() -> str:
    """The locale in the address; where the address has none, the shopper's choice or the browser's."""
    return str(g.get("locale") or chosen(request.path, request.cookies.get(COOKIE), request.accept_languages))


def chosen(path: str, cookie: str | None, accepted: LanguageAccept) -> str:
    """An address such as /de/typo, the cookie, the browser's languages, the shop's first locale."""
    locales: tuple[str, ...] = current_app.config["LOCALES"]
    for candidate in (path.split("/")[1] if "/" in path else "", cookie):
        if candidate in locales:
            return candidate
    return accepted.best_match(locales) or locales[0]


def babel_code(locale: str) -> str:
    return locale.replace("-", "_")


def direction(locale: str | None = None) -> str:
    return str(Locale.parse(babel_code(locale or current_locale())).text_direction)


def path(rest: str = "/") -> str:
    """The address of another feature's page in the page's locale: path('/cart') → '/de/cart'."""
    return f"/{current_locale()}{rest}"


def front_door() -> AnyResponse:
    """`/` only proposes a language; nobody is sent away from a page in another one."""
    response = redirect(f"/{current_locale()}/", 302)
    response.headers["Vary"] = "Accept-Language, Cookie"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def switcher() -> list[tuple[str, str, str]]:
    """(locale, its own name, address of this very page in it), for the links in the footer."""
    return [(code, own_name(code), same_page(code)) for code in current_app.config["LOCALES"]]


def alternates() -> list[tuple[str, str]]:
    """(hreflang, absolute address) of this page in each locale; x-default leaves it to the browser."""
    base = str(current_app.config["SHOP_URL"])
    pages = [(code, base + same_page(code)) for code in current_app.config["LOCALES"]]
    return [*pages, ("x-default", f"{base}/")] if request.endpoint == "products.home" else pages


def own_name(locale: str) -> str:
    name = Locale.parse(babel_code(locale)).display_name or locale
    return name[:1].upper() + name[1:]


def same_page(locale: str) -> str:
    if request.endpoint is None or g.get("locale") is None:
        return f"/{locale}/"
    values: dict[str, Any] = dict(request.view_args or {})
    values.update(request.args.to_dict(flat=False) if request.method == "GET" else {})
    values["locale"] = locale
    return url_for(request.endpoint, **values)


def _converter(locales: tuple[str, ...]) -> type[BaseConverter]:
    class LocaleConverter(BaseConverter):
        regex = "|".join(locales)

        def __init__(self, url_map: Map) -> None:
            super().__init__(url_map)

    return LocaleConverter


def _take_locale(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.locale = (values or {}).pop("locale", None)


def _give_locale(endpoint: str, values: dict[str, Any]) -> None:
    if "locale" not in values and current_app.url_map.is_endpoint_expecting(endpoint, "locale"):
        values["locale"] = current_locale()


def _remember_choice(response: Response) -> Response:
    locale = g.get("locale")
    if locale and request.cookies.get(COOKIE) != locale:
        response.set_cookie(COOKIE, locale, max_age=COOKIE_SECONDS, samesite="Lax")
    if locale:
        response.headers.setdefault("Content-Language", locale)
    return response

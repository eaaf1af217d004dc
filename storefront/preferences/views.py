"""The page of the three choices. Cookies keep them on this browser; an account keeps them everywhere."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Flask, Response, current_app, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from storefront import cookies, i18n, rates
from storefront.cart.delivery import COUNTRIES, country_names
from storefront.errors import Refused, Unavailable
from storefront.preferences.choice import Choice, Offer, read, way_back
from storefront.shopper import current_shopper
from storefront.users import keeping, sessions

COOKIE_SECONDS = 400 * 86_400

blueprint = Blueprint("preferences", __name__, url_prefix="/preferences", template_folder="templates")


def install(app: Flask) -> None:
    app.jinja_env.globals.update(preferences_address=address)
    app.after_request(_follow)


def address() -> str:
    """The page of the choices, which leads back to this one."""
    back = i18n.same_page(i18n.current_locale())
    return f"{i18n.path('/preferences')}?{i18n.query({'next': back})}"


@blueprint.get("")
def ask() -> str:
    return _page(request.args.get("next", ""))


@blueprint.post("")
def choose() -> AnyResponse:
    back = request.form.get("next", "")
    try:
        choice = read(request.form, _offer())
    except Refused as refused:
        return Response(_page(back, dict(refused.fields)), refused.status)
    response = redirect(way_back(back, choice.locale, i18n.offered()), 303)
    remember(response, choice)
    person = sessions.person()
    if person is not None:
        keeping.keep(person, choice.locale, choice.country, choice.currency)
    return response


def remember(response: AnyResponse, choice: Choice) -> None:
    for name, value in (
        (i18n.COOKIE, choice.locale),
        ("country", choice.country),
        (rates.COOKIE, choice.currency),
    ):
        cookies.give(response, name, value, COOKIE_SECONDS)


def _offer() -> Offer:
    return Offer(i18n.open_locales(), COUNTRIES, rates.currencies())


def _page(back: str, wrong: dict[str, object] | None = None) -> str:
    locale, shopper = i18n.current_locale(), current_shopper()
    known = {rate.currency: rate for rate in rates.known_rates()}
    return render_template(
        "preferences/index.html",
        back=way_back(back, locale, i18n.offered()),
        wrong=wrong or {},
        language=locale,
        languages=[(code, i18n.own_name(code)) for code in i18n.open_locales()],
        country=shopper.country,
        countries=country_names(locale),
        currency=rates.current_exchange().currency,
        currencies=[(code, rates.choice_words(code)) for code in rates.currencies()],
        is_old=any(rate.is_stale(datetime.now(UTC)) for rate in known.values()),
        base=current_app.config["CURRENCY"],
    )


def _follow(response: Response) -> Response:
    """While somebody is signed in, the language of the pages she reads is the account's."""
    person, locale = sessions.person(), i18n.locale_of_address()
    if person is not None and locale and person.locale != locale and response.status_code == 200:
        try:
            keeping.keep(person, locale)
        except Unavailable:
            return response  # the next page tries again
    return response

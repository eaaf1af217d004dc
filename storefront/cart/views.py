"""The cart: plain forms that work without scripts; with them the product page's form swaps in the badge."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from storefront import cookies, telemetry, usage
from storefront.cart import commands, queries
from storefront.cart.badge import set_cart_count
from storefront.cart.delivery import COUNTRIES, country_names, country_or_home
from storefront.cart.quantity import parse_id, parse_quantity
from storefront.db import begin
from storefront.errors import Refused
from storefront.products import published
from storefront.rates import current_exchange
from storefront.shopper import Shopper, current_shopper

COUNTRY_COOKIE_SECONDS = 400 * 86_400

blueprint = Blueprint("cart", __name__, url_prefix="/cart", template_folder="templates")


@blueprint.get("")
@telemetry.journey("cart")
def show() -> Response:
    with begin() as session:
        page = _page(session, current_shopper())
    return _remember_country(page)


@blueprint.post("/add")
@telemetry.journey("cart")
def add() -> AnyResponse:
    shopper, variant_id = current_shopper(), parse_id(request.form.get("variant_id", ""))
    typed = request.form.get("quantity", "1")
    try:
        quantity = parse_quantity(typed)
        with begin() as session:
            commands.add(session, shopper, variant_id, quantity, datetime.now(UTC))
            set_cart_count(queries.count(session, shopper))
    except Refused as refused:
        return _ask_again(shopper, variant_id, typed, refused)
    usage.record("cart_add", shopper, variant_id=variant_id, quantity=quantity)
    return make_response(render_template("cart/_badge.html")) if _is_swap() else _back()


@blueprint.post("/update")
@telemetry.journey("cart")
def update() -> AnyResponse:
    shopper, line_id = current_shopper(), parse_id(request.form.get("line_id", ""))
    typed = request.form.get("quantity", "")
    try:
        quantity = parse_quantity(typed)
        with begin() as session:
            commands.change(session, shopper, line_id, quantity, datetime.now(UTC))
    except Refused as refused:
        with begin() as session:
            page = _page(session, shopper, {line_id: (typed, refused.message)})
        page.status_code = refused.status
        return page
    return _back()


@blueprint.post("/remove")
@telemetry.journey("cart")
def remove() -> AnyResponse:
    line_id = parse_id(request.form.get("line_id", ""))
    with begin() as session:
        commands.remove(session, current_shopper(), line_id, datetime.now(UTC))
    return _back()


def bring_along(session: Session, visitor_id: str, user_id: int) -> None:
    """What the sign-in calls in its transaction; see the factory."""
    commands.merge(session, visitor_id, user_id, datetime.now(UTC))
    set_cart_count(queries.count(session, replace(current_shopper(), user_id=user_id)))


def _page(session: Session, shopper: Shopper, wrong: dict[int, tuple[str, object]] | None = None) -> Response:
    """`wrong` maps a line to what was typed there and what is wrong with it."""
    cart = queries.contents(session, shopper)
    set_cart_count(cart.count)
    chosen = request.args.get("country")
    country = country_or_home(chosen if chosen in COUNTRIES else shopper.country)
    page = render_template(
        "cart/index.html",
        cart=cart,
        totals=cart.totals(country),
        sums=cart.sums(country, current_exchange()),
        country=country,
        countries=country_names(shopper.locale),
        wrong=wrong or {},
    )
    return make_response(page)


def _ask_again(shopper: Shopper, variant_id: int, typed: str, refused: Refused) -> Response:
    """The number that cannot be, with what is wrong beside it; the cart is as it was."""
    if _is_swap():
        return make_response(render_template("cart/_problem.html", message=refused.message), refused.status)
    with begin() as session:
        (facts,) = published.named([commands.for_sale(session, variant_id, shopper.locale)])
    page = render_template("cart/add.html", facts=facts, typed=typed[:20], message=refused.message)
    return make_response(page, refused.status)


def _remember_country(response: Response) -> Response:
    """The country chosen here is the one that the checkout begins with."""
    if (chosen := request.args.get("country")) in COUNTRIES:
        cookies.give(response, "country", str(chosen), COUNTRY_COOKIE_SECONDS)
    return response


def _is_swap() -> bool:
    return "HX-Request" in request.headers


def _back() -> AnyResponse:
    return redirect(url_for("cart.show"), 303)

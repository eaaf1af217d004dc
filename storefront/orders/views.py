"""The checkout, and the pages of an order."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from config import StorefrontConfig
from storefront import faults, flags, problems, telemetry, translations, usage
from storefront.cache import current_cache
from storefront.cart.badge import set_cart_count
from storefront.cart.delivery import country_names, country_or_home
from storefront.cart.queries import Contents, contents, count
from storefront.db import begin
from storefront.errors import Conflict, NotFound, Refused, Unavailable
from storefront.orders.buying import Bought, Result, Shop, buy
from storefront.orders.form import Filled, read_form
from storefront.orders.idempotency import fingerprint, read_key
from storefront.orders.news import tell
from storefront.orders.placing import OrderedAlready, Wish, mark
from storefront.orders.progress import PROGRESS, why_declined
from storefront.orders.queries import OrderView, orders_of, own_order
from storefront.payments.current import TroubledTill, current_gateway
from storefront.rates import current_exchange
from storefront.shopper import Shopper, current_shopper

RETRY_AFTER_SECONDS = 10
NEW_CHECKOUT = "new-checkout"
SAME_ANSWER = "Idempotent-Replayed"

checkout = Blueprint("checkout", __name__, url_prefix="/checkout", template_folder="templates")
blueprint = Blueprint("orders", __name__, url_prefix="/orders", template_folder="templates")


@checkout.get("")
@telemetry.journey("checkout")
def ask() -> AnyResponse:
    shopper = current_shopper()
    cart = _cart(shopper)
    if not cart.can_be_bought:
        return redirect(url_for("cart.show"), 303)
    usage.record("checkout_start", shopper)
    return _form(shopper, cart, {"country": shopper.country})


@checkout.get("/summary")
def summary() -> str:
    """The sums for another country, while the form is being filled in."""
    shopper = current_shopper()
    return render_template(
        "orders/_summary.html", **_sums(shopper, _cart(shopper), request.args.get("country"))
    )


@checkout.post("")
@telemetry.journey("checkout")
def order() -> AnyResponse:
    shopper, now = current_shopper(), datetime.now(UTC)
    if flags.is_enabled(NEW_CHECKOUT, shopper):
        faults.new_checkout(shopper)
    filled = read_form(request.form, now.date())
    if filled.errors:
        return _again(shopper, filled, 422, errors=dict(filled.errors))
    try:
        bought = buy(_shop(shopper), _wish(shopper, filled))
    except OrderedAlready as already:
        return _again(shopper, filled, 409, problem=already.message, order=already)
    except (Conflict, Refused) as refused:
        return _again(shopper, filled, refused.status, problem=refused.message)
    except Unavailable:
        problem = _("We cannot take orders for a moment. Nothing was charged and your cart is safe.")
        return _closed(problem)
    return _answer(shopper, filled, bought, now)


def _answer(shopper: Shopper, filled: Filled, bought: Bought, now: datetime) -> AnyResponse:
    if bought.settled is not None:
        tell(current_cache(), bought.settled, now)
    match bought.result:
        case Result.DECLINED:
            response: AnyResponse = _again(shopper, filled, 402, problem=why_declined(bought.reason))
        case Result.UNAVAILABLE:
            problem = _("Payments do not work at the moment. Nothing was charged and your cart is safe.")
            response = _again(shopper, filled, 503, problem=problem)
            response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        case _:
            _complete(shopper, bought)
            response = redirect(url_for("orders.show", number=bought.number, key=bought.key), 303)
    if bought.is_replay:
        response.headers[SAME_ANSWER] = "true"
    return response


def _complete(shopper: Shopper, bought: Bought) -> None:
    if bought.is_replay:
        return
    usage.record("order_complete", shopper, order=bought.number, total_cents=bought.total_cents)
    try:
        with begin() as session:
            set_cart_count(count(session, shopper))
    except Unavailable:
        set_cart_count(0)  # the order stands; the badge alone may be wrong


@blueprint.get("")
def mine() -> str:
    """The orders of the account that is signed in."""
    shopper = current_shopper()
    if shopper.user_id is None:
        raise NotFound(_("Sign in to see your orders"))
    with begin() as session:
        return render_template(
            "orders/index.html", orders=orders_of(session, shopper.user_id), progress=PROGRESS
        )


@blueprint.get("/<number>")
def show(number: str) -> str:
    return render_template("orders/detail.html", **_order(number))


@blueprint.get("/<number>/status")
def status(number: str) -> str:
    """The page's upper part alone: it asks for itself until the order has come to rest."""
    return render_template("orders/_status.html", **_order(number))


def _order(number: str) -> dict[str, object]:
    shopper, key = current_shopper(), request.args.get("key", "")
    with begin() as session:
        view: OrderView = own_order(session, number, key, shopper)
    names = dict(country_names(shopper.locale))
    return {
        "view": view,
        "order": view.order,
        "progress": PROGRESS[view.order.status],
        "destination": names.get(view.order.country, view.order.country),
        "key": key,
    }


def _shop(shopper: Shopper) -> Shop:
    return Shop(
        sessions=current_app.extensions["sessions"],
        gateway=TroubledTill(current_gateway(), shopper),
        clock=lambda: datetime.now(UTC),
        keeps_cart=faults.keeps_cart(shopper),
    )


def _wish(shopper: Shopper, filled: Filled) -> Wish:
    """Only called when nothing is wrong with the form."""
    if filled.delivery is None or filled.card is None:
        raise LookupError("the form has errors")
    config: StorefrontConfig = current_app.extensions["config"]
    form: MultiDict[str, str] = request.form
    key = read_key(request.headers.get("Idempotency-Key"), form.get("idempotency_key"))
    return Wish(
        shopper=shopper,
        delivery=filled.delivery,
        card=filled.card,
        key=key or uuid4().hex,
        fingerprint=fingerprint(form.items(multi=True), config.secret_key),
        seen=form.get("seen", ""),
        flags=flags.seen(),
        currency=config.currency,
        payment_key=uuid4().hex,
        words=translations.seen_by_shopper(),
        exchange=current_exchange(),
    )


def _cart(shopper: Shopper) -> Contents:
    with begin() as session:
        cart = contents(session, shopper)
    set_cart_count(cart.count)
    return cart


def _again(
    shopper: Shopper,
    filled: Filled,
    status: int,
    *,
    errors: dict[str, object] | None = None,
    problem: object = "",
    order: OrderedAlready | None = None,
) -> Response:
    """The form once more: what was typed is kept, but for the card, which no page repeats."""
    try:
        cart = _cart(shopper)
    except Unavailable:
        return _closed(str(problem) or _("We cannot take orders for a moment. Your cart is safe."))
    return _form(shopper, cart, filled.values, status, errors=errors, problem=problem, order=order)


def _form(
    shopper: Shopper,
    cart: Contents,
    values: object,
    status: int = 200,
    *,
    errors: dict[str, object] | None = None,
    problem: object = "",
    order: OrderedAlready | None = None,
) -> Response:
    known = dict(values) if isinstance(values, dict) else {}
    page = render_template(
        "orders/checkout.html",
        values=known,
        errors=errors or {},
        problem=problem,
        order=order,
        # A form with mistakes was never sent on, so it keeps its key; all else is a new try.
        idempotency_key=_key_of_form(errors),
        is_express=flags.is_enabled(NEW_CHECKOUT, shopper),
        **_sums(shopper, cart, known.get("country")),
    )
    return make_response(page, status)


def _key_of_form(errors: dict[str, object] | None) -> str:
    sent = request.form.get("idempotency_key", "")
    return sent[:255] if errors and sent else uuid4().hex


def _sums(shopper: Shopper, cart: Contents, code: str | None) -> dict[str, object]:
    country = country_or_home(code or shopper.country)
    totals, countries = cart.totals(country), country_names(shopper.locale)
    sums = cart.sums(country, current_exchange())
    return {
        "cart": cart,
        "totals": totals,
        "sums": sums,
        "seen": mark(cart, totals, sums),
        "country": country,
        "countries": countries,
        "destination": dict(countries)[country.code],
    }


def _closed(problem: str) -> Response:
    return problems.page(503, _("We need a moment"), problem)

"""Home, shelves, search and the page of one product."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from flask import Blueprint, abort, render_template, request
from flask_babel import lazy_gettext as _l

from storefront import faults, telemetry, usage
from storefront.products import arrival, listed, options, remembered, wish
from storefront.products.queries import FEW, Card, ProductPage
from storefront.products.shelves import shelves
from storefront.rates import current_exchange
from storefront.shopper import current_shopper

HOME_CARDS = 8
HERO_SHELF, HERO_CARDS = "tea-and-coffee", 3
SORT_WORDS = {
    "relevant": _l("Best match"),
    "popular": _l("Most popular"),
    "new": _l("Newest first"),
    "cheap": _l("Price: low to high"),
    "dear": _l("Price: high to low"),
}
log = logging.getLogger(__name__)
blueprint = Blueprint("products", __name__, template_folder="templates")


@blueprint.get("/")
@telemetry.journey("browse")
def home() -> str:
    shopper = current_shopper()
    usage.record("page_view", shopper)
    exchange = current_exchange()
    popular = remembered.listing(wish.Wish(), shopper.locale, exchange).cards[:HOME_CARDS]
    window = remembered.listing(wish.Wish(category=HERO_SHELF), shopper.locale, exchange).cards[:HERO_CARDS]
    newest = remembered.listing(wish.Wish(sort="new"), shopper.locale, exchange).cards[:HOME_CARDS]
    return render_template("products/home.html", window=window, popular=popular, newest=newest)


@blueprint.get("/products")
@telemetry.journey("browse")
def index() -> str:
    usage.record("page_view", current_shopper())
    return _listing(wish.read({**request.args, "q": ""}, options.COLOURS), "")


@blueprint.get("/search")
@telemetry.journey("search")
def search() -> str:
    typed = request.args.get("q", "")[:200].strip()
    asked = wish.read(request.args, options.COLOURS)
    usage.record("search", current_shopper(), query=asked.query)
    return _listing(asked, typed)


@blueprint.get("/products/<slug>")
@telemetry.journey("browse")
def detail(slug: str) -> str:
    shopper = current_shopper()
    product = remembered.product_page(slug, shopper.locale)
    if product is None:
        abort(404)
    listed.say_texts(product.locales)
    faults.hot_product(product.product_id, shopper)
    usage.record("product_view", shopper, product_id=product.product_id, category=product.category)
    colour = request.args.get("colour", "")
    chosen = colour if colour in product.colours else product.first_colour()
    return render_template(
        "products/detail.html",
        product=product,
        colour=chosen,
        variants=product.in_colour(chosen),
        arrival=arrival.window(datetime.now(UTC).date()),
        related=_recommendations(product),
        few=FEW,
    )


def _listing(asked: wish.Wish, typed: str) -> str:
    exchange = current_exchange()
    found = remembered.listing(asked, current_shopper().locale, exchange)
    all_shelves = {shelf.slug: shelf for shelf in shelves()}
    sorts = wish.FOUND_SORTS if asked.query else wish.SORTS
    return render_template(
        "products/listing.html",
        wish=asked,
        typed=typed,
        found=found,
        shelf=all_shelves.get(asked.category),
        shelf_names={slug: shelf.name for slug, shelf in all_shelves.items()},
        sorts=[(key, SORT_WORDS[key]) for key in sorts],
        bands=wish.bands(exchange),
    )


def _recommendations(product: ProductPage) -> list[Card]:
    """Nice to have: whatever happens in here, the page goes on without them."""
    shopper = current_shopper()
    try:
        faults.recommendations(shopper)
        return remembered.related(product.product_id, shopper.locale)
    except Exception as error:
        telemetry.widget_failed("recommendations")
        log.warning("recommendations left out: %s", type(error).__name__)
        return []

"""What has no locale: pictures, the site maps, words for robots."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, abort, current_app, request

from storefront.products import listed, options, remembered
from storefront.products.pictures.draw import DETAIL, Picture, draw

EDITION = 1  # count up when pictures are drawn in another way, so that browsers ask for the new ones
SITE_MAPS, XHTML = "http://www.sitemaps.org/schemas/sitemap/0.9", "http://www.w3.org/1999/xhtml"
blueprint = Blueprint("files", __name__)


@blueprint.get("/media/products/<slug>-<int:width>.svg")
def picture(slug: str, width: int) -> Response:
    """`fjord-kettle-480.svg`, or in one of its colours `fjord-kettle.sage-480.svg`."""
    name, _, colour = slug.partition(".")
    product = remembered.product_page(name, "en") if width in DETAIL else None
    if product is None or (colour and colour not in product.colours):
        abort(404)
    paint = options.paint(colour or product.first_colour())
    body = draw(Picture(product.shape, paint, product.curve, product.pattern, product.material), width)
    response = Response(body, mimetype="image/svg+xml")
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    response.headers["Cache-Control"] = (
        "public, max-age=31536000, immutable" if request.args.get("v") else "public, max-age=86400"
    )
    response.set_etag(hashlib.sha256(body.encode()).hexdigest()[:20])
    response.make_conditional(request)
    return response


def picture_url(slug: str, width: int, colour: str = "") -> str:
    name = f"{slug}.{colour}" if colour else slug
    return f"/media/products/{name}-{width}.svg?v={EDITION}"


@blueprint.get("/sitemap.xml")
def site_maps() -> Response:
    """An index of one map a locale, of those that have enough pages to show."""
    base = current_app.config["SHOP_URL"]
    maps = "".join(f"<sitemap><loc>{base}/sitemaps/{code}.xml</loc></sitemap>" for code in _pages_by_locale())
    return _xml(f'<sitemapindex xmlns="{SITE_MAPS}">{maps}</sitemapindex>')


@blueprint.get("/sitemaps/<code>.xml")
def site_map(code: str) -> Response:
    """The pages of one locale, each with its other languages."""
    entries = _pages_by_locale().get(code)
    if not entries:
        abort(404)
    return _xml(f'<urlset xmlns="{SITE_MAPS}" xmlns:xhtml="{XHTML}">{"".join(entries)}</urlset>')


def _pages_by_locale() -> dict[str, list[str]]:
    """locale → what its map says of each page that is translated enough."""
    base = str(current_app.config["SHOP_URL"])
    slugs = remembered.all_slugs()
    pages = [(listed.HOME, "/", ""), (listed.LISTING, "/products", "")]
    pages += [(listed.DETAIL, f"/products/{slug}", slug) for slug in slugs]
    found: dict[str, list[str]] = {}
    for endpoint, address, slug in pages:
        codes = listed.locales_of(endpoint, slug, slugs.get(slug, ()))
        others = "".join(
            f'<xhtml:link rel="alternate" hreflang="{other}" href="{base}/{other}{address}"/>'
            for other in codes
        )
        for code in codes:
            found.setdefault(code, []).append(f"<url><loc>{base}/{code}{address}</loc>{others}</url>")
    return found


def _xml(body: str) -> Response:
    return _public(Response(f'<?xml version="1.0" encoding="UTF-8"?>{body}', mimetype="application/xml"))


@blueprint.get("/robots.txt")
def robots() -> Response:
    private = [f"Disallow: /{code}/{page}" for code in current_app.config["LOCALES"] for page in _PRIVATE]
    lines = ["User-agent: *", *private, f"Sitemap: {current_app.config['SHOP_URL']}/sitemap.xml", ""]
    return _public(Response("\n".join(lines), mimetype="text/plain"))


_PRIVATE = ("cart", "checkout", "account", "orders", "search", "preferences")


def _public(response: Response) -> Response:
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response

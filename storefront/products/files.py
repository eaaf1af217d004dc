"""What has no locale: pictures, the site map, words for robots."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, abort, current_app, request

from storefront.products import options, remembered
from storefront.products.pictures.draw import DETAIL, Picture, draw

EDITION = 1  # count up when pictures are drawn in another way, so that browsers ask for the new ones
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
def site_map() -> Response:
    base, locales = current_app.config["SHOP_URL"], current_app.config["LOCALES"]
    pages = ["/", "/products", *(f"/products/{slug}" for slug in remembered.all_slugs())]
    entries = []
    for page in pages:
        others = "".join(
            f'<xhtml:link rel="alternate" hreflang="{code}" href="{base}/{code}{page}"/>' for code in locales
        )
        entries += [f"<url><loc>{base}/{code}{page}</loc>{others}</url>" for code in locales]
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:xhtml="http://www.w3.org/1999/xhtml">{"".join(entries)}</urlset>'
    )
    return _public(Response(body, mimetype="application/xml"))


@blueprint.get("/robots.txt")
def robots() -> Response:
    private = [f"Disallow: /{code}/{page}" for code in current_app.config["LOCALES"] for page in _PRIVATE]
    lines = ["User-agent: *", *private, f"Sitemap: {current_app.config['SHOP_URL']}/sitemap.xml", ""]
    return _public(Response("\n".join(lines), mimetype="text/plain"))


_PRIVATE = ("cart", "checkout", "account", "orders", "search")


def _public(response: Response) -> Response:
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response

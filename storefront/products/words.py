"""What the templates of the catalogue say beyond plain text: options, weights, data for search engines."""

from __future__ import annotations

from typing import Any

from babel.units import format_unit
from flask import Flask, current_app

from storefront.i18n import babel_code, current_locale, path
from storefront.money import plain
from storefront.products import listed, options, published
from storefront.products.files import picture_url
from storefront.products.queries import ProductPage, VariantRow
from storefront.rates import current_exchange


def dress(app: Flask) -> None:
    app.jinja_env.filters["weight"] = weight
    app.jinja_env.globals.update(
        picture_url=picture_url,
        paint=options.paint,
        colour_words=options.colour_words,
        size_words=lambda key: options.size_words(key, current_locale()),
        structured_data=structured_data,
        alternates=listed.alternates,
        is_listed=listed.is_listed,
        outlinable=published.outlinable,
    )


def weight(grams: int) -> str:
    """980 → "980 g", 1250 → "1.25 kg"."""
    number, unit = (grams / 1000, "mass-kilogram") if grams >= 1000 else (grams, "mass-gram")
    return format_unit(number, unit, "short", locale=babel_code(current_locale()))


def structured_data(product: ProductPage) -> dict[str, Any]:
    """schema.org's Product with one offer a variant."""
    base = str(current_app.config["SHOP_URL"])
    address = base + path(f"/products/{product.slug}")
    return {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": product.name,
        "description": product.description,
        "category": product.category_name,
        "image": base + picture_url(product.slug, 960),
        "url": address,
        "offers": [_offer(variant, address) for variant in product.variants],
    }


def _offer(variant: VariantRow, address: str) -> dict[str, Any]:
    exchange = current_exchange()
    state = "InStock" if variant.stock else "OutOfStock"
    return {
        "@type": "Offer",
        "sku": variant.sku,
        "url": f"{address}?colour={variant.colour}",
        "price": plain(exchange.price(variant.price_cents, variant.points), exchange.currency),
        "priceCurrency": exchange.currency,
        "availability": f"https://schema.org/{state}",
    }

from __future__ import annotations

import json
import re

import pytest
import sqlalchemy as sa

from storefront import faults, flags
from storefront.products.models import Product, Variant
from tests.catalogued import drafts, names, prices


def test_the_home_page_shows_goods_and_shelves(client):
    page = client.get("/en/")
    assert page.status_code == 200
    assert len(names(page.text)) >= 8
    assert "Pots and pans" in page.text


def test_a_shelf_shows_its_own_goods_alone(client):
    page = client.get("/en/products?category=glass").text
    own = {draft.words["en"].name for draft in drafts() if draft.category == "glass"}
    assert set(names(page)) == own
    assert "<h1><bdi>Glass</bdi></h1>" in page


def test_the_german_shelf_speaks_german(client):
    page = client.get("/de/products?category=linen").text
    assert set(names(page)) == {draft.words["de"].name for draft in drafts() if draft.category == "linen"}


def test_facets_say_how_many_there_would_be(client):
    page = client.get("/en/products?category=glass").text
    count = int(re.search(r"<span>Linen</span> <span class=\"facet__count\">(\d+)<", page)[1])
    assert count == len([draft for draft in drafts() if draft.category == "linen"])


def test_a_colour_and_a_price_narrow_the_shelf(client):
    page = client.get("/en/products?colour=sage&price=20-50").text
    wanted = {
        draft.words["en"].name
        for draft in drafts()
        if any(variant.colour == "sage" for variant in draft.variants)
        and 2000 <= min(variant.price_cents for variant in draft.variants) < 5000
    }
    assert set(names(page)) == wanted


@pytest.mark.parametrize(("sort", "falling"), [("cheap", False), ("dear", True)])
def test_goods_are_sorted_by_price(client, sort, falling):
    shown = prices(client.get(f"/en/products?sort={sort}").text)
    assert len(shown) > 5
    assert shown == sorted(shown, reverse=falling)


def test_pages_follow_one_another_without_gaps(client):
    first = names(client.get("/en/products").text)
    second = names(client.get("/en/products?page=2").text)
    assert len(first) == 24
    assert len({*first, *second}) == len(drafts())


def test_a_page_beyond_the_last_one_says_what_to_do(client):
    page = client.get("/en/products?category=glass&page=300")
    assert page.status_code == 200
    assert names(page.text) == []


@pytest.mark.parametrize("query", ["?sort=' OR 1=1--", "?page=-1", "?category=../../etc", "?price=1;2"])
def test_nonsense_in_the_address_shows_the_shop(client, query):
    assert client.get(f"/en/products{query}").status_code == 200


def test_a_product_page_names_price_stock_and_delivery(client):
    draft = drafts()[0]
    page = client.get(f"/en/products/{draft.slug}").text
    assert draft.words["en"].name in page
    assert "In stock" in page
    assert "Delivery to" in page
    assert "At your door between" in page
    assert draft.variants[0].sku in page


def test_another_colour_shows_its_own_picture_and_sizes(client):
    draft = next(draft for draft in drafts() if len({v.colour for v in draft.variants}) > 1)
    colour = draft.variants[1].colour
    page = client.get(f"/en/products/{draft.slug}?colour={colour}").text
    assert f"/media/products/{draft.slug}.{colour}-960.svg" in page


def test_search_engines_get_each_variant_as_an_offer(client):
    draft = drafts()[0]
    page = client.get(f"/en/products/{draft.slug}").text
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)[1])
    assert data["name"] == draft.words["en"].name
    assert {offer["sku"] for offer in data["offers"]} == {variant.sku for variant in draft.variants}
    assert data["offers"][0]["priceCurrency"] == "EUR"


def test_what_is_sold_out_cannot_be_added(client, catalogue_app):
    slug = drafts()[0].slug
    with catalogue_app.extensions["sessions"].begin() as session:
        session.execute(sa.update(Variant).values(stock=0))
    page = client.get(f"/en/products/{slug}").text
    assert "Sold out" in page
    assert "Add to cart" not in page


def test_a_product_that_is_not_for_sale_is_not_found(client, catalogue_app):
    slug = drafts()[0].slug
    with catalogue_app.extensions["sessions"].begin() as session:
        session.execute(sa.update(Product).where(Product.slug == slug).values(is_active=False))
    assert client.get(f"/en/products/{slug}").status_code == 404


@pytest.mark.parametrize("slug", ["nothing", "x" * 5000, "..%2f..%2fetc", "%00", "{{7*7}}"])
def test_a_product_that_never_was_is_not_found(client, slug):
    assert client.get(f"/en/products/{slug}").status_code == 404


def test_related_goods_come_from_the_same_shelf(client):
    draft = drafts()[0]
    shelf = {other.words["en"].name for other in drafts() if other.category == draft.category}
    shown = names(client.get(f"/en/products/{draft.slug}").text)
    assert shown
    assert set(shown) <= shelf - {draft.words["en"].name}


def test_a_page_survives_its_recommendations(client):
    flags.fix({"fault-recommendations": 100})
    try:
        pages = [client.get(f"/en/products/{drafts()[0].slug}") for _ in range(faults.WIDGET_FAILS_EVERY)]
    finally:
        flags.stop()
    assert {page.status_code for page in pages} == {200}
    assert any("Goes well with it" not in page.text for page in pages)


def test_robots_find_every_product_in_each_language(client):
    index = client.get("/sitemap.xml").text
    maps = re.findall(r"<loc>http://shop.test(/sitemaps/[^<]+)</loc>", index)
    assert maps == ["/sitemaps/en.xml", "/sitemaps/de.xml", "/sitemaps/ar.xml"]
    for address in maps:
        assert client.get(address).text.count("<url>") == len(drafts()) + 2
    assert client.get("/sitemaps/fr.xml").status_code == 404
    assert "Disallow: /de/checkout" in client.get("/robots.txt").text

from __future__ import annotations

import re

import pytest


@pytest.mark.parametrize(
    ("accepted", "cookie", "locale"),
    [
        ("de-AT,de;q=0.9", None, "de"),
        ("ar", None, "ar"),
        ("fr", None, "en"),
        ("", None, "en"),
        ("de", "ar", "ar"),
        ("de", "xx", "de"),
    ],
)
def test_the_front_door_proposes_a_language(client, accepted, cookie, locale):
    if cookie:
        client.set_cookie("locale", cookie)
    answer = client.get("/", headers={"Accept-Language": accepted})
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/{locale}/"
    assert "Accept-Language" in answer.headers["Vary"]


def test_a_page_in_another_language_sends_nobody_away(client):
    assert client.get("/en/", headers={"Accept-Language": "de"}).status_code == 200


@pytest.mark.parametrize(("locale", "direction"), [("en", "ltr"), ("de", "ltr"), ("ar", "rtl")])
def test_a_page_names_its_language_and_direction(client, locale, direction):
    assert f'<html lang="{locale}" dir="{direction}">' in client.get(f"/{locale}/").text


def test_the_choice_is_kept(client):
    client.get("/ar/")
    assert client.get("/").headers["Location"] == "/ar/"


def test_the_switcher_stays_on_the_page(client):
    page = client.get("/en/products?category=glass&page=2").text
    assert 'href="/de/products?category=glass&amp;page=2"' in page


def test_search_engines_learn_the_other_languages_and_the_one_address(client):
    page = client.get("/en/products?category=glass").text
    assert set(re.findall(r'hreflang="(\w+)" href="http://shop.test', page)) == {"en", "de", "ar"}
    assert 'rel="canonical" href="http://shop.test/en/products?category=glass"' in page
    assert 'hreflang="x-default" href="http://shop.test/"' in client.get("/en/").text


@pytest.mark.parametrize("address", ["/xx/", "/en-GB/products", "/../en/"])
def test_a_language_that_is_not_on_offer_is_not_found(client, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("address", "right"),
    [
        ("/EN/", "/en/"),
        ("/De/products?category=glass&page=2", "/de/products?category=glass&page=2"),
        ("/AR/search?q=%D8%B4%D8%A7%D9%8A", "/ar/search?q=%D8%B4%D8%A7%D9%8A"),
    ],
)
def test_a_locale_written_in_another_way_moves_to_its_one_address(client, address, right):
    answer = client.get(address)
    assert (answer.status_code, answer.headers["Location"]) == (301, right)
    assert client.post("/EN/cart/add").status_code in (403, 308)


def test_the_switcher_stays_on_a_page_that_is_missing_or_refused(client):
    assert 'href="/de/nothing-here?x=1"' in client.get("/en/nothing-here?x=1").text
    refused = client.post("/en/cart/add", data={"variant_id": "1"})
    assert refused.status_code == 403
    assert 'href="/de/cart"' in refused.text


def test_every_page_says_what_it_varies_by(client):
    assert {"Accept-Language", "Cookie"} <= set(client.get("/en/").vary)


def test_a_missing_page_speaks_the_language_of_its_address(client):
    page = client.get("/ar/nothing-here")
    assert page.status_code == 404
    assert '<html lang="ar" dir="rtl">' in page.text


def test_a_missing_slash_is_put_right(client):
    assert client.get("/de").headers["Location"].endswith("/de/")


def test_prices_are_written_as_the_language_writes_them(client):
    assert re.search(r"€\d+\.\d\d", client.get("/en/").text)
    assert re.search(r"\d+,\d\d\s€", client.get("/de/").text)

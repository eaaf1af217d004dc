"""Names that a translator has published are shown, found, and gone again when the release is taken back."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest
from babel.messages.catalog import Catalog as Draft
from babel.messages.mofile import write_mo
from flask import Flask

from app.locales.assist import outline as links
from app.locales.catalog import message_key as key_of
from storefront import telemetry
from storefront.db import transaction
from storefront.outline import BEGIN, END
from storefront.products import indexing, listed
from storefront.products.catalogue.generate import category_words
from storefront.wording import Catalog, babel_code, catalog, parse
from tests.catalogued import drafts
from tests.ending import end_shop

GOOD = drafts()[0]
NAME, DESCRIPTION = f"product:{GOOD.slug}:name", f"product:{GOOD.slug}:description"
SOURCE = GOOD.words["en"]


def live(app: Flask, locale: str) -> Catalog:
    return app.extensions["published_domain"].catalogs.snapshot.stable[babel_code(locale)]


def publish(app: Flask, locale: str, texts: dict[tuple[str, str], str], release: int = 7) -> Catalog:
    """As if the control plane had sent it: (context, source) → text, over what ships."""
    draft = Draft(locale=babel_code(locale))
    for (context, source), text in texts.items():
        draft.add(source, text, context=context or None)
    compiled = BytesIO()
    write_mo(compiled, draft)
    words = parse(locale, compiled.getvalue())
    words.add_fallback(live(app, locale).words)
    catalogs = app.extensions["published_domain"].catalogs
    made = catalog(locale, release, f'"{release}"', words)
    catalogs.snapshot = catalogs.snapshot.showing(babel_code(locale), made)
    return made


def index(app: Flask, words: Catalog) -> int:
    with transaction(app.extensions["sessions"]) as session:
        return indexing.follow(session, words)


def fallbacks() -> float:
    return telemetry.REGISTRY.get_sample_value("shop_translation_fallbacks_total", {"locale": "de"}) or 0.0


def test_a_published_name_is_shown_on_every_page_and_counts_no_fallback(catalogue_app, client):
    before = fallbacks()
    client.get(f"/de/products/{GOOD.slug}")
    of_the_frame = fallbacks() - before
    assert GOOD.words["de"].name in client.get(f"/de/products/{GOOD.slug}").text
    publish(
        catalogue_app, "de", {(NAME, SOURCE.name): "Summtopf", (DESCRIPTION, SOURCE.description): "Er summt."}
    )
    before = fallbacks()
    page = client.get(f"/de/products/{GOOD.slug}").text
    assert fallbacks() - before == of_the_frame
    assert "<bdi>Summtopf</bdi>" in page
    assert "Er summt." in page
    assert "Summtopf" in client.get("/de/products?category=tea-and-coffee").text
    assert "Summtopf" not in client.get("/en/products?category=tea-and-coffee").text


def test_a_translation_of_another_source_is_not_shown(catalogue_app, client):
    publish(catalogue_app, "de", {(NAME, "An older name"): "Summtopf"})
    assert "Summtopf" not in client.get(f"/de/products/{GOOD.slug}").text


def test_a_shelf_is_called_as_published(catalogue_app, client):
    publish(catalogue_app, "de", {("category:glass:name", "Glass"): "Gläsernes"})
    assert "Gläsernes" in client.get("/de/products?category=glass").text


def test_a_shelf_is_described_as_published(catalogue_app, client):
    about = category_words("glass", "en")[1]
    assert category_words("glass", "de")[1] in client.get("/de/").text
    publish(catalogue_app, "de", {("category:glass:description", about): "Klirrt nur selten."})
    assert "Klirrt nur selten." in client.get("/de/").text
    assert "Klirrt nur selten." not in client.get("/en/").text


def outlining(app: Flask, context: str, source: str) -> dict[str, str]:
    """The argument of a translator's link."""
    secret = app.extensions["config"].outline_secret
    return {"outline": links.token("de", key_of(context, source), secret, datetime.now(UTC))}


def test_a_link_outlines_a_name_where_people_read_it_and_nowhere_else(catalogue_app, client):
    publish(catalogue_app, "de", {(NAME, SOURCE.name): "Summtopf"})
    link = outlining(catalogue_app, NAME, SOURCE.name)
    page = client.get(f"/de/products/{GOOD.slug}", query_string=link).text
    assert '<bdi><mark class="outlined" data-outlined>Summtopf</mark></bdi>' in page
    assert "<title>Summtopf" in page
    assert '"name": "Summtopf"' in page
    assert page.count("data-outlined") == 1
    assert not any(mark in page for mark in (BEGIN, END, "\\ue0f1", "\\ue0f2"))
    shelf = client.get("/de/products", query_string={**link, "category": "tea-and-coffee"}).text
    assert '<mark class="outlined" data-outlined>Summtopf</mark>' in shelf
    assert "data-outlined" not in client.get(f"/de/products/{GOOD.slug}").text


def test_a_link_outlines_what_is_said_of_a_category(catalogue_app, client):
    own, source = category_words("glass", "de")[1], category_words("glass", "en")[1]
    link = outlining(catalogue_app, "category:glass:description", source)
    page = client.get("/de/products", query_string={**link, "category": "glass"}).text
    assert f'<p class="lead"><mark class="outlined" data-outlined>{own}</mark></p>' in page
    assert f'<meta name="description" content="{own}">' in page


def test_a_name_is_outlined_before_anybody_published_it(catalogue_app, client):
    link = outlining(catalogue_app, "category:glass:name", category_words("glass", "en")[0])
    page = client.get("/de/", query_string=link).text
    assert f'<mark class="outlined" data-outlined>{category_words("glass", "de")[0]}</mark>' in page


def test_search_follows_a_release_and_its_return(catalogue_app, client):
    shipped = live(catalogue_app, "de")
    assert index(catalogue_app, shipped) == 0
    released = publish(catalogue_app, "de", {(NAME, SOURCE.name): "Summtopf"})
    assert index(catalogue_app, released) == 1
    assert index(catalogue_app, released) == 0
    found = client.get("/de/search?q=summtopf").text
    assert re.search(r"card__name\"><bdi>Summtopf", found)
    assert index(catalogue_app, shipped) == 1
    assert 'class="nothing"' in client.get("/de/search?q=summtopf&sort=new").text


@pytest.mark.parametrize(
    ("locale", "typed", "found"),
    [
        ("fr", "théière", "Théière"),
        ("fr", "theieres", "Théière"),
        ("es", "teteras", "Tetera"),
        ("pl", "noże", "Nóż"),
        ("pl", "lyzka", "łyżka"),
        ("pt-BR", "facas", "Faca"),
        ("ja", "ケトル", "やかん"),
        ("ja", "包丁", "包丁"),
        ("ja", "鍋", "鍋"),
    ],
)
def test_goods_are_found_in_each_language(eight, locale, typed, found):
    page = eight.get(f"/{locale}/search", query_string={"q": typed}).text
    assert found in "".join(re.findall(r'card__name"><bdi>([^<]*)', page))


@pytest.fixture
def eight(catalogue_app, shop_config):
    """The same shop, in all the languages that ship."""
    from storefront.factory import create_app

    app = create_app(replace(shop_config, locales=("en", "de", "fr", "es", "pl", "pt-BR", "ja", "ar")))
    yield app.test_client()
    end_shop(app)


def test_search_engines_hear_of_a_locale_only_where_it_is_translated(catalogue_app, client):
    pages = {"/en/": "/de/", f"/en/products/{GOOD.slug}": f"/de/products/{GOOD.slug}"}
    for page, other in pages.items():
        assert f'hreflang="de" href="http://shop.test{other}"' in client.get(page).text
    catalogs = catalogue_app.extensions["published_domain"].catalogs
    bare = catalog("de", 9, '"9"', parse("de", _compiled({})))
    catalogs.snapshot = catalogs.snapshot.showing("de", bare)
    for page, other in pages.items():
        assert 'hreflang="de" href="http://shop.test' not in client.get(page).text
        assert 'content="noindex, follow"' in client.get(other).text
    assert "/sitemaps/de.xml" not in client.get("/sitemap.xml").text
    assert client.get("/sitemaps/de.xml").status_code == 404
    with catalogue_app.test_request_context("/en/"):
        texts = {"de": 1.0, "ar": 1.0}
        assert listed.coverage(listed.HOME, "de", "", texts) == 0.0
        assert listed.coverage(listed.HOME, "en", "", texts) == 1.0
        assert listed.coverage(listed.HOME, "ar", "", texts) > 0.8
        assert listed.coverage(listed.HOME, "ar", "", {}) == 0.0


def _compiled(texts: dict[str, str]) -> bytes:
    draft = Draft(locale="de")
    for source, text in texts.items():
        draft.add(source, text)
    compiled = BytesIO()
    write_mo(compiled, draft)
    return compiled.getvalue()

"""Which locales search engines are told of, page by page: those in which the page is translated.

A page's coverage is the share of its words that the live catalog has, and of its goods that have texts; the
lesser of the two counts. A locale below SHOP_LISTED_COVERAGE keeps its pages, but search engines are not sent
there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache

from flask import current_app, g, request
from jinja2 import Environment
from jinja2.ext import GETTEXT_FUNCTIONS, extract_from_ast
from jinja2.meta import find_referenced_templates

from storefront.errors import Unavailable
from storefront.i18n import babel_code, current_locale, offered, open_locales, same_page
from storefront.products import remembered
from storefront.products.catalogue.generate import spoken
from storefront.translations import PublishedDomain
from storefront.wording import CONTEXT, Catalog

HOME, LISTING, DETAIL = "products.home", "products.index", "products.detail"
TEMPLATES = {HOME: "products/home.html", LISTING: "products/listing.html", DETAIL: "products/detail.html"}

Message = tuple[str, str]  # context ("" for none) and source text


def alternates() -> list[tuple[str, str]]:
    """(hreflang, absolute address) of this page for search engines; none where they have no business.

    `x-default` is for readers of all other languages: the front door, which asks the browser, and elsewhere
    the shop's first locale.
    """
    if request.endpoint not in TEMPLATES or request.args.keys() - {"category", "page"}:
        return []
    base = str(current_app.config["SHOP_URL"])
    pages = [(code, base + same_page(code)) for code in _locales_here()]
    if len(pages) < 2:
        return []
    front = f"{base}/" if request.endpoint == HOME else base + same_page(offered()[0])
    return [*pages, ("x-default", front)]


def is_listed() -> bool:
    """Whether search engines may list this page: alternates must name each other, so it is one of them."""
    return request.endpoint not in TEMPLATES or current_locale() in _locales_here()


def say_texts(locales: Collection[str]) -> None:
    """Of the product on this page: the locales that the shop's own tables have its texts in."""
    g.texts_in = locales


def locales_of(endpoint: str, slug: str = "", texts_in: Collection[str] = ()) -> list[str]:
    """The locales of a page that are translated enough; the source language always is.

    `texts_in` names the locales that the shop's own tables have the texts of the product `slug` in.
    """
    threshold = float(current_app.extensions["config"].listed_coverage)
    texts = dict.fromkeys(texts_in, 1.0) if slug else _texts_of_shelves()
    return [code for code in open_locales() if coverage(endpoint, code, slug, texts) >= threshold]


def coverage(endpoint: str, locale: str, slug: str, texts: Mapping[str, float]) -> float:
    """From 0 to 1, of one page in the catalog that is live now; `texts`: locale → share of goods."""
    domain: PublishedDomain = current_app.extensions["published_domain"]
    catalog = domain.catalogs.snapshot.stable.get(babel_code(locale))
    if catalog is None:
        return 0.0
    if catalog.is_source:
        return 1.0
    content = 1.0 if slug and slug in _named(catalog) else texts.get(spoken(locale), 0.0)
    return min(_share(TEMPLATES[endpoint], catalog), content)


def _locales_here() -> list[str]:
    """None on an error page, whatever its address is the address of."""
    found: list[str] | None = g.get("listed_locales")
    if found is None:
        endpoint, slug = str(request.endpoint), str((request.view_args or {}).get("slug", ""))
        texts_in = g.get("texts_in")
        found = [] if slug and texts_in is None else locales_of(endpoint, slug, texts_in or ())
        g.listed_locales = found
    return found


def _texts_of_shelves() -> Mapping[str, float]:
    try:
        return remembered.content_locales()
    except Unavailable:
        return {}


def _named(catalog: Catalog) -> frozenset[str]:
    """Goods whose name and description are in the catalog; worked out once for each."""
    known = _names.get(id(catalog))
    if known is None:
        parts: dict[str, set[str]] = {"name": set(), "description": set()}
        for key in catalog.texts:
            if key.startswith("product:") and CONTEXT in key:
                _, slug, part = key.partition(CONTEXT)[0].split(":", 2)
                parts.setdefault(part, set()).add(slug)
        known = (catalog, frozenset(parts["name"] & parts["description"]))
        if len(_names) > MOST_KEPT:
            _names.clear()
        _names[id(catalog)] = known
    return known[1]


MOST_KEPT = 200
# What is kept of a catalog holds on to it, so that its id stays its own.
_shares: dict[tuple[str, int], tuple[Catalog, float]] = {}
_names: dict[int, tuple[Catalog, frozenset[str]]] = {}


def _share(template: str, catalog: Catalog) -> float:
    """Worked out once for each catalog."""
    known = _shares.get((template, id(catalog)))
    if known is None:
        messages = _messages(current_app.jinja_env, template)
        there = sum(_has(catalog, message) for message in messages)
        known = (catalog, there / len(messages) if messages else 1.0)
        if len(_shares) > MOST_KEPT:
            _shares.clear()
        _shares[template, id(catalog)] = known
    return known[1]


def _has(catalog: Catalog, message: Message) -> bool:
    context, source = message
    key = f"{context}{CONTEXT}{source}" if context else source
    return key in catalog.texts or key in catalog.plurals


@cache
def _messages(environment: Environment, template: str) -> frozenset[Message]:
    """All that a template says, with the frame it stands in and the parts it is made of."""
    found: set[Message] = set()
    seen: set[str] = set()
    waiting = [template]
    while waiting:
        name = waiting.pop()
        if name in seen or environment.loader is None:
            continue
        seen.add(name)
        source, _, _ = environment.loader.get_source(environment, name)
        tree = environment.parse(source)
        found |= {_message(function, told) for _, function, told in extract_from_ast(tree, GETTEXT_FUNCTIONS)}
        waiting += [part for part in find_referenced_templates(tree) if part]
    return frozenset(found)


def _message(function: str, told: str | tuple[str | None, ...] | None) -> Message:
    parts = [str(each) for each in ((told,) if isinstance(told, str) else told or ()) if each]
    return (parts[0], parts[1]) if function in ("pgettext", "npgettext") else ("", parts[0])

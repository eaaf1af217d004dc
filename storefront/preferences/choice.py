"""Three choices that do not follow from one another, and the way back. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from storefront.errors import Refused
from storefront.negotiation import canonical

LONGEST_WAY = 2_000


@dataclass(frozen=True)
class Choice:
    locale: str
    country: str
    currency: str


@dataclass(frozen=True)
class Offer:
    locales: Collection[str]
    countries: Collection[str]
    currencies: Collection[str]


def read(form: Mapping[str, str], offer: Offer) -> Choice:
    """Raises `Refused` beside the field that names something the shop does not offer."""
    wrong: dict[str, object] = {}
    if form.get("language") not in offer.locales:
        wrong["language"] = _l("Choose one of these languages")
    if form.get("country") not in offer.countries:
        wrong["country"] = _l("We do not deliver to this country")
    if form.get("currency") not in offer.currencies:
        wrong["currency"] = _l("Choose one of these currencies")
    if wrong:
        raise Refused(_l("Please check the fields marked below."), wrong)
    return Choice(form["language"], form["country"], form["currency"])


def way_back(address: str, locale: str, offered: Collection[str]) -> str:
    """The page that was left, in the chosen language; the first page where it is none of the shop's."""
    path, mark, query = address[:LONGEST_WAY].partition("?")
    _, first, *rest = path.split("/", 2) if path.startswith("/") else ("", "")
    is_ours = canonical(first, offered) is not None and path.isprintable() and "\\" not in path
    if not is_ours or len(address) > LONGEST_WAY or not query.isprintable():
        return f"/{locale}/"
    return f"/{locale}/{rest[0] if rest else ''}{mark}{query}"

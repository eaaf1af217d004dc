"""What a shopper asks of the shelves: read from an address, written back into one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from storefront.exchange import Exchange
from storefront.products.folding import query as fold_query

PAGE_SIZE = 24
LAST_PAGE = 400
SORTS = ("popular", "new", "cheap", "dear")
FOUND_SORTS = ("relevant", *SORTS)
# key → from, below (cents); None: no end
BANDS: Mapping[str, tuple[int, int | None]] = {
    "0-20": (0, 2_000),
    "20-50": (2_000, 5_000),
    "50-100": (5_000, 10_000),
    "100-": (10_000, None),
}


@dataclass(frozen=True)
class Wish:
    query: str = ""  # folded; "" is the whole shop
    category: str = ""
    colour: str = ""
    band: str = ""
    sort: str = "popular"
    page: int = 1

    def key(self, locale: str) -> str:
        """The same for all addresses that show the same."""
        return urlencode({"locale": locale, **self.__dict__})

    def address(self, typed: str, **changes: str | int) -> str:
        """The query string of this wish with some of it changed, from page 1 on unless a page is given."""
        there = replace(self, **{"page": 1, **changes})  # type: ignore[arg-type]
        parts = {"q": typed, "category": there.category, "colour": there.colour, "price": there.band}
        if there.sort != default_sort(there.query):
            parts["sort"] = there.sort
        if there.page > 1:
            parts["page"] = str(there.page)
        words = urlencode({name: value for name, value in parts.items() if value})
        return f"?{words}" if words else "?"


def bands(exchange: Exchange) -> dict[str, tuple[int, int | None]]:
    """The ranges of prices, with round ends in the currency that is shown."""
    return {key: (exchange.edge(low), high and exchange.edge(high)) for key, (low, high) in BANDS.items()}


def bands_charged(exchange: Exchange) -> dict[str, tuple[int, int | None]]:
    """The same ranges in what is stored, the shop's own cents."""
    return {
        key: (exchange.back(low), high and exchange.back(high))
        for key, (low, high) in bands(exchange).items()
    }


def default_sort(query: str) -> str:
    return "relevant" if query else "popular"


def read(arguments: Mapping[str, str], known_colours: Mapping[str, object]) -> Wish:
    """A wish from an address. What the shop does not know is left out: old links still show something."""
    folded = fold_query(arguments.get("q", ""))
    sorts = FOUND_SORTS if folded else SORTS
    page = arguments.get("page", "")
    band, colour, sort = arguments.get("price", ""), arguments.get("colour", ""), arguments.get("sort", "")
    category = arguments.get("category", "")
    return Wish(
        query=folded,
        category=category if category.replace("-", "").isalpha() and len(category) <= 40 else "",
        colour=colour if colour in known_colours else "",
        band=band if band in BANDS else "",
        sort=sort if sort in sorts else default_sort(folded),
        page=min(int(page), LAST_PAGE)
        if page.isascii() and page.isdigit() and 0 < len(page) <= 6 and int(page)
        else 1,
    )

"""Price points as CSV: `sku,currency,price`, and how a price and a rate are written. Pure.

A price is written with a point and no more digits than its currency has: `1234.50`, `1980` in JPY, `8.300` in
BHD. Anything else is refused with its line, so that a comma never makes a price a thousand times as high.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from storefront.errors import Refused
from storefront.exchange import LEAST_RATE, MOST_RATE, digits
from storefront.money import plain
from storefront.spreadsheets import FORMULAS, written

HEADER = ("sku", "currency", "price")
CURRENCY = re.compile(r"[A-Z]{3}")
PRICE = re.compile(r"[0-9]{1,9}(?:\.([0-9]{1,4}))?", re.ASCII)
MOST_MINOR = 2**31 - 1  # what the table holds


@dataclass(frozen=True)
class PricedSku:
    sku: str
    currency: str
    minor: int


def read_points(text: str) -> list[PricedSku]:
    """Raises `Refused` that names the first line which cannot be taken."""
    lines = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    header = tuple(name.strip() for name in next(lines, []))
    if header != HEADER:
        raise Refused(f"line 1: the columns are {','.join(HEADER)}")
    found: dict[tuple[str, str], PricedSku] = {}
    for row in lines:
        if not row:
            continue
        point = _row(row, lines.line_num)
        if (point.sku, point.currency) in found:
            raise Refused(f"line {lines.line_num}: {point.sku} in {point.currency} is there twice")
        found[point.sku, point.currency] = point
    return list(found.values())


def write_points(points: Iterable[PricedSku]) -> str:
    """A number of goods that a spreadsheet would take for a formula gets an apostrophe in front."""
    rows = ((one.sku, one.currency, plain(one.minor, one.currency)) for one in points)
    return written([HEADER, *rows], "\n")


def read_currency(text: str) -> str:
    if not CURRENCY.fullmatch(text):
        raise Refused(f"{text!r} is no currency: three capital letters, such as JPY")
    return text


def read_price(text: str, currency: str) -> int:
    """ "19.99", "USD" → 1999; "1980", "JPY" → 1980; "8.3", "BHD" → 8300."""
    found = PRICE.fullmatch(text.strip())
    places = digits(currency)
    if found is None or len(found[1] or "") > places:
        raise Refused(f"{text!r} is no price in {currency}: write {plain(123 * 10**places, currency)}")
    minor = int(Decimal(found[0]).scaleb(places))
    if not 0 < minor <= MOST_MINOR:
        raise Refused(f"{text!r} is no price in {currency}: it is out of range")
    return minor


def read_per_base(text: str) -> Decimal:
    """So much of the currency is one of the shop's own: a plain decimal number with a point."""
    if not re.fullmatch(r"[0-9]{1,7}(\.[0-9]{1,8})?", text, re.ASCII):
        raise Refused(f"{text!r} is no rate: write a number such as 163.25")
    rate = Decimal(text)
    if not LEAST_RATE <= rate <= MOST_RATE:
        raise Refused(f"{text!r} is no rate: it is out of range")
    return rate


def _row(row: list[str], line: int) -> PricedSku:
    if len(row) != len(HEADER):
        raise Refused(f"line {line}: {len(HEADER)} columns are wanted, there are {len(row)}")
    sku, currency, price = (cell.strip() for cell in row)
    try:
        return PricedSku(_meant(sku), read_currency(currency), read_price(price, currency))
    except Refused as refused:
        raise Refused(f"line {line}: {refused.message}") from None


def _meant(cell: str) -> str:
    """Without the apostrophe that `written` puts in front of what looks like a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULAS) else cell

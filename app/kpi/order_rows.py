"""Rows of a file of orders: which column is which, and what one row says. Pure: no I/O, no clock.

A row is a line of an order. Numbers that begin with C are cancellations, with A adjustments; lines without a
price or with a negative quantity count nowhere. A row that cannot be understood is refused with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from app.errors import Refused

# What the columns of a file are called elsewhere.
NAMES: dict[str, tuple[str, ...]] = {
    "order_id": ("order_id", "invoice", "invoiceno", "invoice_no", "order", "order_number", "order_no"),
    "at": ("ordered_at", "invoice_date", "invoicedate", "paid_at", "order_date", "created_at", "date", "at"),
    "quantity": ("quantity", "qty", "units", "lineitem_quantity"),
    "price": ("unit_price", "unitprice", "price", "lineitem_price"),
    "customer": ("customer_id", "customerid", "customer", "user_id", "customer_no"),
    "country": ("country", "country_code", "shipping_country", "billing_country"),
    "currency": ("currency", "currency_code"),
    "category": ("category", "product_category", "product_type"),
    "locale": ("locale", "language"),
    "device": ("device", "device_type"),
    "discount": ("discount", "discount_amount", "lineitem_discount"),
    "shipping": ("shipping", "shipping_amount"),
    "tax": ("tax", "tax_amount", "taxes"),
}
NEEDED = ("order_id", "at", "quantity", "price")
CURRENCIES = frozenset(
    """
    AED AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JPY KES KRW KWD MAD MXN
    MYR NGN NOK NZD PEN PHP PLN QAR RON RSD SAR SEK SGD THB TRY TWD UAH USD VND ZAR
    """.split()  # noqa: SIM905 # one below the other they would fill a page
)
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LONGEST_TEXT = 200
AMOUNT = re.compile(r"-?\d{1,9}(\.\d{1,4})?\Z")
QUANTITY = re.compile(r"-?\d{1,9}(\.\d{1,2})?\Z")
# Control characters (one of them stands between the members of two dimensions) and halves of characters.
UNCLEAN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
CANCELLED, ADJUSTED = re.compile(r"[Cc]\d"), re.compile(r"[Aa]\d")


class Line(NamedTuple):
    """One row, understood. Money is exact, in hundredths; nothing is rounded before it is shown."""

    kind: str  # sale, cancel, adjust or other
    order_id: str
    customer: str  # "": nobody knows
    at: datetime
    currency: str
    country: str
    category: str
    locale: str
    device: str
    cents: Decimal
    quantity: Decimal
    discount_cents: Decimal
    shipping_cents: Decimal
    tax_cents: Decimal


class Wrong(Exception):  # it names a row, not a fault of ours
    """Why a row is refused."""


@dataclass(frozen=True)
class Reading:
    """How the rows of one file are read."""

    columns: Mapping[str, int]  # what → place
    width: int
    zone: str  # of times without one
    currency: str  # of rows without one
    latest: datetime  # what is later has not happened yet
    date_format: str | None = None


def normal(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")


def columns(
    header: Sequence[str],
    chosen: Mapping[str, str],
    names: Mapping[str, tuple[str, ...]] = NAMES,
    needed: Sequence[str] = NEEDED,
) -> dict[str, int]:
    """What stands where: as chosen, else by the names that are usual. `Refused` names what is missing."""
    places = {normal(name): place for place, name in reversed(list(enumerate(header)))}
    wrong: dict[str, object] = {}
    found: dict[str, int] = {}
    for what, name in chosen.items():
        if what not in names:
            wrong[what] = _l("There is no such field. Choose one of: %(names)s.", names=", ".join(names))
        elif normal(name) not in places:
            wrong[what] = _l("The file has no column %(name)s.", name=name[:60])
        else:
            found[what] = places[normal(name)]
    for what, usual in names.items():
        place = next((places[name] for name in usual if name in places), None)
        if what not in found and what not in chosen and place is not None:
            found[what] = place
    for what in needed:
        if what not in found and what not in wrong:
            wrong[what] = _l("No column was found. Say which with --map %(what)s=NAME.", what=what)
    if wrong:
        raise Refused(_l("The columns of the file are not clear. Nothing was taken in."), wrong)
    return found


class Reader:
    """Reads rows one after another; times that were read before are remembered."""

    def __init__(self, how: Reading) -> None:
        self._how = how
        self._zone = ZoneInfo(how.zone)
        self._times: dict[str, datetime] = {}

    def line(self, cells: Sequence[str]) -> Line:
        """Raises `Wrong` with the reason in words."""
        how = self._how
        if len(cells) != how.width:
            raise Wrong(_l("It has %(found)s cells, not %(wanted)s.", found=len(cells), wanted=how.width))
        if "\0" in "".join(cells):
            raise Wrong(_l("It holds a NUL character."))
        order_id = self._text(cells, "order_id")
        if not order_id:
            raise Wrong(_l("It has no order number."))
        quantity = self._number(cells, "quantity", QUANTITY)
        price = self._number(cells, "price", AMOUNT)
        return Line(
            _kind(order_id, quantity, price),
            order_id,
            self._text(cells, "customer").removesuffix(".0"),
            self._at(self._cell(cells, "at")),
            self._currency(cells),
            self._text(cells, "country"),
            self._text(cells, "category"),
            self._text(cells, "locale"),
            self._text(cells, "device"),
            quantity * price * 100,
            quantity,
            self._money(cells, "discount"),
            self._money(cells, "shipping"),
            self._money(cells, "tax"),
        )

    def _cell(self, cells: Sequence[str], what: str) -> str:
        place = self._how.columns.get(what)
        return "" if place is None else cells[place].strip()

    def _text(self, cells: Sequence[str], what: str) -> str:
        found = self._cell(cells, what)
        if len(found) > LONGEST_TEXT:
            raise Wrong(_l("%(what)s is longer than %(most)s characters.", what=what, most=LONGEST_TEXT))
        refuse_unclean(found)
        return found

    def _number(self, cells: Sequence[str], what: str, form: re.Pattern[str]) -> Decimal:
        found = self._cell(cells, what)
        if not form.match(found):
            raise Wrong(_l("%(what)s is not a number: %(found)s", what=what, found=found[:40] or "–"))
        return Decimal(found)

    def _money(self, cells: Sequence[str], what: str) -> Decimal:
        if not self._cell(cells, what):
            return Decimal(0)
        found = self._number(cells, what, AMOUNT)
        if found < 0:
            raise Wrong(_l("%(what)s is below zero.", what=what))
        return found * 100

    def _currency(self, cells: Sequence[str]) -> str:
        found = self._cell(cells, "currency").upper() or self._how.currency
        if found not in CURRENCIES:
            raise Wrong(_l("The currency %(found)s is not known.", found=found[:10]))
        return found

    def _at(self, found: str) -> datetime:
        if (known := self._times.get(found)) is not None:
            return known
        if len(self._times) > 100_000:
            self._times.clear()
        self._times[found] = read_moment(found, self._zone, self._how.latest, self._how.date_format)
        return self._times[found]


def refuse_unclean(found: str) -> None:
    if UNCLEAN.search(found):
        raise Wrong(_l("Leave out control characters."))


def read_moment(found: str, zone: ZoneInfo, latest: datetime, date_format: str | None = None) -> datetime:
    """In UTC. A time of the hour that clocks skip is refused; of an hour that comes twice it is the first."""
    try:
        at = _parsed(found, date_format)
        local = at if at.tzinfo else at.replace(tzinfo=zone)
        moment = local.astimezone(UTC)
        again = moment.astimezone(zone).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise Wrong(_l("This is not a date and time: %(found)s", found=found[:40] or "–")) from None
    if at.tzinfo is None and again != at:
        raise Wrong(_l("The clocks of %(zone)s never showed %(found)s.", zone=zone.key, found=found[:40]))
    if not EARLIEST <= moment <= latest:
        raise Wrong(_l("This is not a time of the past: %(found)s", found=found[:40]))
    return moment


def _parsed(found: str, date_format: str | None) -> datetime:
    if date_format is None:
        return datetime.fromisoformat(found)
    return datetime.strptime(found, date_format)  # noqa: DTZ007 # its zone is that of the file


def _kind(order_id: str, quantity: Decimal, price: Decimal) -> str:
    if CANCELLED.match(order_id):
        return "cancel"
    if ADJUSTED.match(order_id):
        return "adjust"
    return "sale" if quantity > 0 and price > 0 else "other"


def latest(now: datetime) -> datetime:
    """Clocks differ a little."""
    return now + timedelta(minutes=5)

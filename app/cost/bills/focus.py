"""A row of a bill in the FOCUS format, 1.0 to 1.2 (https://focus.finops.org). Pure: no I/O, no clock.

`NULL`, `null` and nothing are the same: no value. Columns that the format does not know (there are always
some) are read past, but belong to what tells one row from another.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Any, cast

from flask_babel import lazy_gettext as _l

from app.cost.money import read_amount
from app.errors import Refused

MOST_COLUMNS = 1_000
LONGEST_TEXT = 2_000
LONGEST_SPAN = timedelta(days=366 * 5)
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
NOTHING = frozenset({"", "NULL", "null", "Null"})
CURRENCY = re.compile(r"[A-Za-z][A-Za-z0-9 _.-]{1,19}")  # a virtual one may be called Token
ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?"
)
AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2}|\d{4})")
CATEGORIES = ("Usage", "Purchase", "Tax", "Credit", "Adjustment")
REQUIRED = (
    "BilledCost",
    "EffectiveCost",
    "BillingPeriodStart",
    "BillingPeriodEnd",
    "ChargeCategory",
    "ChargePeriodStart",
    "ChargePeriodEnd",
)
AMOUNTS = (
    "ListCost",
    "ContractedCost",
    "ConsumedQuantity",
    "PricingCurrencyEffectiveCost",
    "CommitmentDiscountQuantity",
)
TEXTS = {
    "charge_class": "ChargeClass",
    "frequency": "ChargeFrequency",
    "description": "ChargeDescription",
    "account": "BillingAccountId",
    "sub_account": "SubAccountId",
    "service_category": "ServiceCategory",
    "service": "ServiceName",
    "region": "RegionId",
    "resource": "ResourceId",
    "resource_name": "ResourceName",
    "sku": "SkuId",
    "consumed_unit": "ConsumedUnit",
    "pricing_currency": "PricingCurrency",
    "commitment": "CommitmentDiscountId",
    "commitment_status": "CommitmentDiscountStatus",
}
# ServiceCategory of the format → our components.
COMPONENTS = {
    "AI and Machine Learning": "ai",
    "Compute": "hosting",
    "Storage": "hosting",
    "Web": "hosting",
    "Databases": "database",
    "Analytics": "database",
    "Networking": "cache",
    "Media": "cache",
    "Integration": "queue",
    "Management and Governance": "monitoring",
    "Security": "operations",
    "Identity": "operations",
    "Developer Tools": "operations",
}


class Wrong(Exception):
    """A row that cannot be taken; the message says why."""


@dataclass(frozen=True)
class Charge:
    """One row. Amounts are exact, in units of `currency`."""

    row_key: bytes  # of all cells, whatever the order of the columns
    provider: str
    account: str
    billing_start: date
    billing_end: date
    charge_start: datetime
    charge_end: datetime
    category: str
    currency: str
    billed: Decimal
    effective: Decimal
    list_cost: Decimal | None
    contracted: Decimal | None
    consumed: Decimal | None
    pricing_effective: Decimal | None  # in the pricing currency, which may be a virtual one
    commitment_quantity: Decimal | None
    component: str
    feature: str
    tags: Mapping[str, str]
    charge_class: str
    frequency: str
    description: str
    sub_account: str
    service_category: str
    service: str
    region: str
    resource: str
    resource_name: str
    sku: str
    consumed_unit: str
    pricing_currency: str
    commitment: str
    commitment_status: str


@dataclass(frozen=True)
class Header:
    """Where each column stands. `order`: by name, so that their order in the file means nothing."""

    at: Mapping[str, int]
    width: int
    order: Sequence[int]
    unknown: Sequence[str] = field(default=())


@dataclass(frozen=True)
class Defaults:
    """What holds where the file does not say."""

    currency: str
    provider: str = ""
    feature_tag: str = "feature"
    component_tag: str = "component"
    components: frozenset[str] = frozenset(COMPONENTS.values())


KNOWN = frozenset({*REQUIRED, *AMOUNTS, *TEXTS.values()}) | {
    "BillingCurrency",
    "ProviderName",
    "InvoiceIssuerName",
    "Tags",
}


def read_header(cells: Sequence[str]) -> Header:
    """Refuses a file that is not of this format, naming every column that it lacks."""
    if len(cells) > MOST_COLUMNS:
        raise Refused(
            _l(
                "The file has %(count)s columns; at most %(most)s are read.",
                count=len(cells),
                most=MOST_COLUMNS,
            )
        )
    names = [cell.strip() for cell in cells]
    twice = sorted({name for name in names if name in KNOWN and names.count(name) > 1})
    if twice:
        raise Refused(_l("These columns are there twice: %(columns)s.", columns=", ".join(twice)))
    at = {name: index for index, name in enumerate(names) if name in KNOWN}
    missing = [name for name in REQUIRED if name not in at]
    if missing:
        raise Refused(
            _l("This is not a FOCUS bill: the columns %(columns)s are missing.", columns=", ".join(missing))
        )
    order = sorted(range(len(names)), key=lambda index: (names[index], index))
    return Header(at, len(names), order, tuple(name for name in names if name not in KNOWN))


def read_row(cells: Sequence[str], header: Header, defaults: Defaults) -> Charge:
    """Raises `Wrong` with the reason."""
    if len(cells) != header.width:
        raise Wrong(f"{len(cells)} cells instead of {header.width}")
    row = {name: _value(cells[index]) for name, index in header.at.items()}
    texts = {name: _text(row, column) for name, column in TEXTS.items()}
    start, end = _moment(row, "ChargePeriodStart"), _moment(row, "ChargePeriodEnd")
    billing_start, billing_end = _moment(row, "BillingPeriodStart"), _moment(row, "BillingPeriodEnd")
    if end <= start or billing_end <= billing_start:
        raise Wrong("a period ends before it starts")
    if end - start > LONGEST_SPAN:
        raise Wrong("the charge period is longer than five years")
    tags = _tags(row.get("Tags", ""))
    return Charge(
        row_key=_key(cells, header),
        provider=_text(row, "ProviderName") or _text(row, "InvoiceIssuerName") or defaults.provider,
        billing_start=billing_start.date(),
        billing_end=billing_end.date(),
        charge_start=start,
        charge_end=end,
        category=_category(row["ChargeCategory"]),
        currency=_currency(row, defaults),
        tags=tags,
        component=_component(tags, texts["service_category"], defaults),
        feature=_tag(tags, defaults.feature_tag),
        billed=_amount(row, "BilledCost"),
        effective=_amount(row, "EffectiveCost"),
        list_cost=_maybe(row, "ListCost"),
        contracted=_maybe(row, "ContractedCost"),
        consumed=_maybe(row, "ConsumedQuantity"),
        pricing_effective=_maybe(row, "PricingCurrencyEffectiveCost"),
        commitment_quantity=_maybe(row, "CommitmentDiscountQuantity"),
        **cast("Any", texts),
    )


def _key(cells: Sequence[str], header: Header) -> bytes:
    told = "\x1f".join([cells[index].strip() for index in header.order])
    return blake2b(told.encode(), digest_size=16).digest()


def _value(cell: str) -> str:
    bare = cell.strip()
    return "" if bare in NOTHING else bare


def _text(row: Mapping[str, str], column: str) -> str:
    return row.get(column, "")[:LONGEST_TEXT]


def _amount(row: Mapping[str, str], column: str) -> Decimal:
    found = _maybe(row, column)
    if found is None:
        raise Wrong(f"{column} is empty")
    return found


def _maybe(row: Mapping[str, str], column: str) -> Decimal | None:
    text = row.get(column, "")
    if not text:
        return None
    value = read_amount(text)
    if value is None:
        raise Wrong(f"{column} is not an amount: {text[:40]}")
    return value


def _currency(row: Mapping[str, str], defaults: Defaults) -> str:
    if "BillingCurrency" not in row:
        return defaults.currency
    text = row["BillingCurrency"]
    if not CURRENCY.fullmatch(text):
        raise Wrong(f"BillingCurrency is not a currency: {text[:40]}")
    return text.upper()


def _category(text: str) -> str:
    found = text.capitalize()
    if found not in CATEGORIES:
        raise Wrong(f"ChargeCategory is none of {', '.join(CATEGORIES)}: {text[:40]}")
    return found


def _moment(row: Mapping[str, str], column: str) -> datetime:
    text = row[column]
    found = read_moment(text)
    if found is None:
        raise Wrong(f"{column} is not a time: {text[:40]}")
    if not EARLIEST <= found <= LATEST:
        raise Wrong(f"{column} lies outside 2000 to 2099: {text[:40]}")
    return found


def read_moment(text: str) -> datetime | None:
    """ISO 8601, or month/day/year as spreadsheets write it. An hour past 24 runs on into the next day."""
    try:
        if found := ISO.fullmatch(text):
            year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
            if hour > 47:
                return None
            start = datetime(year, month, day, 0, minute, second, tzinfo=UTC) + timedelta(hours=hour)
            return start - _offset(found[7])
        if found := AMERICAN.fullmatch(text):
            month, day, year = (int(part) for part in found.groups())
            return datetime(year + 2000 if year < 100 else year, month, day, tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return None


def _offset(zone: str | None) -> timedelta:
    if zone in (None, "Z", "UTC"):
        return timedelta()
    digits = zone.replace(":", "") if zone else ""
    length = timedelta(hours=int(digits[1:3]), minutes=int(digits[3:5]))
    return -length if digits[0] == "-" else length


def _tags(text: str) -> dict[str, str]:
    """Tags that are no JSON object are no tags; the money of the row is right all the same."""
    if not text:
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(key)[:200]: str(value)[:500] for key, value in list(found.items())[:100]}


def _tag(tags: Mapping[str, str], wanted: str) -> str:
    return next((value[:200] for key, value in tags.items() if key.lower() == wanted.lower()), "")


def _component(tags: Mapping[str, str], category: str, defaults: Defaults) -> str:
    named = _tag(tags, defaults.component_tag).lower()
    return named if named in defaults.components else COMPONENTS.get(category, "other")


def is_blank(cells: Iterable[str]) -> bool:
    return not any(cell.strip() for cell in cells)

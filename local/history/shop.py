"""The thirty days in the shop's own tables, marked as demo: accounts, orders, usage events."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from random import Random
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from local.history import shape
from local.history.life import PAGES, Account, Hit, Life, Purchase
from local.machine import CannotStart
from storefront.cart.delivery import COUNTRIES
from storefront.cart.totals import PricedLine, Totals, totals

CURRENCY = "EUR"
POPULAR = 2.2  # how much oftener the popular goods are looked at: 1 would be all alike
CARDS = (("visa", "4242"), ("mastercard", "4444"))
# A password hash that no password has.
NO_PASSWORD = "!"  # nosec B105 # a name, no password

Row = dict[str, Any]  # column → value

GOODS = """
SELECT variant.id AS variant_id, product.id AS product_id, product.slug, category.slug AS category,
       variant.sku, variant.price_cents, words.name
FROM variants AS variant
JOIN products AS product ON product.id = variant.product_id
JOIN categories AS category ON category.id = product.category_id
JOIN product_texts AS words ON words.product_id = product.id AND words.locale = 'en'
WHERE product.is_active
ORDER BY product.popularity DESC, variant.id
"""


@dataclass(frozen=True)
class Good:
    variant_id: int
    product_id: int
    slug: str
    category: str
    sku: str
    price_cents: int
    name: str


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True, options="-c timezone=UTC")


def write(connection: psycopg.Connection, life: Life, until: datetime) -> None:
    """All or nothing. The catalogue must be there."""
    with connection.transaction(), connection.cursor(row_factory=class_row(Good)) as cursor:
        goods = cursor.execute(GOODS).fetchall()
        if not goods:
            raise CannotStart("The shop has no products yet: make its catalogue before the demo history.")
        _make_partitions(connection, life)
        accounts = _write_accounts(connection, life.accounts)
        _write_orders(connection, life.purchases, goods, accounts, until)
        _write_events(connection, life, goods, accounts)
        _write_exposures(connection, life.hits, accounts)


def remove(connection: psycopg.Connection) -> None:
    with connection.transaction():
        connection.execute("DELETE FROM orders WHERE is_demo")  # takes lines and payments along
        connection.execute("DELETE FROM usage_events WHERE is_demo")
        connection.execute("DELETE FROM exposures WHERE is_demo")
        connection.execute("DELETE FROM users WHERE is_demo")


def _make_partitions(connection: psycopg.Connection, life: Life) -> None:
    months = {_moment(hit.at).date().replace(day=1) for hit in life.hits}
    for month in sorted(months):
        connection.execute("SELECT make_usage_partition(%s)", [month])


def _write_accounts(connection: psycopg.Connection, accounts: list[Account]) -> list[int]:
    ids = _reserve(connection, "users", len(accounts))
    rows = (
        {
            "id": number,
            "email": f"shopper-{number}@demo.example",
            "name": f"Demo Shopper {number}",
            "password_hash": NO_PASSWORD,
            "locale": account.locale,
            "country": account.country,
            "created_at": _moment(account.created_at),
            "is_demo": True,
        }
        for number, account in zip(ids, accounts, strict=True)
    )
    _copy(connection, "users", rows)
    return ids


def _write_orders(
    connection: psycopg.Connection,
    purchases: list[Purchase],
    goods: Sequence[Good],
    accounts: list[int],
    until: datetime,
) -> None:
    random = Random(shape.SEED)  # nosec B311 # no secret
    orders, lines, payments = [], [], []
    for number, purchase in zip(_reserve(connection, "orders", len(purchases)), purchases, strict=True):
        bought = _bought(purchase, goods)
        sums = _sums(purchase, bought)
        orders.append(_order(number, purchase, sums, accounts, until, random))
        lines += [_line(number, purchase.at, good, quantity) for good, quantity in bought.items()]
        payments.append(_payment(number, purchase, sums.total_cents, random))
    _copy(connection, "orders", orders)
    _copy(connection, "order_lines", lines)
    _copy(connection, "payments", payments)


def _order(
    number: int, purchase: Purchase, sums: Totals, accounts: list[int], until: datetime, random: Random
) -> Row:
    placed = _moment(purchase.at)
    confirmed = placed + timedelta(seconds=4 + random.expovariate(1 / 20))
    is_paid = purchase.outcome in ("captured", "refunded")
    is_confirmed = is_paid and confirmed < until
    paid = "refunded" if purchase.outcome == "refunded" else "confirmed" if is_confirmed else "paid"
    return {
        "id": number,
        "key": f"{random.getrandbits(128):032x}",  # nosec B311 # no secret
        "status": paid if is_paid else "cancelled",
        "placed_at": placed,
        "paid_at": placed + timedelta(seconds=1) if is_paid else None,
        "confirmed_at": confirmed if is_confirmed else None,
        "cancelled_at": None if is_paid else placed + timedelta(seconds=2),
        "currency": CURRENCY,
        "gross_cents": sums.gross_cents,
        "discount_cents": sums.discount_cents,
        "shipping_cents": sums.shipping_cents,
        "tax_cents": sums.tax_cents,
        "tax_rate_bp": sums.tax_rate_bp,
        "total_cents": sums.total_cents,
        "refunded_cents": sums.total_cents if purchase.outcome == "refunded" else 0,
        "email": f"order-{number}@demo.example",
        "name": "Demo Shopper",
        "street": "Demo Street 1",
        "city": "Demo City",
        "postcode": "00000",
        **_who(purchase, accounts),
        "is_demo": True,
    }


def _line(number: int, at: float, good: Good, quantity: int) -> Row:
    return {
        "order_id": number,
        "placed_at": _moment(at),
        "variant_id": good.variant_id,
        "product_id": good.product_id,
        "category": good.category,
        "name": good.name,
        "sku": good.sku,
        "quantity": quantity,
        "unit_price_cents": good.price_cents,
    }


def _payment(number: int, purchase: Purchase, amount_cents: int, random: Random) -> Row:
    brand, last4 = random.choice(CARDS)  # nosec B311 # no secret
    at = _moment(purchase.at)
    return {
        "order_id": number,
        "key": f"demo-{random.getrandbits(128):032x}",  # nosec B311 # no secret
        "outcome": purchase.outcome,
        "amount_cents": amount_cents,
        "currency": CURRENCY,
        "card_brand": brand,
        "card_last4": last4,
        "reason": "insufficient_funds" if purchase.outcome == "declined" else "",
        "created_at": at,
        "settled_at": at + timedelta(seconds=1),
    }


def _bought(purchase: Purchase, goods: Sequence[Good]) -> dict[Good, int]:
    """The same thing picked twice is one line."""
    found: dict[Good, int] = {}
    for pick, quantity in purchase.picks:
        good = picked(goods, pick)
        found[good] = found.get(good, 0) + quantity
    return found


def picked(goods: Sequence[Good], pick: float) -> Good:
    return goods[int(len(goods) * pick**POPULAR)]


def _sums(purchase: Purchase, bought: dict[Good, int]) -> Totals:
    lines = [PricedLine(good.variant_id, quantity, good.price_cents) for good, quantity in bought.items()]
    return totals(lines, COUNTRIES[purchase.visit.visitor.country])


def _write_events(
    connection: psycopg.Connection, life: Life, goods: Sequence[Good], accounts: list[int]
) -> None:
    random = Random(shape.SEED)  # nosec B311 # no secret

    def event(happened: Hit | Purchase, kind: str, path: str) -> Row:
        return {
            "event_id": f"{random.getrandbits(128):032x}",  # nosec B311 # no secret
            "at": _moment(happened.at),
            "kind": kind,
            "path": path,
            **_who(happened, accounts),
            "is_demo": True,
        }

    seen = (event(hit, PAGES[hit.page].kind, _path(hit, goods)) for hit in life.hits if PAGES[hit.page].kind)
    ordered = (
        event(purchase, "order_complete", f"/{purchase.visit.visitor.locale}/checkout")
        for purchase in life.purchases
        if purchase.outcome in ("captured", "refunded")
    )
    _copy(connection, "usage_events", chain(seen, ordered))


def _write_exposures(connection: psycopg.Connection, hits: list[Hit], accounts: list[int]) -> None:
    """Hits are in the order of time: the first of a day says when the shopper met the variant."""
    met: dict[tuple[str, str, date], Row] = {}
    for hit in hits:
        if not hit.variant:
            continue
        key = (hit.visit.visitor.visitor_id, hit.variant, _moment(hit.at).date())
        row = met.setdefault(key, _exposure(hit, accounts))
        row["pages"] += 1
        row["failed_pages"] += not hit.is_good
        row["seconds"] += hit.seconds
    _copy(connection, "exposures", met.values())


def _exposure(hit: Hit, accounts: list[int]) -> Row:
    who = _who(hit, accounts)
    return {
        "flag": shape.FLAG,
        "variant": hit.variant,
        "day": _moment(hit.at).date(),
        "first_at": _moment(hit.at),
        **{name: who[name] for name in ("visitor_id", "user_id", "locale", "country", "device")},
        "pages": 0,
        "failed_pages": 0,
        "seconds": 0.0,
        "is_demo": True,
    }


def _path(hit: Hit, goods: Sequence[Good]) -> str:
    path = PAGES[hit.page].route.replace("<locale>", hit.visit.visitor.locale)
    return path.replace("<slug>", picked(goods, hit.pick).slug).replace("/<number>", "")


def _who(happened: Hit | Purchase, accounts: list[int]) -> Row:
    """What orders and events say alike about the shopper."""
    visit, visitor = happened.visit, happened.visit.visitor
    account = visitor.account if visit.signed_in else None
    return {
        "session_id": visit.session_id,
        "visitor_id": visitor.visitor_id,
        "user_id": None if account is None else accounts[account],
        "locale": visitor.locale,
        "country": visitor.country,
        "device": visitor.device,
        "flags": json.dumps({shape.FLAG: happened.variant} if happened.variant else {}),
    }


def _reserve(connection: psycopg.Connection, table: str, count: int) -> list[int]:
    """Numbers that nobody else will get."""
    rows = connection.execute(
        "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
    )
    return [int(number) for (number,) in rows]


def _copy(connection: psycopg.Connection, table: str, rows: Iterable[Row]) -> None:
    """All rows name the same columns in the same order."""
    remaining = iter(rows)
    first = next(remaining, None)
    if first is None:
        return
    names = sql.SQL(", ").join(map(sql.Identifier, first))
    target = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    with connection.cursor() as cursor, cursor.copy(target) as copy:
        for row in chain([first], remaining):
            copy.write_row(tuple(row.values()))


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)

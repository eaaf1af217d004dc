"""Facts of the shop, written as its tables hold them: orders, refunds and visits at chosen moments."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.orm import Session

_numbers = itertools.count(1)
_ORDER = text("""
    INSERT INTO orders (key, status, placed_at, paid_at, currency, gross_cents, discount_cents,
        shipping_cents, tax_cents, tax_rate_bp, total_cents, email, name, street, city, postcode, country,
        locale, device, visitor_id, session_id)
    VALUES (:key, :status, :at, :paid_at, 'EUR', :gross, :discount, 500, 0, 1900, :gross - :discount + 500,
        'a@example.org', 'A', 'S', 'C', '1', 'DE', 'de', 'desktop', :visitor, :session)
    RETURNING id
""")
_REFUND = text("""
    INSERT INTO payments (order_id, key, outcome, amount_cents, currency, created_at, settled_at)
    VALUES (:order_id, :key, 'refunded', :amount, 'EUR', :at, :at)
""")
_EVENT = text("""
    INSERT INTO usage_events (event_id, at, session_id, visitor_id, user_id, kind, path, locale, country,
        device, flags) VALUES (:id, :at, :session, :visitor, :user, :kind, '/', 'de', 'DE', 'desktop', '{}')
""")


def order(
    session: Session,
    at: datetime,
    gross: int = 10_000,
    *,
    discount: int = 0,
    visit: str = "",
    paid: bool = True,
    status: str = "paid",
) -> int:
    """Shipping is 5.00; the total is gross − discount + shipping."""
    values = {
        "key": f"order-{next(_numbers)}",
        "status": status if paid else "pending",
        "at": at,
        "paid_at": at + timedelta(seconds=2) if paid else None,
        "gross": gross,
        "discount": discount,
        "visitor": f"of {visit}",
        "session": visit or f"unseen-{next(_numbers)}",
    }
    return int(session.scalar(_ORDER, values) or 0)


def refund(session: Session, order_id: int, amount: int, at: datetime) -> None:
    values = {"order_id": order_id, "key": f"refund-{next(_numbers)}", "amount": amount, "at": at}
    session.execute(_REFUND, values)


def visit(
    session: Session, at: datetime, name: str, *, visitor: str = "", user: int | None = None, pages: int = 2
) -> None:
    """So many pages, a minute apart."""
    for page in range(pages):
        values = {
            "id": uuid4(),
            "at": at + timedelta(minutes=page),
            "session": name,
            "visitor": visitor or f"of {name}",
            "user": user,
            "kind": "page_view",
        }
        session.execute(_EVENT, values)


def prepare(session: Session, first: datetime, last: datetime) -> None:
    """Partitions for the usage events of these months."""
    month = first.replace(day=1)
    while month <= last:
        session.execute(text("SELECT make_usage_partition(:month)"), {"month": month.date()})
        month = (month + timedelta(days=32)).replace(day=1)

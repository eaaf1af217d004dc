"""Everything that is kept of one person, as plain values: a copy to take along (GDPR, articles 15 and 20)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Session

from storefront.cart.models import Cart, CartLine
from storefront.exposures import Exposure
from storefront.orders.models import Order, OrderLine
from storefront.payments.models import Payment
from storefront.privacy.subject import Subject, carts_of, orders_of, visitors_of
from storefront.usage import UsageEvent
from storefront.users.models import SignInNote, User, UserSession

# What would let whoever holds the file act as the person.
LEFT_OUT = frozenset({"password_hash", "token_hash", "key", "gateway_reference"})


def export(session: Session, subject: Subject, now: datetime) -> dict[str, Any]:
    visitors = visitors_of(session, subject)
    orders = orders_of(session, subject)
    user = session.get(User, subject.user_id) if subject.user_id is not None else None
    return {
        "made_at": now.isoformat(),
        "account": None if user is None else _row(user),
        "sessions": _rows(session, sa.select(UserSession).where(UserSession.user_id == subject.user_id)),
        "sign_ins": _rows(
            session,
            sa.select(SignInNote).where(SignInNote.user_id == subject.user_id).order_by(SignInNote.at),
        ),
        "cart": _cart(session, subject, visitors),
        "orders": [_order(session, order) for order in orders],
        "visits": _visits(session, subject, visitors),
        "features_met": _rows(
            session,
            sa.select(Exposure).where(_theirs(Exposure, subject, visitors)).order_by(Exposure.first_at),
        ),
    }


def _cart(session: Session, subject: Subject, visitors: Sequence[str]) -> list[dict[str, Any]]:
    lines = sa.select(CartLine).join(Cart, Cart.id == CartLine.cart_id).where(carts_of(subject, visitors))
    return _rows(session, lines.order_by(CartLine.id))


def _order(session: Session, order: Order) -> dict[str, Any]:
    lines = sa.select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.id)
    payments = sa.select(Payment).where(Payment.order_id == order.id).order_by(Payment.id)
    return {**_row(order), "lines": _rows(session, lines), "payments": _rows(session, payments)}


def _visits(session: Session, subject: Subject, visitors: Sequence[str]) -> list[dict[str, Any]]:
    events = sa.select(UsageEvent).where(_theirs(UsageEvent, subject, visitors))
    return _rows(session, events.order_by(UsageEvent.at))


def _theirs(
    table: type[UsageEvent] | type[Exposure], subject: Subject, visitors: Sequence[str]
) -> sa.ColumnElement[bool]:
    """Of a browser that several share: what nobody or the subject did while signed in."""
    of_browser = sa.and_(
        table.visitor_id.in_(visitors), sa.or_(table.user_id.is_(None), table.user_id == subject.user_id)
    )
    return of_browser if subject.user_id is None else sa.or_(of_browser, table.user_id == subject.user_id)


def _rows(session: Session, query: sa.Select[Any]) -> list[dict[str, Any]]:
    return [_row(row) for row in session.scalars(query)]


def _row(row: DeclarativeBase) -> dict[str, Any]:
    columns: Iterable[sa.Column[Any]] = row.__table__.columns  # type: ignore[assignment]
    return {one.name: _plain(getattr(row, one.name)) for one in columns if one.name not in LEFT_OUT}


def _plain(value: object) -> object:
    match value:
        case datetime() | date():
            return value.isoformat()
        case UUID() | Decimal():
            return str(value)
        case _:
            return value

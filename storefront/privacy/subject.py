"""Whose data it is: an account, the orders of guests under one address, or both; and which rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storefront.cart.models import Cart
from storefront.exposures import Exposure
from storefront.orders.models import Order
from storefront.usage import UsageEvent
from storefront.users.models import User
from storefront.users.rules import normal_email


@dataclass(frozen=True)
class Subject:
    """An account's address was never proven, so it brings along no orders of guests by itself."""

    user_id: int | None = None
    guest_email: str | None = None  # proven by a mail, or asked for by the shop's staff
    visitors: tuple[str, ...] = ()  # besides those that orders and events name


def of_address(session: Session, email: str) -> Subject:
    """Everything under an address, for the shop's staff."""
    normal = normal_email(email)
    return Subject(session.scalar(sa.select(User.id).where(User.email == normal)), normal)


def orders_of(session: Session, subject: Subject) -> Sequence[Order]:
    return session.scalars(sa.select(Order).where(mine(subject)).order_by(Order.id)).all()


def mine(subject: Subject) -> sa.ColumnElement[bool]:
    """The subject's orders."""
    by_guest = sa.and_(Order.user_id.is_(None), sa.func.lower(Order.email) == subject.guest_email)
    wanted = [
        *([Order.user_id == subject.user_id] if subject.user_id is not None else []),
        *([by_guest] if subject.guest_email else []),
    ]
    return sa.or_(sa.false(), *wanted)


def visitors_of(session: Session, subject: Subject) -> list[str]:
    """Every browser that the subject is known to have used."""
    queries = [sa.select(Order.visitor_id).where(mine(subject))]
    if subject.user_id is not None:
        queries += [
            sa.select(UsageEvent.visitor_id).where(UsageEvent.user_id == subject.user_id),
            sa.select(Exposure.visitor_id).where(Exposure.user_id == subject.user_id),
        ]
    found = session.scalars(sa.union(*queries)).all()
    return sorted({*found, *subject.visitors} - {""})


def carts_of(subject: Subject, visitors: Sequence[str]) -> sa.ColumnElement[bool]:
    if subject.user_id is None:
        return Cart.visitor_id.in_(visitors)
    return sa.or_(Cart.user_id == subject.user_id, Cart.visitor_id.in_(visitors))

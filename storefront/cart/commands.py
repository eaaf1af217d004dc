"""Changes of a cart. Each locks the cart's row first: changes and the checkout come one after another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storefront.cart.models import Cart, CartLine
from storefront.cart.quantity import MOST, check_stock, refuse
from storefront.cart.queries import of
from storefront.errors import Conflict, NotFound
from storefront.outbox import changed
from storefront.products.queries import VariantFacts, variants_by_id
from storefront.shopper import VISITOR_DAYS, Shopper

MOST_LINES = 100
LEFT = timedelta(days=VISITOR_DAYS)  # no browser remembers whose such a cart is


def add(session: Session, shopper: Shopper, variant_id: int, quantity: int, now: datetime) -> None:
    """The same item again makes its row's quantity higher. Stock is looked at; only an order takes it."""
    facts = for_sale(session, variant_id, shopper.locale)
    cart_id = _own_cart(session, shopper, now)
    held = session.scalars(
        sa.select(CartLine.quantity).where(CartLine.cart_id == cart_id, CartLine.variant_id == variant_id)
    ).one_or_none()
    if held is None:
        _check_room(session, cart_id)
    wanted = (held or 0) + quantity
    if wanted > MOST:
        refuse(_l("At most %(most)s of one item fit into a cart", most=MOST))
    check_stock(wanted, facts.stock)
    _put(session, cart_id, {variant_id: quantity}, now)
    _touch(session, cart_id, now)


def change(session: Session, shopper: Shopper, line_id: int, quantity: int, now: datetime) -> None:
    cart_id = _locked(session, shopper)
    line = session.get(CartLine, line_id)
    if line is None or line.cart_id != cart_id:
        raise NotFound(_l("This item is not in your cart"))
    check_stock(quantity, for_sale(session, line.variant_id, shopper.locale).stock)
    line.quantity = quantity
    _touch(session, cart_id, now)


def remove(session: Session, shopper: Shopper, line_id: int, now: datetime) -> None:
    """Taking out what is already out is no mistake: the page was only a little old."""
    cart_id = _locked(session, shopper)
    if cart_id is not None:
        session.execute(sa.delete(CartLine).where(CartLine.id == line_id, CartLine.cart_id == cart_id))
        _touch(session, cart_id, now)


def merge(session: Session, visitor_id: str, user_id: int, now: datetime) -> None:
    """At sign-in: the visitor's lines go to the account's cart, quantities of the same item are added up."""
    theirs = session.scalars(
        sa.select(Cart.id).where(Cart.visitor_id == visitor_id).with_for_update()
    ).first()
    if theirs is None:
        return
    lines = session.execute(
        sa.delete(CartLine)
        .where(CartLine.cart_id == theirs)
        .returning(CartLine.variant_id, CartLine.quantity)
    ).all()
    if lines:
        own = _ensure(session, {"user_id": user_id}, now)
        _put(session, own, {line.variant_id: line.quantity for line in lines}, now)
        _touch(session, own, now)
        _touch(session, theirs, now)


def take_out(session: Session, cart_id: int, quantities: Mapping[int, int], now: datetime) -> None:
    """What was ordered leaves the cart; what was added since then stays."""
    if not _lock_by_id(session, cart_id):
        return
    for variant_id, quantity in sorted(quantities.items()):
        line = sa.and_(CartLine.cart_id == cart_id, CartLine.variant_id == variant_id)
        session.execute(sa.delete(CartLine).where(line, CartLine.quantity <= quantity))
        session.execute(sa.update(CartLine).where(line).values(quantity=CartLine.quantity - quantity))
    _touch(session, cart_id, now)


def put_back(session: Session, cart_id: int, quantities: Mapping[int, int], now: datetime) -> None:
    """No order came of it: the cart is as it was."""
    if _lock_by_id(session, cart_id):
        _put(session, cart_id, quantities, now)
        _touch(session, cart_id, now)


def for_sale(session: Session, variant_id: int, locale: str) -> VariantFacts:
    facts = variants_by_id(session, [variant_id], locale).get(variant_id)
    if facts is None or not facts.is_active:
        raise NotFound(_l("We do not sell this any more"))
    return facts


def _own_cart(session: Session, shopper: Shopper, now: datetime) -> int:
    if shopper.user_id is not None:
        return _ensure(session, {"user_id": shopper.user_id}, now)
    return _ensure(session, {"visitor_id": shopper.visitor_id}, now)


def _ensure(session: Session, owner: Mapping[str, object], now: datetime) -> int:
    """The owner's cart, made if there is none, and locked until the transaction ends."""
    row = insert(Cart).values(**owner, created_at=now, updated_at=now)
    upsert = row.on_conflict_do_update(index_elements=list(owner), set_={"updated_at": now})
    return session.scalars(upsert.returning(Cart.id)).one()


def _locked(session: Session, shopper: Shopper) -> int | None:
    return session.scalars(sa.select(Cart.id).where(of(shopper)).with_for_update()).one_or_none()


def _lock_by_id(session: Session, cart_id: int) -> bool:
    return session.scalars(sa.select(Cart.id).where(Cart.id == cart_id).with_for_update()).first() is not None


def _put(session: Session, cart_id: int, quantities: Mapping[int, int], now: datetime) -> None:
    for variant_id, quantity in sorted(quantities.items()):
        row = insert(CartLine).values(cart_id=cart_id, variant_id=variant_id, quantity=quantity, added_at=now)
        both = sa.func.least(MOST, CartLine.quantity + row.excluded.quantity)
        session.execute(
            row.on_conflict_do_update(index_elements=["cart_id", "variant_id"], set_={"quantity": both})
        )


def _check_room(session: Session, cart_id: int) -> None:
    lines = session.scalars(sa.select(sa.func.count()).where(CartLine.cart_id == cart_id)).one()
    if lines >= MOST_LINES:
        raise Conflict(_l("Your cart is full: it holds %(most)s different items", most=MOST_LINES))


def _touch(session: Session, cart_id: int | None, now: datetime) -> None:
    session.execute(
        sa.update(Cart).where(Cart.id == cart_id).values(version=Cart.version + 1, updated_at=now)
    )


def forget_left(session: Session, now: datetime) -> int:
    """Carts of visitors whose cookie has ended; those of accounts stay."""
    old = sa.and_(Cart.visitor_id.is_not(None), Cart.updated_at < now - LEFT)
    return changed(session, sa.delete(Cart).where(old))

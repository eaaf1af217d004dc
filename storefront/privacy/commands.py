"""Erasing one person. At once: account, sessions, cart, all personal fields of orders. By the worker: ids.

Orders stay for the books, as tax law asks almost everywhere, without anything that says whose they are.
Events stay as counts of nobody: their ids are replaced by ones drawn by chance, the same in every table, so
that what was counted goes on being counted. Both parts may be repeated.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from storefront.cart.models import Cart
from storefront.db import Sessions, transaction
from storefront.errors import Refused
from storefront.orders.models import IdempotencyKey, Order
from storefront.outbox import ALIVE, OutboxEvent, changed
from storefront.payments.models import Payment
from storefront.privacy.models import ErasedVisitor, Erasure
from storefront.privacy.subject import Subject, carts_of, orders_of, visitors_of
from storefront.users import mails as account_mails
from storefront.users.models import User

ON_THE_WAY = ("pending", "paid")  # still needs its address
BATCH = 1_000
SETTLES = timedelta(minutes=2)  # until then processes may write what they still hold in memory
KEEP_VISITORS = timedelta(days=30)  # for whoever keeps copies to follow
LONG_STATEMENT = "SET LOCAL statement_timeout = '60s'"


def erase(session: Session, subject: Subject, now: datetime) -> Erasure | None:
    """The first part. None: nothing is kept of this person. Refused while an order is on its way."""
    if subject.user_id is not None:
        session.execute(sa.select(User.id).where(User.id == subject.user_id).with_for_update())
    orders = orders_of(session, subject)
    if any(order.status in ON_THE_WAY for order in orders):
        raise Refused(
            _l("An order of yours is still on its way and needs its address. Try again once it is sent.")
        )
    is_there = subject.user_id is not None and session.get(User, subject.user_id) is not None
    if not orders and not is_there:
        return None
    visitors = visitors_of(session, subject)
    erasure = _note(session, subject, orders, visitors, now)
    _blank_orders(session, erasure, [order.id for order in orders])
    session.execute(sa.delete(IdempotencyKey).where(IdempotencyKey.visitor_id.in_(visitors)))
    session.execute(sa.delete(Cart).where(carts_of(subject, visitors)))
    if subject.user_id is not None:
        _forget_mails(session, OutboxEvent.payload["user_id"].as_integer() == subject.user_id)
        # Its sessions, links and notes of sign-ins go with it.
        session.execute(sa.delete(User).where(User.id == subject.user_id))
    session.expire_all()
    return erasure


def _note(
    session: Session, subject: Subject, orders: Sequence[Order], visitors: Sequence[str], now: datetime
) -> Erasure:
    erasure = Erasure(
        id=uuid4(),
        at=now,
        user_id=subject.user_id,
        former_user=-secrets.randbits(62) - 1,
        order_numbers=[order.number for order in orders],
    )
    session.add(erasure)
    session.flush()
    session.add_all(
        ErasedVisitor(erasure_id=erasure.id, before=visitor, after=secrets.token_hex(16))
        for visitor in visitors
    )
    session.flush()
    return erasure


def _blank_orders(session: Session, erasure: Erasure, order_ids: Sequence[int]) -> None:
    """The country stays: tax depends on it. The key changes, so that links in old mails lead nowhere."""
    new_visitor = sa.select(ErasedVisitor.after).where(
        ErasedVisitor.erasure_id == erasure.id, ErasedVisitor.before == Order.visitor_id
    )
    session.execute(
        sa.update(Order)
        .where(Order.id.in_(order_ids))
        .values(
            dict.fromkeys(("email", "name", "street", "city", "postcode", "session_id"), "")
            | {
                "key": sa.func.concat(sa.func.gen_random_uuid(), sa.func.gen_random_uuid()),  # 244 bits
                "visitor_id": sa.func.coalesce(new_visitor.scalar_subquery(), ""),
                "user_id": None,
                "former_user": erasure.former_user,
            }
        )
        .execution_options(synchronize_session=False)
    )
    session.execute(
        sa.update(Payment).where(Payment.order_id.in_(order_ids)).values(card_brand="", card_last4="")
    )
    _forget_mails(session, OutboxEvent.payload["order_id"].as_integer().in_(order_ids))


def _forget_mails(session: Session, about: sa.ColumnElement[bool]) -> None:
    """Those that wait and those that were given up, by an index each."""
    for is_left in (ALIVE, OutboxEvent.dead_at.is_not(None)):
        session.execute(sa.delete(OutboxEvent).where(OutboxEvent.kind.in_(MAILS), about, is_left))


MAILS = ("order.confirmed", "order.cancelled", "order.refunded", "privacy.link", *account_mails.HANDLERS)


def finish(sessions: Sessions, mail_dir: Path, now: datetime) -> int:
    """The second part, for every erasure that is not done: a batch a transaction. How many are done now."""
    with transaction(sessions) as session:
        waiting = session.scalars(sa.select(Erasure).where(Erasure.done_at.is_(None))).all()
    for erasure in waiting:
        for visitor in _visitors(sessions, erasure.id):
            _rename(sessions, erasure, visitor)
        for pattern in _files_of(erasure):
            for mail in mail_dir.glob(pattern):
                mail.unlink(missing_ok=True)
    settled = [erasure.id for erasure in waiting if erasure.at <= now - SETTLES]
    with transaction(sessions) as session:
        session.execute(sa.update(Erasure).where(Erasure.id.in_(settled)).values(done_at=now))
    return len(settled)


def _files_of(erasure: Erasure) -> list[str]:
    of_account = [] if erasure.user_id is None else [account_mails.files_of(erasure.user_id)]
    return [*(f"{number}-*.eml" for number in erasure.order_numbers), *of_account]


def _visitors(sessions: Sessions, erasure_id: UUID) -> Sequence[ErasedVisitor]:
    with transaction(sessions) as session:
        return session.scalars(sa.select(ErasedVisitor).where(ErasedVisitor.erasure_id == erasure_id)).all()


# Pages of one order name it; what was searched for and clicked on is told by nobody any more.
_EVENTS = sa.text("""
    WITH chunk AS (
        SELECT event_id, at FROM usage_events
        WHERE visitor_id = :before AND (user_id IS NULL OR user_id = CAST(:user_id AS bigint)) LIMIT :most
    )
    UPDATE usage_events AS event
    SET visitor_id = :after, session_id = md5(CAST(:after AS text) || session_id), detail = '{}',
        user_id = CASE WHEN user_id IS NULL THEN NULL ELSE :former_user END,
        path = regexp_replace(path, '(/orders|/privacy)(/.*)?$', '\\1')
    FROM chunk WHERE event.event_id = chunk.event_id AND event.at = chunk.at""")
_EXPOSURES = sa.text("""
    WITH chunk AS (
        SELECT flag, visitor_id, variant, day FROM exposures
        WHERE visitor_id = :before AND (user_id IS NULL OR user_id = CAST(:user_id AS bigint)) LIMIT :most
    )
    UPDATE exposures AS met
    SET visitor_id = :after, user_id = CASE WHEN user_id IS NULL THEN NULL ELSE :former_user END
    FROM chunk WHERE met.flag = chunk.flag AND met.visitor_id = chunk.visitor_id
                 AND met.variant = chunk.variant AND met.day = chunk.day
      AND NOT EXISTS (
          SELECT FROM exposures AS there WHERE there.flag = met.flag AND there.visitor_id = :after
                                           AND there.variant = met.variant AND there.day = met.day)""")
# What came late, of a day that was renamed already.
_LEFT_EXPOSURES = sa.text("""
    DELETE FROM exposures
    WHERE visitor_id = :before AND (user_id IS NULL OR user_id = CAST(:user_id AS bigint))""")


def _rename(sessions: Sessions, erasure: Erasure, visitor: ErasedVisitor) -> None:
    values = {
        "before": visitor.before,
        "after": visitor.after,
        "user_id": erasure.user_id,
        "former_user": erasure.former_user,
        "most": BATCH,
    }
    for statement in (_EVENTS, _EXPOSURES):
        while True:
            with transaction(sessions) as session:
                session.execute(sa.text(LONG_STATEMENT))
                if session.execute(statement, values).rowcount < BATCH:  # type: ignore[attr-defined]
                    break
    with transaction(sessions) as session:
        session.execute(_LEFT_EXPOSURES, values)


def forget_visitors(session: Session, now: datetime) -> int:
    """From now on nothing knows who became whom."""
    old = sa.select(Erasure.id).where(Erasure.done_at < now - KEEP_VISITORS)
    return changed(session, sa.delete(ErasedVisitor).where(ErasedVisitor.erasure_id.in_(old)))

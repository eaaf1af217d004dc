"""Payments that hang: ask the gateway by key, outside any transaction, and settle what is final."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from storefront.db import Sessions, transaction
from storefront.orders.settling import Settled, settle
from storefront.payments.charging import Charge, find_out
from storefront.payments.commands import Hanging, take_hanging
from storefront.payments.gateway import Gateway

log = logging.getLogger(__name__)


def reconcile(
    sessions: Sessions, gateway: Gateway, clock: Callable[[], datetime]
) -> list[tuple[Charge, Settled]]:
    """What was settled in this round. One payment's trouble does not stop the others."""
    with transaction(sessions) as session:
        hanging = take_hanging(session, clock())
    news = []
    for payment in hanging:
        try:
            settled = _settle_one(sessions, gateway, payment, clock)
        except Exception:
            log.exception("a hanging payment could not be settled", extra={"payment": payment.payment_id})
        else:
            news += [settled] if settled else []
    return news


def _settle_one(
    sessions: Sessions, gateway: Gateway, payment: Hanging, clock: Callable[[], datetime]
) -> tuple[Charge, Settled] | None:
    age_seconds = (clock() - payment.created_at).total_seconds()
    found = find_out(gateway, payment.key, payment.amount_cents, age_seconds)
    if found is None:
        return None
    with transaction(sessions) as session:
        settled = settle(session, payment.order_id, payment.payment_id, found, clock())
    log.info("a hanging payment is settled", extra={"payment": payment.payment_id, "outcome": found.outcome})
    return (found, settled) if settled.is_news else None

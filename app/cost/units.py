"""Reads and records what a user and an order cost, by locale and by variant of a flag."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.cost import ledger
from app.cost.allocation import queries as allocation
from app.cost.measuring import MONTHLY_USERS
from app.cost.models import CostDriverDay
from app.cost.month import shifted
from app.cost.splits import Unit, by_member
from app.series import store

LOCALE = "locale"
FLAG = "flag:"
OTHERS = ""  # who never met the flag
KEYS = {"locale": ("cost.per_user_by_locale_cents", "cost.per_order_by_locale_cents")}
KEYS["flag"] = ("cost.per_user_by_variant_cents", "cost.per_order_by_variant_cents")


def dimensions(session: Session, month: date) -> list[str]:
    """locale, and a flag:<name> for each flag that was met in the month."""
    found = session.scalars(
        select(CostDriverDay.dimension)
        .distinct()
        .where(
            CostDriverDay.driver == MONTHLY_USERS,
            CostDriverDay.day == month,
            CostDriverDay.dimension.notin_(("all", "service")),
        )
    )
    return sorted(found, key=lambda name: (name != LOCALE, name))


def of(session: Session, month: date, dimension: str) -> tuple[Unit, ...]:
    """() where nothing is known of the month's cost or of its people."""
    (bill,) = ledger.bills(session, month, month)
    if bill.total_cents is None:
        return ()
    users = dict(
        session.execute(
            select(CostDriverDay.member, CostDriverDay.value).where(
                CostDriverDay.driver == MONTHLY_USERS,
                CostDriverDay.dimension == dimension,
                CostDriverDay.day == month,
            )
        ).all()
    )
    measured = _measured(session, month, dimension)
    if dimension != LOCALE:
        users, measured = _with_others(session, month, users, measured)
    return by_member(bill, allocation.current(session).rules, measured, users)


def _with_others(
    session: Session,
    month: date,
    users: dict[str, Decimal],
    measured: dict[str, dict[str, Decimal]],
) -> tuple[dict[str, Decimal], dict[str, dict[str, Decimal]]]:
    """Most people never meet a flag: they bear their part of the bill as the member OTHERS."""
    whole = _measured(session, month, "all")
    everybody = session.scalar(
        select(CostDriverDay.value).where(
            CostDriverDay.driver == MONTHLY_USERS,
            CostDriverDay.dimension == "all",
            CostDriverDay.day == month,
        )
    )
    rest = (everybody or Decimal()) - sum(users.values())
    if not users or rest <= 0:
        return users, measured
    others = {
        driver: {**members, OTHERS: max(whole[driver].get("", Decimal()) - sum(members.values()), Decimal())}
        for driver, members in measured.items()
    }
    return {**users, OTHERS: rest}, others


def _measured(session: Session, month: date, dimension: str) -> dict[str, dict[str, Decimal]]:
    rows = session.execute(
        select(CostDriverDay.driver, CostDriverDay.member, func.sum(CostDriverDay.value).label("value"))
        .where(CostDriverDay.dimension == dimension, CostDriverDay.driver != MONTHLY_USERS)
        .where(CostDriverDay.day >= month, CostDriverDay.day < shifted(month, 1))
        .group_by(CostDriverDay.driver, CostDriverDay.member)
    )
    found: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for row in rows:
        found[row.driver][row.member] = row.value
    return found


def record(session: Session, month: date) -> int:
    """Write the points of the month; how many members there are."""
    at = datetime.combine(month, time(), UTC)
    readings: list[store.Reading] = []
    for dimension in dimensions(session, month):
        per_user, per_order = KEYS["locale" if dimension == LOCALE else "flag"]
        for unit in of(session, month, dimension):
            if unit.member == OTHERS:
                continue
            labels = {"locale": unit.member}
            if dimension != LOCALE:
                labels = {"flag": dimension.removeprefix(FLAG), "variant": unit.member}
            readings += [(per_user, labels, at, unit.per_user), (per_order, labels, at, unit.per_order)]
    store.record_all(session, readings)
    return len(readings) // 2

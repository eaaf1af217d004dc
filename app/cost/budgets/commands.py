"""Writes: budgets, what they tell of, and quotas."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.audit.commands import record
from app.cost.budgets import queries
from app.cost.budgets.budget import Budget
from app.cost.budgets.models import CostBudget, CostBudgetTold, CostQuota
from app.cost.driver import DRIVERS
from app.cost.money import read_amount
from app.errors import Conflict, NotFound, Refused
from app.i18n import LOCALES


def add(session: Session, budget: Budget, who: str, now: datetime) -> CostBudget:
    _check(budget)
    row = CostBudget(revision=1, **budget.as_words(), saved_by=who, saved_at=now)
    _insert(session, row)
    record(session, who, "cost.budget", f"cost-budget:{row.id}", None, budget.as_words(), now)
    return row


def change(
    session: Session, budget_id: int, budget: Budget, revision: int, who: str, now: datetime
) -> CostBudget:
    _check(budget)
    row = session.get(CostBudget, budget_id, with_for_update=True) or queries.one(session, budget_id)
    if row.revision != revision:
        raise Conflict(_l("Somebody changed this budget in the meantime. Reload the page to see it."))
    before = queries.budget_of(row).as_words()
    for name, value in budget.as_words().items():
        setattr(row, name, value)
    row.revision, row.saved_by, row.saved_at = revision + 1, who, now
    _insert(session, row)
    record(session, who, "cost.budget", f"cost-budget:{row.id}", before, budget.as_words(), now)
    return row


def _check(budget: Budget) -> None:
    if budget.language not in LOCALES:
        raise Refused(_l("The budget was not saved."), {"language": _l("Choose one of the languages.")})


def _insert(session: Session, row: CostBudget) -> None:
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError as error:
        taken = _l("There is a budget of this name already.")
        raise Conflict(taken, {"name": taken}) from error


def remove(session: Session, budget_id: int, who: str, now: datetime) -> None:
    row = queries.one(session, budget_id)
    before = queries.budget_of(row).as_words()
    session.delete(row)
    record(session, who, "cost.budget", f"cost-budget:{budget_id}", before, None, now)


def tell_once(
    session: Session, budget_id: int, start: object, trigger: str, told: dict[str, Any], now: datetime
) -> bool:
    """Whether this trigger is reached for the first time in the period."""
    statement = insert(CostBudgetTold).values(
        budget_id=budget_id, period_start=start, trigger=trigger, told=told, at=now
    )
    made = session.execute(statement.on_conflict_do_nothing().returning(CostBudgetTold.budget_id))
    return made.first() is not None


def unmailed(session: Session) -> list[CostBudgetTold]:
    return list(
        session.scalars(
            select(CostBudgetTold)
            .where(CostBudgetTold.mailed_at.is_(None))
            .order_by(CostBudgetTold.at)
            .with_for_update(skip_locked=True)
        )
    )


def save_quota(session: Session, told: dict[str, Any], who: str, now: datetime) -> int:
    """A quota of the same name is replaced. Answers its number."""
    name = " ".join(str(told.get("name") or "").replace("\x00", "").split())
    most = read_amount(str(told.get("most") or ""))
    wrong: dict[str, object] = {}
    if not name or len(name) > 100:
        wrong["name"] = _l("Give a name of at most %(most)s characters.", most=100)
    if told.get("driver") not in DRIVERS:
        wrong["driver"] = _l("Choose one of the drivers.")
    if told.get("period") not in ("day", "month"):
        wrong["period"] = _l("Choose one of the list.")
    if most is None or most <= 0:
        wrong["most"] = _l("Write a number above 0.")
    if wrong:
        raise Refused(_l("The quota was not saved."), wrong)
    values = {"driver": told["driver"], "period": told["period"], "most": most}
    row = insert(CostQuota).values(name=name, **values, saved_by=who, saved_at=now)
    changed = {**values, "saved_by": who, "saved_at": now}
    saved = row.on_conflict_do_update(index_elements=["name"], set_=changed).returning(CostQuota.id)
    number = session.scalars(saved).one()
    record(session, who, "cost.quota", f"cost-quota:{name}", None, values, now)
    return number


def remove_quota(session: Session, quota_id: int, who: str, now: datetime) -> None:
    gone = session.scalars(delete(CostQuota).where(CostQuota.id == quota_id).returning(CostQuota.name)).all()
    if not gone:
        raise NotFound(_l("There is no such quota."))
    record(session, who, "cost.quota", f"cost-quota:{gone[0]}", {"name": gone[0]}, None, now)

"""Scheduled work: look at every budget, tell what is reached, and write its points."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from app.cost.budgets import commands, queries
from app.cost.budgets.budget import DAY, Budget, Outlook, reached
from app.cost.budgets.letters import letter
from app.cost.budgets.models import CostBudget
from app.cost.rates import queries as rates
from app.errors import Unavailable
from app.mail import deliver
from app.series import store

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.sources import Sources


def watch(session: Session, now: datetime, sources: Sources) -> str:
    """Budgets and unusual days; mails go to the owners, each once."""
    found = queries.watched(session, now.astimezone(UTC).date())
    told = sum(_look(session, row, found, now) for row in queries.rows(session))
    _record_unusual(session, found)
    session.flush()
    sent = _mail(session, sources, now)
    return f"{told} triggers reached, {sent} mails"


def _look(session: Session, row: CostBudget, found: queries.Watched, now: datetime) -> int:
    budget = queries.budget_of(row)
    outlook = queries.outlook_of(budget, found)
    if outlook is None:
        return 0
    _record(session, budget, outlook, found, now)
    words = _words(outlook)
    return sum(
        commands.tell_once(session, row.id, outlook.start, trigger, words, now)
        for trigger in reached(budget, outlook)
    )


def _record(
    session: Session, budget: Budget, outlook: Outlook, found: queries.Watched, now: datetime
) -> None:
    label = {"budget": budget.name}
    left = (outlook.breach - found.today).days if outlook.breach else None
    store.record(session, "cost.budget_used", [(now, outlook.used)], label)
    store.record(session, "cost.budget_forecast", [(now, outlook.expected)], label)
    store.record(session, "cost.budget_days_left", [(now, left)], label)


def _words(outlook: Outlook) -> dict[str, object]:
    return {
        "spent_cents": outlook.spent_cents,
        "expected_cents": outlook.expected_cents,
        "amount_cents": outlook.amount_cents,
        "breach": outlook.breach.isoformat() if outlook.breach else None,
        "causes": [{"name": cause.name, "change_cents": cause.change} for cause in outlook.causes],
    }


def _record_unusual(session: Session, found: queries.Watched) -> None:
    """Yesterday's: today is not over."""
    yesterday = found.today - DAY
    if not found.accounts:
        return
    excess = next((row.excess_cents for row in queries.unusual(found) if row.day == yesterday), 0)
    store.record(session, "cost.unusual_cents", [(datetime.combine(yesterday, time(), UTC), excess)])


def _mail(session: Session, sources: Sources, now: datetime) -> int:
    """One that is not accepted is tried again at the next run."""
    sent, base = 0, rates.base_currency(session)
    for told in commands.unmailed(session):
        row = queries.one(session, told.budget_id)
        if row.owner:
            try:
                deliver(sources.config, letter(row, told, base, sources.config.control_url), now)
            except Unavailable:
                continue
            sent += 1
        told.mailed_at = now
    return sent

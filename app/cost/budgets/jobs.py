"""Scheduled work: look at every budget, tell what is reached, and write its points."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from app.cost.budgets import commands, queries
from app.cost.budgets.budget import DAY, Budget, Outlook, reached
from app.cost.budgets.models import CostBudget, CostBudgetTold
from app.errors import Unavailable
from app.mail import Mail, deliver
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
    sent = 0
    for told in commands.unmailed(session):
        row = queries.one(session, told.budget_id)
        if row.owner:
            try:
                deliver(sources.config, letter(row, told, sources.config.control_url), now)
            except Unavailable:
                continue
            sent += 1
        told.mailed_at = now
    return sent


def letter(row: CostBudget, told: CostBudgetTold, control_url: str) -> Mail:
    figures = told.told
    said = (
        _("The forecast passes the budget %(name)s.", name=row.name)
        if told.trigger == "forecast"
        else _("%(share)s percent of the budget %(name)s are used.", share=told.trigger, name=row.name)
    )
    causes = [f"  {cause['name']}: {_units(cause['change_cents'])}" for cause in figures["causes"]]
    lines = (
        said,
        "",
        _("Budget: %(amount)s", amount=_units(figures["amount_cents"])),
        _("So far: %(amount)s", amount=_units(figures["spent_cents"])),
        _("Expected at the end: %(amount)s", amount=_units(figures["expected_cents"])),
        _("Passed on: %(day)s", day=figures["breach"] or _("not in this period")),
        "",
        _("What grew most on the period before:"),
        *(causes or ["  –"]),
        "",
        f"{control_url}/cost/budgets/",
    )
    name = f"cost-budget-{row.id}-{told.period_start}-{told.trigger}"
    return Mail(name, row.owner, str(said), "\n".join(str(line) for line in lines))


def _units(cents: int | None) -> str:
    return str(_("no data")) if cents is None else f"{cents / 100:,.2f}"

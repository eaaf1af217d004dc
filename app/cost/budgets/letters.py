"""The mail that tells the owner of a budget what was reached, in the owner's language."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from flask_babel import gettext as _

from app.cost.budgets.models import CostBudget, CostBudgetTold
from app.mail import Mail
from app.ui import formats
from app.ui.letters import writing

TEMPLATES = Path(__file__).parents[1] / "templates"


def letter(row: CostBudget, told: CostBudgetTold, base: str, control_url: str) -> Mail:
    """`base`: the currency of budgets."""
    with writing(row.language, TEMPLATES):
        said = _said(row, told)
        return Mail(
            name=f"cost-budget-{row.id}-{told.period_start}-{told.trigger}",
            to=row.owner,
            subject=said,
            text="\n".join((said, "", *_figures(told, base), "", f"{control_url}/cost/budgets/")),
            language=row.language,
        )


def _said(row: CostBudget, told: CostBudgetTold) -> str:
    if told.trigger == "forecast":
        return str(_("The forecast passes the budget %(name)s.", name=row.name))
    return str(_("%(share)s percent of the budget %(name)s are used.", share=told.trigger, name=row.name))


def _figures(told: CostBudgetTold, base: str) -> list[str]:
    figures = told.told
    breach = date.fromisoformat(figures["breach"]) if figures["breach"] else None
    causes = [
        f"  {cause['name']}: {formats.money(cause['change_cents'], base)}" for cause in figures["causes"]
    ]
    return [
        _("Budget: %(amount)s", amount=formats.money(figures["amount_cents"], base)),
        _("So far: %(amount)s", amount=formats.money(figures["spent_cents"], base)),
        _("Expected at the end: %(amount)s", amount=formats.money(figures["expected_cents"], base)),
        _("Passed on: %(day)s", day=formats.day(breach) if breach else _("not in this period")),
        "",
        _("What grew most on the period before:"),
        *(causes or ["  –"]),
    ]

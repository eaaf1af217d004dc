"""What the pages of costs share: the row of tabs, names of months, money."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from babel.dates import format_skeleton
from babel.numbers import format_decimal
from flask import render_template, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.cost.driver import DRIVERS
from app.cost.rates import queries as rates
from app.ui import formats


def tabs() -> list[tuple[str, str, None]]:
    return [
        (url_for("cost.index"), _("Cost"), None),
        (url_for("cost_bills.index"), _("Bills and currencies"), None),
        (url_for("cost_allocation.index"), _("Who bears it"), None),
        (url_for("cost_budgets.index"), _("Budgets"), None),
        (url_for("cost_whatif.index"), _("What if"), None),
        (url_for("cost_roi.index"), _("Promises"), None),
    ]


def page(session: Session, template: str, **shown: Any) -> str:
    return render_template(template, tabs=tabs(), month_name=month_name, **money_in(session), **shown)


def money_in(session: Session) -> dict[str, Any]:
    """Filters for the base currency."""
    base = rates.base_currency(session)
    return {
        "base": base,
        "money": lambda cents: formats.money(cents, base),
        "each": lambda cents: formats.unit_money(cents, base),
        "exact": exact,
        "pairs": lambda names: [(name, name) for name in names],
        "named": [(driver.key, driver.name) for driver in DRIVERS.values()],
    }


def exact(units: Decimal, currency: str) -> str:
    """An amount of a bill, to the cent where it has cents; small ones with what they have."""
    pattern = "#,##0.00" if abs(units) >= 1 else "#,##0.00######"
    return f"{format_decimal(units, pattern, locale=str(get_locale()))}\u00a0{currency}"


def month_name(month: date) -> str:
    return format_skeleton("yMMM", month, locale=str(get_locale()))

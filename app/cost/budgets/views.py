"""The page of budgets: what will be passed, when and why; unusual days, savings, quotas."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from app import clock
from app.cost import pages
from app.cost.bodies import revision_of, today
from app.cost.budgets import commands, queries
from app.cost.budgets.budget import PERIODS, SCOPES, TRIGGERS, from_words
from app.cost.driver import DRIVERS
from app.cost.line import COMPONENTS, read_cents
from app.db import begin
from app.errors import Refused
from app.events import publish_on_commit
from app.guards import requires, who
from app.htmx import done
from app.i18n import LOCALES
from app.sources import sources
from app.ui import formats

blueprint = Blueprint("cost_budgets", __name__, url_prefix="/cost/budgets", template_folder="../templates")


@blueprint.get("/")
@requires("view")
def index() -> str:
    with begin() as session:
        found = queries.watched(session, today())
        rows = [(row, queries.outlook_of(queries.budget_of(row), found)) for row in queries.rows(session)]
        return pages.page(
            session,
            "cost/budgets.html",
            budgets=sorted(rows, key=lambda pair: -(pair[1].used if pair[1] else 0)),
            unusual=queries.unusual(found),
            savings=queries.savings(session, today()),
            quotas=queries.quotas(session, today()),
            scopes=SCOPES,
            periods=PERIODS,
            drivers=DRIVERS,
            money_of=formats.money,
        )


@blueprint.get("/-/to-do")
@requires("view")
def to_do() -> str:
    """A part of the page of costs: budgets that are passed, unusual days, the largest savings."""
    with begin() as session:
        found = queries.watched(session, today())
        rows = [(row, queries.outlook_of(queries.budget_of(row), found)) for row in queries.rows(session)]
        return pages.page(
            session,
            "cost/_to_do.html",
            passed=[(row, outlook) for row, outlook in rows if outlook and outlook.state != "ok"],
            unusual=queries.unusual(found)[:2],
            savings=queries.savings(session, today())[:2],
            money_of=formats.money,
        )


@blueprint.get("/new")
@requires("cost.write")
def new() -> str:
    blank = {"scope": "all", "period": "month", "triggers": list(TRIGGERS), "on_forecast": True}
    blank["language"] = str(get_locale())
    with begin() as session:
        return _form(session, None, blank)


@blueprint.get("/<int:budget_id>")
@requires("cost.write")
def edit(budget_id: int) -> str:
    with begin() as session:
        row = queries.one(session, budget_id)
        return _form(session, row, queries.budget_of(row).as_words())


def _form(session: Any, row: Any, form: dict[str, Any]) -> str:
    return pages.page(
        session,
        "cost/budget.html",
        row=row,
        form=form,
        scopes=SCOPES,
        periods=PERIODS,
        components=COMPONENTS,
        languages=list(LOCALES.items()),
        amount="" if row is None else f"{row.amount_cents / 100:.2f}",
    )


def _read() -> dict[str, Any]:
    wrong: dict[str, object] = {}
    cents = read_cents(request.form.get("amount", ""), "amount", str(get_locale()), wrong)
    if wrong:
        raise Refused(_("The budget was not saved."), wrong)
    shares = re.findall(r"\d{1,4}", request.form.get("triggers", ""))
    return {
        **request.form.to_dict(),
        "amount_cents": cents,
        "triggers": [int(share) for share in shares],
        "on_forecast": "on_forecast" in request.form,
    }


@blueprint.post("/")
@requires("cost.write")
def add() -> Response:
    budget = from_words(_read())
    with begin() as session:
        commands.add(session, budget, who(), clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return done(url_for(".index"), _("%(name)s is saved.", name=budget.name))


@blueprint.post("/<int:budget_id>")
@requires("cost.write")
def change(budget_id: int) -> Response:
    budget, revision = from_words(_read()), revision_of(request.form.get("revision"))
    with begin() as session:
        commands.change(session, budget_id, budget, revision, who(), clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return done(url_for(".index"), _("%(name)s is saved.", name=budget.name))


@blueprint.post("/<int:budget_id>/remove")
@requires("cost.write")
def remove(budget_id: int) -> Response:
    with begin() as session:
        commands.remove(session, budget_id, who(), clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return done(url_for(".index"), _("The budget is gone."))


@blueprint.post("/quotas")
@requires("cost.write")
def save_quota() -> Response:
    with begin() as session:
        commands.save_quota(session, request.form.to_dict(), who(), clock.now())
    return done(url_for(".index"), _("The quota is saved."))


@blueprint.post("/quotas/<int:quota_id>/remove")
@requires("cost.write")
def remove_quota(quota_id: int) -> Response:
    with begin() as session:
        commands.remove_quota(session, quota_id, who(), clock.now())
    return done(url_for(".index"), _("The quota is gone."))

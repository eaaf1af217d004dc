"""Pages of costs: what months came to, and the lines that they are made of."""

from __future__ import annotations

from datetime import UTC, date
from decimal import Decimal
from typing import Any

from babel.dates import format_skeleton
from babel.numbers import format_decimal
from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup

from app import clock, events
from app.cost import commands, jobs, queries
from app.cost.line import COMPONENTS, CURRENCY, read_line
from app.cost.month import first_of
from app.cost.queries import Month
from app.db import begin
from app.errors import Refused
from app.guards import requires, who
from app.htmx import done
from app.sources import sources
from app.ui import formats
from app.ui.svg import bar_chart

blueprint = Blueprint("cost", __name__, url_prefix="/cost", template_folder="templates")


@blueprint.get("/")
@requires("view")
def index() -> str:
    return render_template("cost/index.html", **_shown())


@blueprint.get("/_months")
@requires("view")
def months() -> str:
    return render_template("cost/_months.html", **_shown())


def _shown() -> dict[str, Any]:
    with begin() as session:
        found = queries.by_month(session, _today())
        lines = queries.lines(session)
    current = found[-1] if found else None
    known = [month for month in found if month.per_active_user is not None]
    whole = [month for month in known if month.is_whole]
    over = [month for month in known if month.is_over]
    return {
        "months": found,
        "lines": lines,
        "current": current,
        "headline": next((group[-1] for group in (whole, over, known) if group), current),
        "before": whole[-2] if len(whole) > 1 else None,
        "components": COMPONENTS,
        "month_name": month_name,
        "each": each,
        "plot": _plot(found),
        "today": first_of(_today()),
        "sql": jobs.SQL.strip(),
    }


def _plot(found: list[Month]) -> Markup:
    return bar_chart(
        [month.total_cents for month in found],
        [month_name(month.bill.month) for month in found],
        _("Cost by month"),
        form=lambda cents: formats.money(round(cents), CURRENCY, whole=True),
    )


def month_name(month: date) -> str:
    return format_skeleton("yMMM", month, locale=str(get_locale()))


def each(cents: float | None) -> str:
    """A cost for one user or order."""
    return formats.unit_money(cents, CURRENCY)


@blueprint.get("/lines/new")
@requires("cost.write")
def new_line() -> str:
    blank = {"currency": CURRENCY, "from_month": f"{_today():%Y-%m}", "component": "hosting"}
    return render_template("cost/line.html", row=None, form=blank, components=COMPONENTS)


@blueprint.post("/lines")
@requires("cost.write")
def add_line() -> Response:
    line = read_line(request.form, str(get_locale()))
    with begin() as session:
        commands.add(session, line, who(), clock.now())
    events.publish(sources().redis, "cost")
    return done(url_for("cost.index"), _("%(name)s is entered.", name=line.name))


@blueprint.get("/lines/<int:line_id>")
@requires("cost.write")
def line(line_id: int) -> str:
    with begin() as session:
        row = queries.one_line(session, line_id)
    form = {
        "name": row.name,
        "component": row.component,
        "vendor": row.vendor,
        "amount": format_decimal(Decimal(row.amount_cents) / 100, "0.00", locale=str(get_locale())),
        "currency": row.currency,
        "from_month": f"{row.from_month:%Y-%m}",
        "to_month": f"{row.to_month:%Y-%m}" if row.to_month else "",
    }
    return render_template("cost/line.html", row=row, form=form, components=COMPONENTS)


@blueprint.post("/lines/<int:line_id>")
@requires("cost.write")
def change_line(line_id: int) -> Response:
    revision = request.form.get("revision", type=int)
    if revision is None:
        raise Refused(_("The page is out of date. Reload it and try again."))
    line = read_line(request.form, str(get_locale()))
    with begin() as session:
        commands.change(session, line_id, line, revision, who(), clock.now())
    events.publish(sources().redis, "cost")
    return done(url_for("cost.index"), _("%(name)s is saved.", name=line.name))


@blueprint.post("/lines/<int:line_id>/end")
@requires("cost.write")
def end_line(line_id: int) -> Response:
    with begin() as session:
        row = commands.end(session, line_id, first_of(_today()), who(), clock.now())
        name = row.name
    events.publish(sources().redis, "cost")
    return done(url_for("cost.index"), _("%(name)s is paid this month for the last time.", name=name))


@blueprint.post("/lines/<int:line_id>/remove")
@requires("cost.write")
def remove_line(line_id: int) -> Response:
    with begin() as session:
        commands.remove(session, line_id, who(), clock.now())
    events.publish(sources().redis, "cost")
    return done(url_for("cost.index"), _("The line is gone; the audit trail keeps it."))


def _today() -> date:
    return clock.now().astimezone(UTC).date()

"""Pages of costs: what months came to, and the lines that they are made of."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal
from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session

from app import clock, events
from app.cost import commands, jobs, pages, queries, units
from app.cost.bodies import today
from app.cost.driver import DRIVERS, SERVICES
from app.cost.line import COMPONENTS, KINDS, read_line
from app.cost.models import CostLine
from app.cost.month import first_of, shifted
from app.cost.queries import Month
from app.cost.rates import queries as rates
from app.cost.splits import moved
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
    return _page("cost/index.html")


@blueprint.get("/_months")
@requires("view")
def months() -> str:
    return _page("cost/_months.html")


def _page(template: str) -> str:
    with begin() as session:
        return pages.page(session, template, **_shown(session))


def _shown(session: Session) -> dict[str, Any]:
    found, lines = queries.by_month(session, today()), queries.lines(session)
    current = found[-1] if found else None
    known = [month for month in found if month.per_active_user is not None]
    whole = [month for month in known if month.is_whole]
    over = [month for month in known if month.is_over]
    headline = next((group[-1] for group in (whole, over, known) if group), current)
    return {
        "months": found,
        "lines": lines,
        "current": current,
        "headline": headline,
        "before": whole[-2] if len(whole) > 1 else None,
        "components": COMPONENTS,
        "kinds": KINDS,
        "plot": _plot(found, rates.base_currency(session)),
        "today": first_of(today()),
        "sql": jobs.SQL.strip(),
        "drivers": DRIVERS,
        "fresh": queries.freshness(session),
        **_divided(
            session, headline if headline and headline.is_whole else current, can_compare=len(whole) > 1
        ),
    }


def _divided(session: Session, shown: Month | None, *, can_compare: bool) -> dict[str, Any]:
    """The month's parts by locale and by each flag, and what moved the cost since the one before.

    The last whole month; while there is none, the one that goes on.
    """
    if shown is None:
        return {"divided": [], "moved": None, "heaviest": [], "features": {}}
    month = shown.bill.month
    parts = [(name, units.of(session, month, name)) for name in units.dimensions(session, month)]
    before = units.of(session, shifted(month, -1), units.LOCALE) if can_compare else ()
    features = shown.bill.by(lambda position: position.feature)
    return {
        "shown": shown,
        "divided": parts,
        "moved": moved(before, dict(parts).get(units.LOCALE, ())),
        "heaviest": queries.heaviest(session, shown),
        "features": features if set(features) - {""} else {},
    }


def _plot(found: list[Month], base: str) -> Markup:
    return bar_chart(
        [month.total_cents for month in found],
        [pages.month_name(month.bill.month) for month in found],
        _("Cost by month"),
        form=lambda cents: formats.money(round(cents), base, whole=True),
    )


@blueprint.get("/lines/new")
@requires("cost.write")
def new_line() -> str:
    with begin() as session:
        base = rates.base_currency(session)
    blank = {"currency": base, "from_month": f"{today():%Y-%m}", "component": "hosting"}
    return _form(None, blank)


def _form(row: CostLine | None, form: dict[str, str]) -> str:
    return render_template(
        "cost/line.html",
        row=row,
        form=form,
        components=COMPONENTS,
        kinds=KINDS,
        drivers=DRIVERS,
        services=SERVICES,
    )


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
    return _form(row, _typed(row))


def _typed(row: CostLine) -> dict[str, str]:
    """The form that would make this line."""
    locale = str(get_locale())

    def number(value: Decimal | None) -> str:
        return "" if value is None else format_decimal(value, "0.##########", locale=locale)

    return {
        "name": row.name,
        "component": row.component,
        "vendor": row.vendor,
        "service": row.service,
        "feature": row.feature,
        "kind": row.kind,
        "amount": format_decimal(Decimal(row.amount_cents) / 100, "0.00", locale=locale),
        "currency": row.currency,
        "from_month": f"{row.from_month:%Y-%m}",
        "to_month": f"{row.to_month:%Y-%m}" if row.to_month else "",
        "driver": row.driver,
        "unit_price": number(row.unit_price),
        "unit_size": number(row.unit_size),
        "percent": number(row.percent),
    }


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
        row = commands.end(session, line_id, first_of(today()), who(), clock.now())
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

"""Pages of other shapes: the closed funnel, cohorts with retention and LTV, features in use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from babel.dates import format_skeleton
from flask import Blueprint, Response, render_template, request
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy.orm import Session

from app.db import begin
from app.errors import Refused
from app.guards import requires
from app.kpi import reading, showing, words
from app.kpi.measures import PERIODS
from app.kpi.selection import Selection
from app.kpi.shapes import Adoption, Cohort, Cohorts, Funnel
from app.kpi.views import csv_file
from app.ui.svg import Line, line_chart

blueprint = Blueprint("kpi_shapes", __name__, url_prefix="/kpi/-", template_folder="templates")

STEPS = {
    "sessions": _l("Sessions"),
    "funnel_cart": _l("Put something into the cart"),
    "funnel_checkout": _l("Reached the checkout"),
    "funnel_completed": _l("Completed the order"),
}
COHORT_MONTHS = 12
SHOWN_OFFSETS = 13
LINES = 6


@blueprint.get("/funnel")
@requires("view")
def funnel() -> str:
    chosen = showing.selection(request.args)
    by = request.args.get("by", "")
    by = by if by in reading.FUNNEL_BY and by not in chosen.where else ""
    with begin() as session:
        found = _funnel(session, chosen, by)
        before = _funnel(session, chosen.over(chosen.before.first, chosen.before.last), by)
        choices = showing.choices(session)
    return render_template(
        "kpi/funnel.html",
        found=found,
        before=before,
        words=STEPS,
        by=by,
        dimensions=[name for name in reading.FUNNEL_BY if name not in chosen.where],
        chosen=chosen,
        choices=choices,
        periods=PERIODS,
    )


def _funnel(session: Session, chosen: Selection, by: str) -> Funnel | None:
    """None where sessions have no figures by what is filtered."""
    try:
        now = chosen.now
        return reading.funnel(session, now.first, now.last, chosen.zone, by or None, chosen.where)
    except Refused:
        return None


@blueprint.get("/funnel.csv")
@requires("view")
def export_funnel() -> Response:
    chosen = showing.selection(request.args)
    by = request.args.get("by", "")
    with begin() as session:
        found = _funnel(session, chosen, by if by in reading.FUNNEL_BY else "")
    rows: list[list[object]] = [["member", "step", "sessions", "of_former", "of_first"]]
    for member, steps in found.members.items() if found else ():
        rows += [
            [member, one.name, _cell(one.count), _cell(one.of_former), _cell(one.of_first)] for one in steps
        ]
    return csv_file(rows, "funnel.csv")


@blueprint.get("/cohorts")
@requires("view")
def cohorts() -> str:
    chosen = showing.selection(request.args)
    first, last = _months(chosen)
    with begin() as session:
        found = _cohorts(session, chosen)
    return render_template(
        "kpi/cohorts.html",
        found=found,
        asked={"from": first.isoformat(), "to": last.isoformat(), "zone": chosen.zone},
        offsets=range(SHOWN_OFFSETS),
        month_name=month_name,
        plot=_ltv_lines(found),
        words=words,
        currency=found.currency or chosen.currency,
    )


def _months(chosen: Selection) -> tuple[date, date]:
    if "from" in request.args:
        return chosen.now.first, chosen.now.last
    last = showing.today()
    return (last.replace(day=1) - timedelta(days=31 * (COHORT_MONTHS - 1))).replace(day=1), last


def _cohorts(session: Session, chosen: Selection) -> Cohorts:
    first, last = _months(chosen)
    return reading.cohorts(session, first, last, chosen.zone, default_currency=chosen.currency)


def month_name(month: date) -> str:
    return format_skeleton("yMMM", month, locale=str(get_locale()))


def _ltv_lines(found: Cohorts) -> Markup:
    """The newest cohorts that have more than their first month, a line each."""
    drawn = [one for one in found.cohorts if len(one.months) > 1 and one.size][-LINES:]
    longest = max((len(one.months) for one in drawn), default=0)
    lines = [Line(month_name(one.month), _padded(one, longest)) for one in drawn]
    currency = found.currency or "EUR"
    return line_chart(
        lines,
        [str(offset) for offset in range(longest)],
        _("LTV by months since the first order"),
        form=lambda cents: words.figure(cents, "cents", whole=True, currency=currency),
    )


def _padded(one: Cohort, longest: int) -> Sequence[float | None]:
    values: list[float | None] = [month.ltv_cents for month in one.months]
    return values + [None] * (longest - len(values))


@blueprint.get("/cohorts.csv")
@requires("view")
def export_cohorts() -> Response:
    chosen = showing.selection(request.args)
    with begin() as session:
        found = _cohorts(session, chosen)
    rows: list[list[object]] = [
        ["cohort", "size", "month", "active", "retention", "net_cents", "ltv_cents", "partial"]
    ]
    for one in found.cohorts:
        for month in one.months:
            numbers = (_cell(month.retention), _cell(month.net_cents), _cell(month.ltv_cents))
            head = (f"{one.month:%Y-%m}", one.size, month.offset, month.active)
            rows.append([*head, *numbers, int(month.is_partial)])
    return csv_file(rows, "cohorts.csv")


@blueprint.get("/adoption")
@requires("view")
def adoption() -> str:
    chosen = showing.selection({"period": "28d", **request.args})
    with begin() as session:
        found = _adoption(session, chosen)
    return render_template(
        "kpi/adoption.html", found=found, chosen=chosen, periods=PERIODS, name=feature_name
    )


def _adoption(session: Session, chosen: Selection) -> list[Adoption]:
    """What most people use comes first."""
    grain = "day" if chosen.now.days < 28 else "week"
    found = reading.adoption(session, chosen.now.first, chosen.now.last, chosen.zone, grain)  # type: ignore[arg-type]
    return sorted(found, key=lambda one: -(one.total.value or 0))


def feature_name(feature: str) -> str:
    """A flag is named with its variant; a kind of event by itself."""
    flag, colon, variant = feature.partition(":")
    if colon:
        return str(_("Flag %(flag)s, %(variant)s", flag=flag, variant=variant))
    return flag.replace("_", " ").capitalize()


@blueprint.get("/adoption.csv")
@requires("view")
def export_adoption() -> Response:
    chosen = showing.selection({"period": "28d", **request.args})
    with begin() as session:
        found = _adoption(session, chosen)
    rows: list[list[object]] = [["feature", "adoption", "first_uses", "median_seconds_to_first_use"]]
    rows += [
        [one.feature, _cell(one.total.value), one.first_uses, _cell(one.median_seconds)] for one in found
    ]
    return csv_file(rows, "adoption.csv")


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"

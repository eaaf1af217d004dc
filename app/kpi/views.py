"""Pages of KPIs: all of them over a period, and each by day."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock, events
from app.db import begin
from app.errors import NotFound
from app.guards import requires, who
from app.htmx import done
from app.kpi import commands, facts, measures, queries
from app.kpi.measures import KPIS, PERIODS, Kpi
from app.kpi.spans import read_days
from app.kpi.targets import read_target
from app.series import store
from app.series.glossary import GLOSSARY
from app.sources import sources
from app.timeline import queries as timeline
from app.ui.chart import Annotation, chart
from app.ui.timerange import TimeRange, read_range

blueprint = Blueprint("kpi", __name__, url_prefix="/kpi", template_folder="templates")

DAY_SECONDS = 86_400
DEFAULT_PERIOD = "7d"
DEFAULT_RANGE = "30d"
LIVE = ("live.visitors", "live.orders_today", "live.revenue_today_cents")


@blueprint.get("/")
@requires("view")
def index() -> str:
    return render_template("kpi/index.html", **_shown())


@blueprint.get("/_tiles")
@requires("view")
def tiles() -> str:
    return render_template("kpi/_tiles.html", **_shown())


@blueprint.get("/_live")
@requires("view")
def live() -> str:
    with begin() as session:
        return render_template("kpi/_live.html", live=_live(session))


def _shown() -> dict[str, Any]:
    key = request.args.get("period", DEFAULT_PERIOD)
    key = key if key in PERIODS else DEFAULT_PERIOD
    wanted = measures.period(key, _today())
    with begin() as session:
        return {
            "tiles": queries.tiles(session, wanted),
            "live": _live(session),
            "wanted": wanted,
            "chosen": key,
            "periods": PERIODS,
            "computed_at": queries.computed_at(session),
            "has_demo": queries.has_demo(session, wanted.before().first, wanted.last),
            "now": clock.now(),
        }


def _live(session: Session) -> list[tuple[Any, Any]]:
    return [(GLOSSARY[key], store.latest(session, key)) for key in LIVE]


@blueprint.get("/<key>")
@requires("view")
def detail(key: str) -> str:
    kpi, span = _kpi(key), _range()
    with begin() as session:
        days = queries.days(session, kpi, *_days_of(span))
        drawn = _chart(session, kpi, span)
        target = queries.target_on(session, kpi, _today())
        today = queries.days(session, kpi, _today(), _today())[0]
        computed_at = queries.computed_at(session)
    return render_template(
        "kpi/detail.html",
        kpi=kpi,
        term=queries.term(kpi),
        days=days,
        range=span,
        chart=drawn,
        target=target,
        today=today,
        computed_at=computed_at,
        sql=facts.SQL[kpi.query].strip(),
    )


@blueprint.get("/<key>/chart.json")
@requires("view")
def points(key: str) -> Response:
    with begin() as session:
        return jsonify(_chart(session, _kpi(key), _range()))


@blueprint.get("/<key>.csv")
@requires("view")
def export(key: str) -> Response:
    """Every day of from … to (dates, UTC); a day without a figure has an empty value."""
    kpi = _kpi(key)
    first, last = read_days(request.args, _today())
    with begin() as session:
        days = queries.days(session, kpi, first, last)
    text = StringIO()
    table = csv.writer(text)
    table.writerow(["day", queries.term(kpi).key, "target", "partial", "demo"])
    for day in days:
        flags = (int(day.is_partial), int(day.is_demo))
        table.writerow([day.day.isoformat(), _cell(day.value), _cell(day.target), *flags])
    response = Response(text.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{kpi.key}-{first}-{last}.csv"'
    return response


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


@blueprint.post("/<key>/target")
@requires("kpi.write")
def set_target(key: str) -> Response:
    kpi = _kpi(key)
    typed = request.form.get("target", "")[:40]
    value = read_target(typed, queries.term(kpi).unit, str(get_locale()))
    with begin() as session:
        commands.set_target(session, kpi, value, who(), clock.now())
    events.publish(sources().redis, "kpi")
    words = _("There is no target any more.") if value is None else _("The target is saved.")
    return done(url_for("kpi.detail", key=key), words)


def _kpi(key: str) -> Kpi:
    if key not in KPIS:
        raise NotFound(_("There is no KPI %(key)s.", key=key[:40]))
    return KPIS[key]


def _today() -> date:
    return clock.now().astimezone(UTC).date()


def _range() -> TimeRange:
    return read_range(request.args, clock.now(), DEFAULT_RANGE)


def _days_of(span: TimeRange) -> tuple[date, date]:
    """Whole days: today is told apart, for it is not over."""
    last = min(span.end.astimezone(UTC).date(), _today() - timedelta(days=1))
    return span.start.astimezone(UTC).date(), last


def _chart(session: Session, kpi: Kpi, span: TimeRange) -> dict[str, Any]:
    term = queries.term(kpi)
    first, last = _days_of(span)
    days = queries.days(session, kpi, first, last)
    start, end = _midnight(first), _midnight(last)
    happened = timeline.between(session, span.start, span.end)
    return chart(
        {str(term.name): [(_midnight(day.day), day.value) for day in days]},
        start=start,
        end=max(start, end),
        step_seconds=DAY_SECONDS,
        unit=term.unit,  # type: ignore[arg-type] # KPIs have units that charts know
        currency="EUR",
        target=queries.target_on(session, kpi, _today()),
        annotations=[Annotation(one.at, one.kind, one.title, one.url, one.ends_at) for one in happened],
    )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)

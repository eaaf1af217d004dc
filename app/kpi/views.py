"""Pages of KPIs: the dashboard, and each KPI with its chart, forecast, unusual days and breakdown."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock, events, spreadsheets
from app.db import begin
from app.errors import NotFound
from app.guards import requires, who
from app.htmx import done
from app.kpi import commands, facts, queries, showing, tile_queries, words
from app.kpi.boards import queries as boards
from app.kpi.definitions import KPIS, Kpi
from app.kpi.detail import detail as made_detail
from app.kpi.measures import PERIODS
from app.kpi.selection import Selection
from app.kpi.spans import read_days
from app.kpi.targets import read_target
from app.series import store
from app.series.forecast import Forecast
from app.series.glossary import GLOSSARY
from app.sources import sources
from app.ui.timerange import TimeRange, read_range

blueprint = Blueprint("kpi", __name__, url_prefix="/kpi", template_folder="templates")

DEFAULT_RANGE = "90d"
LIVE = ("live.visitors", "live.orders_today", "live.revenue_today_cents")


@blueprint.get("/")
@requires("view")
def index() -> str:
    return render_template("kpi/index.html", **dashboard(None))


@blueprint.get("/_tiles")
@requires("view")
def tiles() -> str:
    return render_template("kpi/_tiles.html", **dashboard(request.args.get("board", type=int)))


@blueprint.get("/_live")
@requires("view")
def live() -> str:
    with begin() as session:
        return render_template("kpi/_live.html", live=_live(session), words=words)


def dashboard(board_id: int | None) -> dict[str, Any]:
    """All that the dashboard's templates show."""
    with begin() as session:
        shown = showing.dashboard(session, request.args, board_id, who())
        return {
            "board": shown.board,
            "boards": boards.seen_by(session, who()),
            "chosen": shown.chosen,
            "tiles": shown.tiles,
            "verdict": shown.verdict,
            "choices": showing.choices(session),
            "live": _live(session),
            "periods": PERIODS,
            "computed_at": queries.computed_at(session),
            "has_demo": queries.has_demo(session, shown.chosen.before.first, shown.chosen.now.last),
            "me": who(),
            "words": words,
            "now": clock.now(),
        }


def _live(session: Session) -> list[tuple[Any, Any]]:
    return [(GLOSSARY[key], store.latest(session, key)) for key in LIVE]


@blueprint.get("/-/tiles.csv")
@requires("view")
def export_tiles() -> Response:
    """The dashboard as it is shown: an empty value is no data."""
    with begin() as session:
        shown = showing.dashboard(session, request.args, request.args.get("board", type=int), who())
    rows: list[list[object]] = [
        ["kpi", "unit", "first", "last", "value", "before", "change", "target", "noise"]
    ]
    first, last = shown.chosen.now.first.isoformat(), shown.chosen.now.last.isoformat()
    for one in shown.tiles:
        numbers = map(_cell, (one.value.value, one.before.value, one.change, one.target))
        rows.append([one.kpi.key, one.term.unit, first, last, *numbers, one.verdict])
    return csv_file(rows, f"kpis-{first}-{last}.csv")


@blueprint.get("/<key>")
@requires("view")
def detail(key: str) -> str:
    kpi, span = _kpi(key), _range()
    chosen = _chosen(span)
    by = request.args.get("by", "")
    with begin() as session:
        shown = made_detail(session, kpi, chosen, showing.today())
        dimensions = tile_queries.dimensions(kpi, chosen)
        by = by if by in dimensions else (dimensions[0] if dimensions else "")
        slices = tile_queries.slices(session, kpi, chosen, by) if by else []
        days = _from_first(queries.days(session, kpi, chosen.now.first, chosen.now.last))
        today = queries.days(session, kpi, showing.today(), showing.today())[0]
        target = queries.target_on(session, kpi, showing.today())
        computed_at = queries.computed_at(session)
        choices = showing.choices(session)
    return render_template(
        "kpi/detail.html",
        shown=shown,
        kpi=kpi,
        term=shown.term,
        tile=shown.tile,
        is_foretold=isinstance(shown.forecast, Forecast),
        chosen=chosen,
        range=span,
        choices=choices,
        dimensions=dimensions,
        by=by,
        slices=slices,
        days=days,
        today=today,
        target=target,
        computed_at=computed_at,
        sql=facts.SQL[kpi.query].strip(),
        words=words,
    )


@blueprint.get("/<key>/chart.json")
@requires("view")
def points(key: str) -> Response:
    with begin() as session:
        return jsonify(made_detail(session, _kpi(key), _chosen(_range()), showing.today()).chart)


@blueprint.get("/<key>.csv")
@requires("view")
def export(key: str) -> Response:
    """Every day of from … to, of the shop's zone; a day without a figure has an empty value.

    Of other zones, of weeks and months, and where something is filtered: the figures that the chart draws.
    """
    kpi = _kpi(key)
    first, last = read_days(request.args, showing.today())
    chosen = showing.selection(request.args).over(first, last)
    if chosen.where or chosen.grain != "day" or chosen.zone != chosen.own_zone:
        return _export_chosen(kpi, chosen)
    with begin() as session:
        days = queries.days(session, kpi, first, last)
    rows: list[list[object]] = [["day", queries.term(kpi).key, "target", "partial", "demo"]]
    for day in days:
        flags = (int(day.is_partial), int(day.is_demo))
        rows.append([day.day.isoformat(), _cell(day.value), _cell(day.target), *flags])
    return csv_file(rows, f"{kpi.key}-{first}-{last}.csv")


def _export_chosen(kpi: Kpi, chosen: Selection) -> Response:
    with begin() as session:
        days = tile_queries.days(session, kpi, chosen.now.first, chosen.now.last, chosen)
        points = tile_queries.points(session, kpi, chosen, days)
    rows: list[list[object]] = [[chosen.grain, queries.term(kpi).key]]
    rows += [[start.isoformat(), _cell(value)] for start, value in points.items()]
    return csv_file(rows, f"{kpi.key}-{chosen.now.first}-{chosen.now.last}.csv")


@blueprint.get("/<key>/breakdown.csv")
@requires("view")
def export_breakdown(key: str) -> Response:
    kpi, chosen, by = _kpi(key), _chosen(_range()), request.args.get("by", "")
    with begin() as session:
        known = by in tile_queries.dimensions(kpi, chosen)
        slices = tile_queries.slices(session, kpi, chosen, by) if known else []
    if not known:
        by = ""  # what nobody knows goes neither into the table nor into a header
    rows: list[list[object]] = [[by or "member", "value", "before", "share"]]
    rows += [[one.name, _cell(one.value), _cell(one.before), _cell(one.share)] for one in slices]
    return csv_file(rows, f"{kpi.key}-by-{by or 'nothing'}.csv")


def csv_file(rows: list[list[object]], name: str) -> Response:
    response = Response(spreadsheets.written(rows), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
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
    told = _("There is no target any more.") if value is None else _("The target is saved.")
    return done(url_for("kpi.detail", key=key), told)


def _kpi(key: str) -> Kpi:
    if key not in KPIS:
        raise NotFound(_("There is no KPI %(key)s.", key=key[:40]))
    return KPIS[key]


def _from_first(days: list[queries.Day]) -> list[queries.Day]:
    """Without the days before the first figure: a shop of a month has no list of empty ones."""
    first = next((index for index, day in enumerate(days) if day.value is not None), len(days))
    return days[first:]


def _range() -> TimeRange:
    """What the chart zooms in; days that the dashboard asked for where it did."""
    if "period" in request.args and "from" not in request.args:
        asked = showing.selection(request.args).now
        end = clock.now() - timedelta(days=1)
        return TimeRange("custom", end - timedelta(days=asked.days - 1), end)
    return read_range(request.args, clock.now(), DEFAULT_RANGE)


def _chosen(span: TimeRange) -> Selection:
    """Whole days: today is told apart, for it is not over. At least one."""
    last = min(span.end.astimezone(UTC).date(), showing.today() - timedelta(days=1))
    first = min(span.start.astimezone(UTC).date(), last)
    return showing.selection(request.args).over(first, last)

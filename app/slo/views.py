"""The pages of objectives."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock
from app.db import begin
from app.errors import Refused
from app.guards import requires, who
from app.htmx import done, is_fragment
from app.slo import charts, commands, listing, queries, words
from app.slo.bucket import BUCKET, BUCKET_SECONDS
from app.slo.budget import Budget, onset
from app.slo.burn import BurnWindow, Measured, decimal, duration, fires, windows
from app.slo.objective import Objective
from app.timeline import queries as timeline
from app.timeline.entry import nearest
from app.ui.formats import percent
from app.ui.timerange import read_range

blueprint = Blueprint("slo", __name__, url_prefix="/slo", template_folder="templates")
blueprint.app_template_global("window_words")(words.window_words)

BURN_SEARCHED = timedelta(hours=24)  # how far back the onset of a burn is looked for
CHANGES_WITHIN = timedelta(hours=24)  # and changes before it


@blueprint.get("/")
@requires("view")
def index() -> str:
    found = _listing()
    return render_template("slo/index.html", listing=found, choices=words.choices(found))


@blueprint.get("/_list")
@requires("view")
def table() -> str:
    return render_template("slo/_list.html", listing=_listing())


def _listing() -> listing.Listing:
    with begin() as session:
        lines = queries.lines(session, clock.now())
    return listing.arrange(lines, listing.read(request.args))


@blueprint.get("/tiles")
@requires("view")
def tiles() -> str:
    """For other pages: one tile an objective."""
    with begin() as session:
        return render_template("slo/_tiles.html", lines=queries.lines(session, clock.now()))


@blueprint.get("/<key>")
@requires("view")
def detail(key: str) -> str:
    now = clock.now()
    span = read_range(request.args, now, charts.DEFAULT_RANGE)
    with begin() as session:
        line = queries.line(session, key, now)
        drawn = {name: draw(session, line.slo, span, now) for name, draw in charts.CHARTS.items()}
        for name in ("events", "latency"):  # what happened is listed once, under the first chart
            drawn[name]["annotations"] = []
        return render_template(
            "slo/detail.html",
            line=line,
            span=span,
            drawn=drawn,
            plain_percent=decimal(Fraction(line.slo.objective) * 100),
            **_figures(session, line, now),
        )


@blueprint.get("/<key>/_now")
@requires("view")
def current(key: str) -> str:
    """The figures of the detail page, refreshed with each gathering."""
    now = clock.now()
    with begin() as session:
        line = queries.line(session, key, now)
        return render_template("slo/_now.html", line=line, is_fragment=True, **_figures(session, line, now))


@blueprint.get("/<key>/working")
@requires("view")
def working(key: str) -> str:
    """How the figure came about, counted once more from the five-minute rows."""
    now = clock.now()
    with begin() as session:
        line = queries.line(session, key, now)
        at = line.status.gathered_at if line.status else now
        counts, coverage = queries.recount(session, line.slo, at)
    again = Budget(line.slo.ratio, line.slo.window, counts)
    start = queries.window_start(line.slo, at)
    page = "slo/_working.html" if is_fragment() else "slo/working.html"
    return render_template(page, line=line, at=at, start=start, again=again, coverage=coverage)


@blueprint.post("/<key>/objective")
@requires("slo.write")
def set_objective(key: str) -> Response:
    with begin() as session:
        slo = commands.set_objective(
            session, key, _version(), request.form.get("objective", ""), who(), clock.now()
        )
    told = _("%(name)s must now reach %(percent)s.", name=slo.name, percent=percent(slo.objective, 3))
    return done(url_for("slo.detail", key=key), told)


def _version() -> int:
    version = request.form.get("version", "")
    if not version.isdecimal() or len(version) > 9:
        raise Refused(_("The form is incomplete. Reload the page and try again."))
    return int(version)


def _figures(session: Session, line: queries.Line, now: datetime) -> dict[str, object]:
    slo, status = line.slo, line.status
    began = None
    if line.state in ("burning", "exhausted", "risk"):
        began = onset(queries.steps(session, slo, now - BURN_SEARCHED, now, BUCKET_SECONDS), slo.ratio)
    around = began or now
    changes = timeline.between(session, around - CHANGES_WITHIN, now)
    return {
        "budget": Budget(slo.ratio, slo.window, status.counts) if status else None,
        "ladder": _ladder(slo, status),
        "began": began,
        "changes": nearest(changes, around, known_to=BUCKET)[:8],
        "outlook": _outlook(status),
    }


def _ladder(slo: Objective, status: queries.Status | None) -> list[tuple[str, float | None, float, str]]:
    """Each alert window with its burn, limit and state, by the same judgement as the alert itself."""
    burns = status.burns if status else {}
    return [
        (
            duration(window.long_seconds),
            burns[window.long_seconds].burn if window.long_seconds in burns else None,
            float(window.factor),
            _rung(slo, window, burns),
        )
        for window in windows(slo.window_days, slo.objective, slo.tiers)
    ]


def _rung(slo: Objective, window: BurnWindow, burns: dict[int, Measured]) -> str:
    if window.long_seconds not in burns or burns[window.long_seconds].burn is None:
        return "nodata"
    if not fires(window, burns, slo.min_bad_events):
        return "ok"
    return "burning" if window.severity == "page" else "risk"


def _outlook(status: queries.Status | None) -> dict[str, object] | None:
    """The forecast with its moments read back from JSON."""
    if status is None or status.forecast is None:
        return None
    return {
        **status.forecast,
        **{
            name: datetime.fromisoformat(at) if (at := status.forecast[name]) else None
            for name in ("exhausts_at", "recovers_at")
        },
    }

"""The pages of objectives."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _

from app import clock
from app.db import begin
from app.errors import Refused
from app.guards import requires, who
from app.htmx import done, template
from app.slo import charts, commands, history, listing, page_queries, queries, weeks, words
from app.slo import detail as detailed
from app.slo import working as workings
from app.ui.formats import percent
from app.ui.timerange import read_range

blueprint = Blueprint("slo", __name__, url_prefix="/slo", template_folder="templates")
PAST_WINDOWS = 6
MOST_TILES = 12
for _helper in words.HELPERS:
    blueprint.add_app_template_global(_helper)


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
    """For other pages: a tile for each objective or group, the worst first, as many as one takes in."""
    rows = [row for section in _listing().sections for row in section.rows]
    more = len(rows) if len(rows) > MOST_TILES else 0
    return render_template("slo/_tiles.html", rows=rows[:MOST_TILES], more=more)


@blueprint.get("/<key>")
@requires("view")
def detail(key: str) -> str:
    now = clock.now()
    span = read_range(request.args, now, charts.DEFAULT_RANGE)
    with begin() as session:
        line = queries.line(session, key, now)
        figures = detailed.figures(session, line, now)
        drawn = charts.drawn(session, line.slo, span, now, figures.began)
        past = history.past_windows(session, line.slo, now, PAST_WINDOWS)
        by_week = weeks.weeks(session, line.slo, now)
        known_since = page_queries.known_since(session, line.slo)
    return render_template(
        "slo/detail.html",
        line=line,
        span=span,
        drawn=drawn,
        figures=figures,
        past=past,
        weeks=by_week,
        known_since=known_since,
    )


@blueprint.get("/<key>/_now")
@requires("view")
def current(key: str) -> str:
    """The figures of the detail page, refreshed with each gathering."""
    now = clock.now()
    with begin() as session:
        line = queries.line(session, key, now)
        figures = detailed.figures(session, line, now)
    return render_template("slo/_now.html", line=line, is_fragment=True, figures=figures)


@blueprint.get("/<key>/working")
@requires("view")
def working(key: str) -> str:
    """How the figure came about, counted once more from the five-minute rows."""
    now = clock.now()
    with begin() as session:
        line = queries.line(session, key, now)
        at = line.status.gathered_at if line.status else now
        shown = workings.working(session, line, at)
    page = template("slo/_working.html", "slo/working.html")
    return render_template(page, line=line, working=shown)


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

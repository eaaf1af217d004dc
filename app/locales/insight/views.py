"""Pages of progress: of all languages, of one, and of strings that nobody sees."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_babel import get_locale

from app import clock
from app.db import begin
from app.guards import requires
from app.locales import pseudo
from app.locales import queries as locales
from app.locales.assist import outline
from app.locales.insight import queries
from app.locales.insight.shapes import MOST_DAYS
from app.locales.states import STATES
from app.locales.words import SOURCE_LOCALE
from app.sources import sources

blueprint = Blueprint("locale_insight", __name__, url_prefix="/locales", template_folder="../templates")


@blueprint.get("/progress")
@requires("view")
def index() -> str:
    now, days = clock.now(), wanted_days()
    with begin() as session:
        rows = queries.progress(session, now, days)
        failures = queries.failures(session, now, days=days)
    names = {row.locale: locales.names(row.locale, str(get_locale()))[0] for row in rows}
    rows.sort(key=lambda row: (row.by_impressions is None, row.by_impressions or 0, row.by_strings or 0))
    return render_template(
        "locales/insight/index.html",
        rows=rows,
        names=names,
        failures=failures,
        days=days,
        previews=_previews(),
    )


def wanted_days() -> int:
    return min(max(request.args.get("days", queries.DAYS, type=int), 1), MOST_DAYS)


def _previews() -> dict[str, str | None]:
    """The shop in each pseudo-locale, for whoever looks at this page."""
    config, now = sources().config, clock.now()
    return {
        code: outline.link(
            config.shop_url, "/", SOURCE_LOCALE, outline.PREVIEW, config.outline_secret, now, of=code
        )
        for code in pseudo.LOCALES
    }


@blueprint.get("/<code>/progress")
@requires("view")
def detail(code: str) -> str:
    now, days = clock.now(), wanted_days()
    with begin() as session:
        row = locales.one_locale(session, code, str(get_locale()))
        progress = next(one for one in queries.progress(session, now, days) if one.locale == code)
        return render_template(
            "locales/insight/detail.html",
            locale=row,
            progress=progress,
            wanted=queries.worth_next(session, code, now, days),
            failures=queries.failures(session, now, code, days),
            figures=queries.figures(session, code),
            days=days,
            states=STATES,
        )


@blueprint.get("/dead")
@requires("view")
def dead() -> str:
    now, days = clock.now(), wanted_days()
    with begin() as session:
        rows = queries.dead(session, now, days)
    return render_template("locales/insight/dead.html", rows=rows, days=days)

"""Pages of releases: what waits, publishing it, every release, going back."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from app import clock, events
from app.db import begin
from app.guards import requires, who
from app.htmx import done
from app.locales.queries import locale, one_locale
from app.locales.releases import commands, queries
from app.locales.words import shipped
from app.sources import sources

blueprint = Blueprint("locale_releases", __name__, url_prefix="/locales", template_folder="../templates")


@blueprint.get("/<code>/publish")
@requires("view")
def publish_page(code: str) -> str:
    with begin() as session:
        row = one_locale(session, code, str(get_locale()))
        waiting = queries.waiting(session, code)
        blocked = queries.blocked(session, locale(session, code))
    return render_template("locales/releases/publish.html", locale=row, waiting=waiting, blocked=blocked)


@blueprint.post("/<code>/publish")
@requires("locales.publish")
def publish(code: str) -> Response:
    note = request.form.get("note", "")
    with begin() as session:
        release = commands.publish(session, code, note, who(), clock.now())
        number = release.number
    _tell(code)
    return done(
        url_for("locale_releases.index", code=code), _("Shoppers see release %(number)s now.", number=number)
    )


@blueprint.get("/<code>/releases")
@requires("view")
def index(code: str) -> str:
    with begin() as session:
        row = one_locale(session, code, str(get_locale()))
        rows = queries.releases(session, code)
        count = len(shipped(session, code))
    return render_template("locales/releases/index.html", locale=row, releases=rows, shipped=count)


@blueprint.post("/<code>/releases/<int:number>/live")
@requires("locales.publish")
def make_live(code: str, number: int) -> Response:
    with begin() as session:
        commands.make_live(session, code, number, who(), clock.now())
    _tell(code)
    words = _("Shoppers see release %(number)s again.", number=number)
    return done(
        url_for("locale_releases.index", code=code), words if number else _("Shoppers see what ships again.")
    )


def _tell(code: str) -> None:
    """After the commit: the shops fetch, open pages ask again."""
    redis = sources().redis
    commands.nudge(redis, code)
    events.publish(redis, "locales")
    events.publish(redis, "timeline")

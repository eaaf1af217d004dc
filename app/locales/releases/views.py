"""Pages of releases: what waits, publishing it, every release, going back."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from app import clock, events
from app.db import begin
from app.errors import Refused
from app.guards import requires, who
from app.htmx import done
from app.locales import access, rights
from app.locales.queries import locale, one_locale
from app.locales.releases import commands, planning, queries
from app.locales.releases.written import as_po
from app.locales.words import shipped
from app.sources import sources

blueprint = Blueprint("locale_releases", __name__, url_prefix="/locales", template_folder="../templates")


@blueprint.get("/<code>/publish")
@requires("view")
def publish_page(code: str) -> str:
    with begin() as session:
        row = one_locale(session, code, str(get_locale()))
        held = rights.held(session, code)
        waiting = queries.waiting(session, code)
        blocked = queries.blocked(session, locale(session, code))
        planned, candidate = queries.planned(session, code), queries.candidate(session, code)
    return render_template(
        "locales/releases/publish.html",
        locale=row,
        rights=held,
        waiting=waiting,
        blocked=blocked,
        planned=planned,
        candidate=candidate,
    )


@blueprint.post("/<code>/publish")
@requires("view")
def publish(code: str) -> Response:
    """Now, or at the hour that the form names."""
    note, at = request.form.get("note", ""), _hour()
    with begin() as session:
        rights.demand(session, code, access.PUBLISH)
        if at is None:
            number = commands.publish(session, code, note, who(), clock.now()).number
            said = _("Shoppers see release %(number)s now.", number=number)
        else:
            number = planning.plan(session, code, note, at, who(), clock.now()).number
            said = _("Release %(number)s waits for its hour.", number=number)
    _tell(code)
    return done(url_for("locale_releases.index", code=code), said)


@blueprint.post("/publish")
@requires("view")
def publish_all() -> Response:
    """Every locale in which something waits."""
    with begin() as session:
        codes = rights.where(session, queries.codes(session), access.PUBLISH)
        made, refused = commands.publish_all(session, codes, request.form.get("note", ""), who(), clock.now())
        done_in = [release.locale for release in made]
    for code in done_in:
        _tell(code)
    return done(url_for("locales.index"), _told_of_all(done_in, refused))


def _told_of_all(codes: list[str], refused: dict[str, str]) -> str:
    said = (
        _("Published: %(codes)s.", codes=", ".join(codes)) if codes else _("Nothing waited to be published.")
    )
    stopped = [f"{code}: {why}" for code, why in refused.items()]
    return " ".join([str(said), *stopped])


@blueprint.post("/<code>/planned")
@requires("view")
def change_plan(code: str) -> Response:
    at = _hour()
    if at is None:
        raise _wrong_hour()
    with begin() as session:
        rights.demand(session, code, access.PUBLISH)
        planning.change(session, code, at, who(), clock.now())
    _tell(code)
    return done(url_for("locale_releases.index", code=code), _("The hour was changed."))


@blueprint.post("/<code>/planned/cancel")
@requires("view")
def cancel_plan(code: str) -> Response:
    with begin() as session:
        rights.demand(session, code, access.PUBLISH)
        planning.cancel(session, code, who(), clock.now())
    _tell(code)
    return done(url_for("locale_releases.index", code=code), _("The planned release was cancelled."))


@blueprint.get("/<code>/releases/<int:number>")
@requires("view")
def one(code: str, number: int) -> str:
    """What differs between a release and another one: what is live, or the one that is chosen."""
    against = request.args.get("against", type=int)
    with begin() as session:
        row = one_locale(session, code, str(get_locale()))
        held = rights.held(session, code)
        release = queries.numbered(session, code, number)
        numbers = [each.number for each in queries.releases(session, code) if each.number != number]
        other = against if against is not None else _usual_other(row.release, number)
        changes = queries.between(session, code, other, number)
    return render_template(
        "locales/releases/release.html",
        locale=row,
        rights=held,
        release=release,
        changes=changes,
        other=other,
        numbers=[*numbers, 0],
    )


def _usual_other(live: int, number: int) -> int:
    """What is live; for the live one the release before it."""
    return live if live != number else number - 1


@blueprint.get("/<code>/releases/<int:number>/po")
@requires("view")
def write_out(code: str, number: int) -> Response:
    with begin() as session:
        data = as_po(queries.numbered(session, code, number))
    response = Response(data, mimetype="text/x-gettext-translation")
    response.headers["Content-Disposition"] = f'attachment; filename="storefront-{code}-{number}.po"'
    return response


def _hour() -> datetime | None:
    """The form's day and time, which are in UTC as it says."""
    raw = request.form.get("at", "").strip()
    if not raw:
        return None
    try:
        return datetime.fromisoformat(raw).replace(tzinfo=UTC)
    except ValueError:
        raise _wrong_hour() from None


def _wrong_hour() -> Refused:
    return Refused(_("The release was not planned."), {"at": _("Choose a day and time.")})


@blueprint.get("/<code>/releases")
@requires("view")
def index(code: str) -> str:
    with begin() as session:
        row = one_locale(session, code, str(get_locale()))
        held = rights.held(session, code)
        rows = queries.releases(session, code)
        count = len(shipped(session, code))
        planned, candidate = queries.planned(session, code), queries.candidate(session, code)
        moves = queries.moves(session, code)
    return render_template(
        "locales/releases/index.html",
        locale=row,
        rights=held,
        releases=rows,
        shipped=count,
        planned=planned,
        candidate=candidate,
        moves=moves,
    )


@blueprint.post("/<code>/releases/<int:number>/live")
@requires("view")
def make_live(code: str, number: int) -> Response:
    with begin() as session:
        rights.demand(session, code, access.PUBLISH)
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

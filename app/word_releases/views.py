"""The page of a locale's candidate release: showing one to a share, how it fares, and what was decided."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from app import clock, events
from app.db import begin
from app.errors import Refused
from app.guards import requires, who
from app.htmx import done
from app.locales import access, rights
from app.locales.assist import outline
from app.locales.queries import one_locale
from app.locales.releases import queries as releases
from app.locales.releases.commands import nudge
from app.sources import sources
from app.word_releases import commands, deciding, queries, share_plan, showing, words
from app.word_releases.models import WordRollout

blueprint = Blueprint("word_releases", __name__, url_prefix="/locales", template_folder="templates")


@blueprint.get("/<code>/candidate")
@requires("view")
def page(code: str) -> str:
    with begin() as session:
        row = one_locale(session, code, str(get_locale()))
        held = rights.held(session, code)
        found = queries.latest(session, code)
        decisions = queries.decisions(session, found.id) if found else []
        waiting = releases.waiting(session, code)
        earlier = [each for each in releases.releases(session, code) if not each.is_live][:10]
    return render_template(
        "word_releases/page.html",
        locale=row,
        rights=held,
        found=found,
        decisions=decisions,
        waiting=waiting,
        earlier=earlier,
        usual=share_plan.read_out(share_plan.USUAL.steps),
        **_words(),
    )


@blueprint.get("/<code>/candidate/_state")
@requires("view")
def state(code: str) -> str:
    with begin() as session:
        row = one_locale(session, code, str(get_locale()))
        held = rights.held(session, code)
        found = queries.latest(session, code)
    return render_template("word_releases/_state.html", locale=row, rights=held, found=found, **_words())


def _words() -> dict[str, object]:
    return {
        "words": words,
        "said": showing.said,
        "since": showing.since,
        "percent_of": deciding.percent,
        "plan_of": lambda row: share_plan.stored(row.plan),
        "now": clock.now(),
        "preview_of": _preview,
    }


def _preview(row: WordRollout) -> str | None:
    """The shop in the candidate's words, for whoever has the link."""
    config = sources().config
    what = f"release:{row.candidate}"
    return outline.link(config.shop_url, "/", row.locale, what, config.outline_secret, clock.now())


@blueprint.post("/<code>/candidate")
@requires("view")
def start(code: str) -> Response:
    form = request.form
    plan = share_plan.checked(share_plan.written(form.get("steps", "")))
    number = form.get("release", type=int) or None
    with begin() as session:
        rights.demand(session, code, access.PUBLISH)
        language = str(get_locale())
        row = commands.start(session, code, form.get("note", ""), plan, who(), clock.now(), language, number)
        candidate = row.candidate
    return _done(code, _("Release %(number)s is shown to the first visitors now.", number=candidate))


@blueprint.post("/<code>/candidate/share")
@requires("view")
def set_share(code: str) -> Response:
    percent = request.form.get("percent", type=int)
    if percent is None:
        whole = _("Use a whole number from %(least)s to %(most)s.", least=1, most=99)
        raise Refused(_("The share was not changed."), {"percent": whole})
    with begin() as session:
        rights.demand(session, code, access.PUBLISH)
        commands.set_share(session, code, percent, who(), clock.now())
    return _done(code, _("The share was changed."))


@blueprint.post("/<code>/candidate/promote")
@requires("view")
def promote(code: str) -> Response:
    with begin() as session:
        rights.demand(session, code, access.PUBLISH)
        number = commands.promote(session, code, who(), clock.now()).candidate
    return _done(code, _("Shoppers see release %(number)s now.", number=number))


@blueprint.post("/<code>/candidate/withdraw")
@requires("view")
def withdraw(code: str) -> Response:
    with begin() as session:
        rights.demand(session, code, access.PUBLISH)
        commands.withdraw(session, code, who(), clock.now())
    return _done(code, _("Nobody sees the candidate any more."))


def _done(code: str, said: str) -> Response:
    redis = sources().redis
    nudge(redis, code)
    for topic in ("locales", "timeline"):
        events.publish(redis, topic)
    return done(url_for("word_releases.page", code=code), said)

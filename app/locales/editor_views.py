"""The editor: one string, saved and gone on from. Answers are whole pages, or for htmx the desk alone."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from app import clock, events, four_eyes
from app.db import begin
from app.errors import Problem, Refused
from app.guards import requires, who
from app.htmx import is_fragment, template
from app.locales import access, bodies, commands, comments, desk, history, presence, rights, search
from app.locales.assist import queries as assist
from app.locales.desk import StringPage, length_of
from app.locales.length import Meter
from app.locales.marks import has_marks, marked
from app.locales.placeholders import carried
from app.locales.queries import LocaleRow
from app.locales.states import APPROVED, CHOICES, REVIEW, STATES, UNTRANSLATED, sender_of
from app.locales.views import row, typed
from app.locales.words import source_of
from app.sources import sources

blueprint = Blueprint("locale_editor", __name__, url_prefix="/locales", template_folder="templates")

MOST_FORMS = 10


@blueprint.get("/<code>/strings/<int:message_id>")
@requires("view")
def string(code: str, message_id: int) -> Response:
    with begin() as session:
        return _page(session, code, message_id)


@blueprint.post("/<code>/strings/<int:message_id>")
@requires("view")
def save(code: str, message_id: int) -> Response:
    """What cannot be saved comes back with everything that was typed."""
    texts, state, revision = _texts(), request.form.get("state", APPROVED), _revision()
    try:
        with begin() as session:
            _demand(session, code, state)
            commands.save(session, code, message_id, texts, state, revision, who(), clock.now())
            target = _after_saving(session, code, message_id)
    except Refused as problem:
        return _typed(code, message_id, texts, state, revision, problem)
    except commands.StaleEdit as problem:
        return _typed(code, message_id, texts, state, problem.revision, problem)
    presence.leave(sources().redis, code, message_id, who())
    events.publish(sources().redis, "locales")
    return _go(code, target, saved=message_id)


def _demand(session: Session, code: str, state: str) -> None:
    rights.demand(session, code, access.TRANSLATE)
    if state == APPROVED:
        rights.demand(session, code, access.REVIEW)


def _typed(
    code: str, message_id: int, texts: list[str], state: str, revision: int, problem: Problem
) -> Response:
    with begin() as session:
        return _page(session, code, message_id, texts or None, state, revision, problem)


def _after_saving(session: Session, code: str, message_id: int) -> int:
    """The next string of the list, or the same one where there is none or it was not asked for."""
    place = desk.place(session, code, search.parse(typed(), clock.now()), message_id)
    asked = {"next": place.following, "unfinished": place.next_unfinished}
    return asked.get(request.form.get("go", ""), message_id) or message_id


def _go(code: str, message_id: int, **more: Any) -> Response:
    q = typed() or None
    url = url_for("locale_editor.string", code=code, message_id=message_id, **more, q=q)
    if not is_fragment():
        return make_response(redirect(url, code=303))
    with begin() as session:
        answer = _page(session, code, message_id, saved=more.get("saved"))
    answer.headers["HX-Push-Url"] = url
    return answer


def _page(
    session: Session,
    code: str,
    message_id: int,
    texts: list[str] | None = None,
    state: str | None = None,
    revision: int | None = None,
    problem: Problem | None = None,
    saved: int | None = None,
) -> Response:
    shown = desk.one_string(session, code, message_id)
    locale, held = row(session, code), rights.held(session, code)
    texts = shown.forms if texts is None else texts
    page = render_template(
        template("locales/_desk.html", "locales/string.html"),
        locale=locale,
        shown=shown,
        texts=texts,
        state=state or _suggested_state(session, locale, shown, held),
        revision=shown.revision if revision is None else revision,
        problem=problem,
        findings=assist.open_findings(session, code, shown.message, texts),
        meters=_meters(shown, texts),
        placeholders=carried(source_of(shown.message).texts),
        place=_place(session, code, message_id),
        threads=comments.threads(session, code, message_id),
        versions=history.versions(session, code, message_id),
        q=typed(),
        saved=request.args.get("saved", type=int) if saved is None else saved,
        rights=held,
        states=STATES,
        choices=CHOICES,
        marked=marked,
        has_marks=has_marks,
        heartbeat=presence.HEARTBEAT_SECONDS,
        help_url=_help_url(code, message_id),
    )
    return Response(page, problem.status if problem else 200)


def _meters(shown: StringPage, texts: list[str]) -> list[Meter]:
    return [length_of(shown, form, text) for form, text in enumerate(texts)]


def _place(session: Session, code: str, message_id: int) -> desk.Place:
    """A query that cannot be read does not keep anybody from the string."""
    try:
        wanted = search.parse(typed(), clock.now())
    except Refused:
        wanted = search.EVERYTHING
    return desk.place(session, code, wanted, message_id)


def _suggested_state(session: Session, locale: LocaleRow, shown: StringPage, held: frozenset[str]) -> str:
    """What Ctrl+Enter means here: as far as this person may take the text."""
    if access.REVIEW not in held:
        return REVIEW
    if not locale.asks_review or shown.state == APPROVED:
        return APPROVED
    is_own = four_eyes.is_own(session, [sender_of(shown.writer)], who())
    return REVIEW if shown.state == UNTRANSLATED or is_own else APPROVED


def _help_url(code: str, message_id: int) -> str | None:
    """Where the glossary and the translation memory answer; None where no part of this house does."""
    path = f"/locales/{code}/strings/{message_id}/help"
    try:
        current_app.url_map.bind("").match(path, method="GET")
    except HTTPException:
        return None
    return path


@blueprint.post("/<code>/strings/<int:message_id>/checks")
@requires("view")
def checked(code: str, message_id: int) -> str:
    """What is wrong with a text that is being typed, how long it is, and what in it cannot be seen."""
    texts = _texts()
    with begin() as session:
        shown = desk.one_string(session, code, message_id)
        locale = row(session, code)
        findings = assist.open_findings(session, code, shown.message, texts)
    return render_template(
        "locales/_live.html",
        locale=locale,
        message_id=message_id,
        findings=findings,
        texts=texts,
        meters=_meters(shown, texts),
        marked=marked,
        has_marks=has_marks,
    )


@blueprint.post("/<code>/strings/<int:message_id>/presence")
@requires("view")
def here(code: str, message_id: int) -> str:
    """An open page says that it is there, and hears who else is."""
    others = presence.arrive(sources().redis, code, message_id, who(), clock.now())
    return render_template("locales/_presence.html", others=others)


@blueprint.post("/<code>/strings/<int:message_id>/comments")
@requires("view")
def say(code: str, message_id: int) -> Response | str:
    with begin() as session:
        rights.demand(session, code, access.TRANSLATE)
        reply_to = bodies.form_number("reply_to")
        comments.say(session, code, message_id, request.form.get("comment", ""), reply_to, who(), clock.now())
    return _threads(code, message_id)


@blueprint.post("/<code>/strings/<int:message_id>/comments/<int:comment_id>/<how>")
@requires("view")
def resolve(code: str, message_id: int, comment_id: int, how: str) -> Response | str:
    with begin() as session:
        rights.demand(session, code, access.TRANSLATE)
        comments.resolve(session, code, message_id, comment_id, how, who(), clock.now())
    return _threads(code, message_id)


def _threads(code: str, message_id: int) -> Response | str:
    events.publish(sources().redis, "locales")
    if not is_fragment():
        return _go(code, message_id)
    with begin() as session:
        threads = comments.threads(session, code, message_id)
        held = rights.held(session, code)
        locale = row(session, code)
    return render_template(
        "locales/_comments.html",
        locale=locale,
        message_id=message_id,
        threads=threads,
        rights=held,
        q=typed(),
    )


def _texts() -> list[str]:
    names = (f"form-{index}" for index in range(MOST_FORMS))
    return [request.form[name] for name in names if name in request.form]


def _revision() -> int:
    revision = bodies.form_number("revision")
    if revision is None:
        raise Refused(_("The page is out of date. Reload it and try again."))
    return revision

"""Pages of languages: where each stands, its strings, the editor."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock, events
from app.db import begin
from app.errors import NotFound, Problem, Refused
from app.guards import requires, who
from app.locales import checks, commands, queries
from app.locales.queries import Filter, StringPage
from app.locales.states import APPROVED, CHOICES, STATES
from app.locales.words import source_of
from app.sources import sources

blueprint = Blueprint("locales", __name__, url_prefix="/locales", template_folder="templates")

SEARCH_LENGTH = 200
MOST_FORMS = 10


@blueprint.get("/")
@requires("view")
def index() -> str:
    with begin() as session:
        rows = queries.board(session, str(get_locale()))
    return render_template("locales/index.html", rows=rows, now=clock.now())


@blueprint.get("/_board")
@requires("view")
def board() -> str:
    with begin() as session:
        rows = queries.board(session, str(get_locale()))
    return render_template("locales/_board.html", rows=rows, now=clock.now())


@blueprint.get("/<code>/")
@requires("view")
def detail(code: str) -> str:
    wanted, page = _filter(), _page()
    with begin() as session:
        row = _row(session, code)
        total = len(queries.matching(session, code, wanted))
        strings = queries.strings(session, code, wanted, page)
    last = max(1, -(-total // queries.PAGE))
    return render_template(
        "locales/detail.html",
        locale=row,
        strings=strings,
        wanted=wanted,
        total=total,
        page=page,
        last=last,
        states=STATES,
        filters=queries.FILTERS,
    )


@blueprint.get("/<code>/strings/<int:message_id>")
@requires("view")
def string(code: str, message_id: int) -> str:
    with begin() as session:
        shown = queries.one_string(session, code, message_id)
        return _editor(session, code, shown, shown.forms, _suggested_state(shown), shown.revision)


@blueprint.post("/<code>/strings/<int:message_id>")
@requires("locales.write")
def save(code: str, message_id: int) -> Response | tuple[str, int]:
    """A plain form: what cannot be saved comes back with everything that was typed."""
    texts, state, revision = _texts(), request.form.get("state", APPROVED), _revision()
    try:
        with begin() as session:
            commands.save(session, code, message_id, texts, state, revision, who(), clock.now())
    except commands.StaleEdit as problem:
        return _typed(code, message_id, texts, state, problem.revision, problem)
    except Refused as problem:
        return _typed(code, message_id, texts, state, revision, problem)
    events.publish(sources().redis, "locales")
    return make_response(redirect(_after_saving(code, message_id), code=303))


def _typed(
    code: str, message_id: int, texts: list[str], state: str, revision: int, problem: Problem
) -> tuple[str, int]:
    with begin() as session:
        shown = queries.one_string(session, code, message_id)
        page = _editor(session, code, shown, texts or shown.forms, state, revision, problem)
    return page, problem.status


def _after_saving(code: str, message_id: int) -> str:
    """The next string of the filter, or the same one where there is none or it was not asked for."""
    wanted = _filter()
    following = None
    if request.form.get("go") == "next":
        with begin() as session:
            ids = queries.matching(session, code, wanted)
        following = next((each for each in ids if each > message_id), None)
    target = message_id if following is None else following
    args: dict[str, Any] = {"code": code, "message_id": target, "saved": message_id, **_words_of(wanted)}
    return url_for("locales.string", **args)


def _editor(
    session: Session,
    code: str,
    shown: StringPage,
    texts: list[str],
    state: str,
    revision: int,
    problem: Problem | None = None,
) -> str:
    wanted = _filter()
    ids = queries.matching(session, code, wanted)
    findings = checks.check(source_of(shown.message), texts, shown.rule)
    return render_template(
        "locales/string.html",
        locale=_row(session, code),
        shown=shown,
        texts=texts,
        state=state,
        revision=revision,
        problem=problem,
        findings=findings,
        wanted=_words_of(wanted),
        position=ids.index(shown.message.id) + 1 if shown.message.id in ids else None,
        total=len(ids),
        previous=next((each for each in reversed(ids) if each < shown.message.id), None),
        following=next((each for each in ids if each > shown.message.id), None),
        saved=request.args.get("saved", type=int),
        states=STATES,
        choices=CHOICES,
    )


@blueprint.post("/<code>/strings/<int:message_id>/checks")
@requires("view")
def checked(code: str, message_id: int) -> str:
    """What is wrong with a text that is being typed."""
    with begin() as session:
        shown = queries.one_string(session, code, message_id)
    findings = checks.check(source_of(shown.message), _texts(), shown.rule)
    return render_template("locales/_checks.html", findings=findings, texts=_texts())


def _row(session: Session, code: str) -> queries.LocaleRow:
    return queries.one_locale(session, code, str(get_locale()))


def _filter() -> Filter:
    state = request.args.get("state", "")
    if state and state not in queries.FILTERS:
        raise NotFound(_("There is no such state."))
    return Filter(q=request.args.get("q", "").replace("\x00", "")[:SEARCH_LENGTH].strip(), state=state)


def _words_of(wanted: Filter) -> dict[str, str]:
    """The filter as arguments of a URL."""
    return {name: value for name, value in (("q", wanted.q), ("state", wanted.state)) if value}


def _page() -> int:
    return min(max(request.args.get("page", 1, type=int), 1), 100_000)


def _texts() -> list[str]:
    names = (f"form-{index}" for index in range(MOST_FORMS))
    return [request.form[name] for name in names if name in request.form]


def _revision() -> int:
    revision = request.form.get("revision", type=int)
    if revision is None:
        raise Refused(_("The page is out of date. Reload it and try again."))
    return revision


def _suggested_state(shown: StringPage) -> str:
    return shown.state if shown.state in CHOICES else APPROVED

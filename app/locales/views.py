"""Pages of languages: where each stands, and its strings."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import get_locale
from sqlalchemy.orm import Session

from app import clock
from app.db import begin
from app.errors import Refused
from app.guards import may, requires
from app.locales import bulk, checks, desk, queries, rights, search
from app.locales.locale_rules import AVAILABILITY
from app.locales.states import STATES

blueprint = Blueprint("locales", __name__, url_prefix="/locales", template_folder="templates")

FORM_FIELDS = ("state", "check", "author", "changed", "seen", "location", "has")  # of the form that writes q
LAST_PAGE = 100_000


@blueprint.get("/")
@requires("view")
def index() -> str:
    return _board("locales/index.html")


@blueprint.get("/_board")
@requires("view")
def board() -> str:
    return _board("locales/_board.html")


def _board(template: str) -> str:
    with begin() as session:
        rows = queries.board(session, str(get_locale()))
    can_add = may("locales.manage")
    return render_template(template, rows=rows, now=clock.now(), availability=AVAILABILITY, can_add=can_add)


@blueprint.get("/<code>/")
@requires("view")
def detail(code: str) -> Response:
    """The list. Fields of the form are written into the query, so that one address says what is shown."""
    if request.args.get("write"):
        return make_response(redirect(url_for("locales.detail", code=code, q=typed()), code=303))
    q, page, problem = typed(), _page(), None
    with begin() as session:
        locale = row(session, code)
        try:
            wanted = search.parse(q, clock.now())
        except Refused as refused:
            wanted, problem = search.EVERYTHING, refused
        if wanted == search.EVERYTHING:
            found = desk.Found(desk.strings(session, code, wanted, page), locale.strings)
        else:
            found = desk.found(session, code, wanted, page)
        held = rights.held(session, code)
    shown = render_template(
        "locales/detail.html",
        locale=locale,
        strings=found.strings,
        q=q,
        problem=problem,
        total=found.total,
        page=page,
        last=max(1, -(-found.total // desk.PAGE)),
        rights=held,
        **_words(),
    )
    return make_response(shown, problem.status if problem else 200)


def _words() -> dict[str, object]:
    """What the form of the search and the bulk actions offer."""
    return {
        "states": STATES,
        "actions": bulk.ACTIONS,
        "fields": search.FIELDS,
        "states_offered": [(name, state.word) for name, state in STATES.items()],
        "checks_offered": [(name, one.name) for name, one in checks.CHECKS.items()],
    }


def typed() -> str:
    """The query of the address; what a form's fields say comes before what was typed."""
    q = request.args.get("q", "").replace("\x00", "").strip()[: search.LONGEST + 1]
    return search.written({name: request.args.get(name, "") for name in FORM_FIELDS}, q)


def row(session: Session, code: str) -> queries.LocaleRow:
    return queries.one_locale(session, code, str(get_locale()))


def _page() -> int:
    return min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)

"""Pages of changes: what was changed together, taking it back, and one action on many strings."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from app import clock, events
from app.db import begin
from app.errors import Conflict, Refused
from app.guards import requires, who
from app.htmx import done
from app.locales import access, bodies, bulk, bulk_commands, history, reverting, rights
from app.locales.bulk import APPROVE, KINDS, Action
from app.locales.bulk_commands import Selection
from app.locales.models import TranslationBatch
from app.locales.period import period
from app.locales.reverting import Chosen
from app.locales.states import APPROVED, STATES
from app.locales.views import row
from app.sources import sources

blueprint = Blueprint("locale_changes", __name__, url_prefix="/locales", template_folder="templates")

SHOWN = 200


# --- one action on many ------------------------------------------------------------------------------


@blueprint.post("/<code>/bulk")
@requires("view")
def act(code: str) -> Response:
    """The first press looks, the second (`do=carry_out`) does what was looked at."""
    selection, action = _selection(), _action()
    with begin() as session:
        _demand(session, code, action.kind)
    if request.form.get("do") == "carry_out":
        try:
            return _carry_out(code, selection, action)
        except Conflict as problem:
            return _look(code, selection, action, problem)
    return _look(code, selection, action)


def _demand(session: Session, code: str, kind: str) -> None:
    rights.demand(session, code, access.TRANSLATE)
    if kind == APPROVE:
        rights.demand(session, code, access.REVIEW)


def _look(code: str, selection: Selection, action: Action, problem: Conflict | None = None) -> Response:
    with begin() as session:
        locale = row(session, code)
        plan = bulk_commands.plan(session, code, selection, action, who(), clock.now())
    page = render_template(
        "locales/bulk.html",
        locale=locale,
        plan=plan,
        action=action,
        selection=selection,
        actions=bulk.ACTIONS,
        states=STATES,
        problem=problem,
        shown=SHOWN,
    )
    return make_response(page, problem.status if problem else 200)


def _carry_out(code: str, selection: Selection, action: Action) -> Response:
    with begin() as session:
        batch = bulk_commands.carry_out(
            session, code, selection, action, who(), clock.now(), looked_at=request.form.get("looked_at", "")
        )
        events.publish_on_commit(session, sources().redis, "locales")
    told = ngettext("%(num)s string was changed.", "%(num)s strings were changed.", batch.strings)
    undo = url_for("locale_changes.undo", code=code, batch_id=batch.id)
    return done(url_for("locales.detail", code=code, q=request.form.get("q") or None), told, undo=undo)


def _selection() -> Selection:
    if request.form.get("scope") == "all":
        return Selection(q=request.form.get("q", ""))
    ids = (text for text in request.form.getlist("ids") if text.isascii() and text.isdigit())
    return Selection(ids=tuple(int(text) for text in ids if len(text) < 19))


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\x00", "")


def _action() -> Action:
    # Only line ends are mended: a space at an edge may be what is meant.
    find, replacement = (_plain(request.form.get(name, "")) for name in ("find", "replacement"))
    action = Action(request.form.get("action", ""), find, replacement)
    bulk.check_action(action)
    return action


# --- what was changed --------------------------------------------------------------------------------


@blueprint.get("/<code>/changes")
@requires("view")
def index(code: str) -> str:
    with begin() as session:
        locale = row(session, code)
        batches = history.batches(session, code)
        held = rights.held(session, code)
    return render_template(
        "locales/changes.html", locale=locale, batches=batches, kinds=KINDS, rights=held, today=clock.now()
    )


@blueprint.get("/<code>/changes/<int:batch_id>")
@requires("view")
def detail(code: str, batch_id: int) -> str:
    with begin() as session:
        batch = history.batch(session, code, batch_id)
        return _plan_page(session, code, Chosen(batch_id=batch_id), batch)


@blueprint.get("/<code>/changes/by")
@requires("view")
def by_person(code: str) -> str:
    with begin() as session:
        return _plan_page(session, code, chosen_period(request.args), None)


def _plan_page(session: Session, code: str, chosen: Chosen, batch: TranslationBatch | None) -> str:
    return render_template(
        "locales/change.html",
        locale=row(session, code),
        plan=reverting.plan(session, code, chosen),
        chosen=chosen,
        batch=batch,
        kinds=KINDS,
        states=STATES,
        rights=rights.held(session, code),
        shown=SHOWN,
    )


def chosen_period(sent: Mapping[str, str]) -> Chosen:
    start, end = period(sent.get("from", ""), sent.get("to", ""))
    return Chosen(author=_plain(sent.get("author", "")).strip(), start=start, end=end)


@blueprint.post("/<code>/changes/<int:batch_id>/undo")
@requires("view")
def undo(code: str, batch_id: int) -> Response:
    with begin() as session:
        history.batch(session, code, batch_id)
    return _take_back(code, Chosen(batch_id=batch_id))


@blueprint.post("/<code>/changes/by")
@requires("view")
def take_back_of(code: str) -> Response:
    return _take_back(code, chosen_period(request.form))


def _take_back(code: str, chosen: Chosen) -> Response:
    with begin() as session:
        rights.demand(session, code, access.TRANSLATE)
        plan = reverting.plan(session, code, chosen)
        if plan.approves:
            rights.demand(session, code, access.REVIEW)
        batch = reverting.take_back(session, code, chosen, plan, who(), clock.now())
        events.publish_on_commit(session, sources().redis, "locales")
    told = ngettext(
        "%(num)s string is as it was before.", "%(num)s strings are as they were before.", batch.strings
    )
    if plan.refused:
        left = _("%(count)s were changed again since and stay as they are.", count=len(plan.refused))
        told = f"{told} {left}"
    undo_url = url_for("locale_changes.undo", code=code, batch_id=batch.id)
    return done(url_for("locale_changes.index", code=code), told, undo=undo_url)


@blueprint.post("/<code>/strings/<int:message_id>/revert")
@requires("view")
def bring_back(code: str, message_id: int) -> Response:
    """An earlier version of one string again."""
    to, on = bodies.form_number("to"), bodies.form_number("revision")
    if to is None or on is None:
        raise Refused(_("The page is out of date. Reload it and try again."))
    with begin() as session:
        rights.demand(session, code, access.TRANSLATE)
        if reverting.version(session, code, message_id, to).state == APPROVED:
            rights.demand(session, code, access.REVIEW)
        reverting.bring_back(session, code, message_id, to, on, who(), clock.now())
        events.publish_on_commit(session, sources().redis, "locales")
    q = request.args.get("q") or None
    url = url_for("locale_editor.string", code=code, message_id=message_id, q=q)
    return done(url, _("The text of before is back."))

"""The panel of help beside the editor, dismissing a warning, and the page of the glossary."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from app import clock, events
from app.db import begin
from app.errors import Problem, Refused
from app.guards import requires, who
from app.htmx import done, is_fragment, template
from app.locales import access, rights
from app.locales import queries as locales
from app.locales.assist import commands, glossary, outline, queries
from app.locales.assist.queries import Help
from app.locales.checks import Term
from app.sources import sources

blueprint = Blueprint("locale_assist", __name__, url_prefix="/locales", template_folder="../templates")


# --- beside the editor -------------------------------------------------------------------------------


@blueprint.get("/<code>/strings/<int:message_id>/help")
@requires("view")
def panel(code: str, message_id: int) -> str:
    return _panel(code, message_id)


def _panel(code: str, message_id: int, problem: Problem | None = None) -> str:
    with begin() as session:
        row = locales.one_locale(session, code, str(get_locale()))
        shown = queries.help_of(session, code, message_id)
        may_write = access.TRANSLATE in rights.held(session, code)
    return render_template(
        template("locales/assist/_help.html", "locales/assist/help.html"),
        locale=row,
        shown=shown,
        links=_links(code, shown),
        may_write=may_write,
        problem=problem,
        typed=request.form,
    )


def _links(code: str, shown: Help) -> list[str | None]:
    """For each page the link that opens the shop there with the string outlined."""
    config, now = sources().config, clock.now()
    return [
        outline.link(config.shop_url, page.path, code, shown.message.key, config.outline_secret, now)
        for page in shown.pages
    ]


@blueprint.post("/<code>/strings/<int:message_id>/dismissals")
@requires("view")
def dismiss(code: str, message_id: int) -> Response:
    check, form = request.form.get("check", ""), request.form.get("form", 0, type=int)
    reason = request.form.get("reason", "")
    try:
        with begin() as session:
            rights.demand(session, code, access.TRANSLATE)
            commands.dismiss(session, code, message_id, check, form, reason, who(), clock.now())
    except Refused as problem:
        return Response(_panel(code, message_id, problem), problem.status)
    return _told(code, message_id)


@blueprint.post("/<code>/strings/<int:message_id>/dismissals/recall")
@requires("view")
def recall(code: str, message_id: int) -> Response:
    check, form = request.form.get("check", ""), request.form.get("form", 0, type=int)
    with begin() as session:
        rights.demand(session, code, access.TRANSLATE)
        commands.recall(session, code, message_id, check, form, who(), clock.now())
    return _told(code, message_id)


def _told(code: str, message_id: int) -> Response:
    events.publish(sources().redis, "locales")
    if is_fragment():
        return Response(_panel(code, message_id))
    return done(url_for("locale_editor.string", code=code, message_id=message_id))


# --- glossary ----------------------------------------------------------------------------------------


@blueprint.get("/<code>/glossary")
@requires("view")
def terms(code: str) -> str:
    return _glossary(code)


def _glossary(code: str, problem: Problem | None = None, editing: int | None = None) -> str:
    with begin() as session:
        row = locales.one_locale(session, code, str(get_locale()))
        rows = queries.term_rows(session, code)
        may_write = access.TRANSLATE in rights.held(session, code)
    edited = editing or request.args.get("edit", type=int)
    current = next((term for term in rows if term.id == edited), None)
    return render_template(
        "locales/assist/glossary.html",
        locale=row,
        rows=rows,
        current=current,
        may_write=may_write,
        problem=problem,
        typed=request.form,
    )


@blueprint.post("/<code>/glossary")
@requires("view")
def save_term(code: str) -> Response:
    """A new term; with `id` another text for one."""
    id_ = request.form.get("id", type=int)
    try:
        with begin() as session:
            rights.demand(session, code, access.TRANSLATE)
            commands.save_term(session, code, _sent_term(), who(), clock.now(), id_)
    except Problem as problem:
        return Response(_glossary(code, problem, id_), problem.status)
    return done(url_for("locale_assist.terms", code=code), _("The term is saved."))


def _sent_term() -> Term:
    form = request.form
    return glossary.checked(
        form.get("term", ""),
        form.get("translation", ""),
        form.get("note", ""),
        is_kept=form.get("is_kept") == "1",
        is_case_sensitive=form.get("is_case_sensitive") == "1",
    )


@blueprint.post("/<code>/glossary/<int:term_id>/delete")
@requires("view")
def delete_term(code: str, term_id: int) -> Response:
    with begin() as session:
        rights.demand(session, code, access.TRANSLATE)
        commands.delete_term(session, code, term_id, who(), clock.now())
    return done(url_for("locale_assist.terms", code=code), _("The term is gone."))


@blueprint.post("/<code>/glossary/import")
@requires("view")
def import_terms(code: str) -> Response:
    request.max_content_length = glossary.MOST_BYTES + 100_000
    upload = request.files.get("file")
    try:
        if upload is None or not upload.filename:
            raise Refused(_("Choose a file."), {"file": _("Choose a file.")})
        found = glossary.read_csv(upload.stream.read(glossary.MOST_BYTES + 1))
        with begin() as session:
            rights.demand(session, code, access.TRANSLATE)
            count = commands.import_terms(session, code, found, who(), clock.now())
    except Refused as problem:
        return Response(_glossary(code, problem), problem.status)
    words = _("%(count)s terms were taken over.", count=count)
    return done(url_for("locale_assist.terms", code=code), words)


@blueprint.get("/<code>/glossary.csv")
@requires("view")
def export_terms(code: str) -> Response:
    with begin() as session:
        locales.locale(session, code)
        data = glossary.as_csv(queries.terms(session, code))
    response = Response(data, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="glossary-{code}.csv"'
    return response

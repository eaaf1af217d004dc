"""OpenSLO documents taken in by the page: tried first, with a word on each object, then kept."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app import clock
from app.db import begin
from app.errors import Refused
from app.events import publish_on_commit
from app.guards import requires, who
from app.htmx import done
from app.slo import openslo_commands
from app.slo.openslo_commands import Said
from app.slo.openslo_read import MOST_CHARACTERS
from app.sources import sources

blueprint = Blueprint("slo_import", __name__, url_prefix="/slo/-/import", template_folder="templates")


@blueprint.get("")
@requires("slo.write")
def page() -> str:
    return render_template("slo/import.html", text="")


@blueprint.post("")
@requires("slo.write")
def load() -> Response:
    """`try` keeps nothing and tells what would become of each object; the text stays in the form."""
    text, is_trial = _text(), "try" in request.form
    try:
        said = _tried(text) if is_trial else _kept(text)
    except Refused as refused:
        wrong = refused.fields or {"document": refused.message}
        return make_response(render_template("slo/import.html", text=text, wrong=wrong), refused.status)
    if is_trial:
        return make_response(render_template("slo/import.html", text=text, said=said))
    changed = sum(one.action in ("created", "updated") for one in said)
    return done(url_for("slo.index"), _("%(count)s SLOs were imported.", count=changed))


def _kept(text: str) -> Sequence[Said]:
    with begin() as session:
        said = openslo_commands.load(session, sources(), text, who(), clock.now())
        publish_on_commit(session, sources().redis, "slo")
    return said


def _tried(text: str) -> Sequence[Said]:
    with begin() as session:
        said = openslo_commands.load(session, sources(), text, who(), clock.now())
        session.rollback()
    return said


def _text() -> str:
    """What was pasted, or the file where one was chosen."""
    upload = request.files.get("file")
    if upload and upload.filename:
        return str(upload.read(4 * MOST_CHARACTERS + 1), "utf-8", "replace")
    return request.form.get("document", "")

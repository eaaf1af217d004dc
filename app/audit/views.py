"""The audit trail as a page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException

from app import clock, paging
from app.audit import checks, queries, subjects, words
from app.audit.entry_shapes import SEARCH
from app.audit.models import AuditEntry
from app.db import begin
from app.errors import NotFound
from app.guards import confirmed, requires
from app.htmx import done

blueprint = Blueprint("audit", __name__, url_prefix="/audit", template_folder="templates")

FILES = {"csv": "audit_api.as_csv", "jsonl": "audit_api.json_lines"}


@blueprint.get("/")
@requires("audit.view")
def index() -> str:
    wanted = queries.wanted(request.args)
    with begin() as session:
        order = AuditEntry.at.desc(), AuditEntry.id.desc()
        page = paging.of_select(session, queries.matching(wanted), *order)
        check = checks.last_check(session)
    return render_template(
        "audit/index.html",
        page=page,
        wanted=wanted,
        asked=_asked(wanted),
        check=check,
        page_of=page_of,
        words=words,
    )


def _asked(wanted: queries.Wanted) -> dict[str, str]:
    """The same of the API, which wants moments with their zone."""
    moments = {"from": wanted.since, "to": wanted.until}
    texts = {name: request.args[name] for name in SEARCH if name not in moments and request.args.get(name)}
    return texts | {name: found.isoformat() for name, found in moments.items() if found is not None}


@blueprint.post("/verify")
@requires("audit.view")
def verify() -> Response:
    """Walk the whole chain now."""
    with begin() as session:
        found = checks.check(session, clock.now())
    if found.broken is None:
        told = _("The trail is whole: nothing was altered, removed or added.")
    else:
        told = _("The trail is broken at entry %(sequence)s.", sequence=found.broken.sequence)
    return done(url_for("audit.index"), told)


@blueprint.get("/download/<form>")
@requires("audit.view")
@confirmed
def download(form: str) -> Response:
    """The file of what matches; whoever follows the link is asked on a page, which the API has not."""
    if form not in FILES:
        raise NotFound(_("There is no such page."))
    asked: dict[str, Any] = {name: request.args[name] for name in SEARCH if name in request.args}
    return make_response(redirect(url_for(FILES[form], **asked), code=303))


def page_of(subject: str) -> str | None:
    """The thing's page, where this house has one."""
    path = subjects.page_of(subject)
    if path is None:
        return None
    try:
        current_app.url_map.bind("").match(path.partition("?")[0], method="GET")
    except HTTPException:
        return None
    return path

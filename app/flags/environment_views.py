"""Environments: where flags are asked, and where a change needs somebody else's word."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _

from app import clock
from app.db import begin
from app.flags import environment as rules
from app.flags import environment_commands as commands
from app.flags import queries
from app.flags.pages import whole, writing
from app.guards import confirmed, requires, who
from app.htmx import done

blueprint = Blueprint(
    "flag_environments", __name__, url_prefix="/flags/-/environments", template_folder="templates"
)


@blueprint.get("/")
@requires("view")
def index() -> str:
    with begin() as session:
        found = queries.places(session)
        connected = {one.name: queries.connected(session, one.name, clock.now()) for one in found}
    return render_template(
        "flags/environments.html",
        found=found,
        connected=connected,
        types=rules.TYPES,
        most=rules.MOST_APPROVALS,
    )


@blueprint.post("/")
@requires("accounts.manage")
def create() -> Response:
    name = request.form.get("name", "").strip()
    with writing() as session:
        commands.create(session, name, request.form.get("type", ""), clock.now(), who())
    return _back(_("%(name)s was added; every flag is off there.", name=name))


@blueprint.post("/<name>")
@requires("accounts.manage")
@confirmed
def change(name: str) -> Response:
    """Whether changes need approval, and of how many: only admins say so, lest people free themselves."""
    wanted = {
        "type": request.form.get("type", ""),
        "requires_approval": request.form.get("requires_approval") == "1",
        "approvals_needed": whole(request.form.get("approvals_needed", "")),
    }
    with writing() as session:
        commands.change(session, name, wanted, clock.now(), who())
    return _back(_("Saved."))


@blueprint.post("/<name>/move")
@requires("accounts.manage")
def move(name: str) -> Response:
    """One place up or down on pages."""
    with writing() as session:
        names = [one.name for one in queries.places(session)]
        at = names.index(name) if name in names else -1
        other = at - 1 if request.form.get("to") == "up" else at + 1
        if at >= 0 and 0 <= other < len(names):
            names[at], names[other] = names[other], names[at]
            commands.reorder(session, names, clock.now(), who())
    return _back("")


@blueprint.post("/<name>/archive")
@requires("accounts.manage")
def archive(name: str) -> Response:
    archived = request.form.get("archived") == "on"
    with writing() as session:
        commands.set_archived(session, name, archived, clock.now(), who())
    return _back(_("%(name)s was archived.", name=name) if archived else _("%(name)s is back.", name=name))


def _back(told: str) -> Response:
    return done(url_for("flag_environments.index"), told)

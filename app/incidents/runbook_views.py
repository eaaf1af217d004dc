"""Runbooks: what to do when it matters, to read, and to change without a deploy."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _

from app import clock
from app.db import begin
from app.errors import Refused
from app.guards import requires, who
from app.htmx import done
from app.incidents import procedure, runbooks

blueprint = Blueprint("runbooks", __name__, template_folder="templates")

NEW = "# …\n\n## Identify\n\n1. …\n\n## Act\n\n1. …\n\n## Verify\n\n1. …\n\n## Review\n\n1. …\n"


@blueprint.get("/runbooks/")
@requires("view")
def index() -> str:
    with begin() as session:
        return render_template("runbooks/index.html", books=runbooks.all_of(session))


@blueprint.get("/runbooks/<name>")
@requires("view")
def detail(name: str) -> str:
    with begin() as session:
        return render_template("runbooks/detail.html", book=runbooks.get(session, name))


@blueprint.get("/runbooks/-/new")
@requires("incidents.write")
def new() -> str:
    return render_template("runbooks/edit.html", book=None, text=NEW, actions=procedure.ACTIONS)


@blueprint.get("/runbooks/<name>/edit")
@requires("incidents.write")
def edit(name: str) -> str:
    with begin() as session:
        book = runbooks.get(session, name)
    return render_template("runbooks/edit.html", book=book, text=book.text, actions=procedure.ACTIONS)


@blueprint.post("/runbooks/")
@requires("incidents.write")
def save() -> Response:
    name = request.form.get("name", "").strip()
    with begin() as session:
        book = runbooks.save(session, name, request.form.get("text", ""), _revision(), who(), clock.now())
    return done(url_for("runbooks.detail", name=book.name), _("The runbook is saved."))


@blueprint.post("/runbooks/<name>/restore")
@requires("incidents.write")
def restore(name: str) -> Response:
    with begin() as session:
        runbooks.restore(session, name, _revision(), who(), clock.now())
    return done(url_for("runbooks.detail", name=name), _("The runbook is as it ships again."))


def _revision() -> int:
    revision = request.form.get("revision", type=int)
    if revision is None:
        raise Refused(_("The page is out of date. Reload it and try again."))
    return revision

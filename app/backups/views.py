"""The page of backups. Nothing is restored from here: that is done by hand, with `backroom restore`."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _

from app import clock
from app.backups import commands, databases, queries
from app.backups.making import folder_of
from app.backups.retention import Keep
from app.backups.working import TOPIC
from app.db import begin
from app.events import publish_on_commit
from app.guards import confirmed, requires, who
from app.htmx import done
from app.sources import sources

blueprint = Blueprint("backups", __name__, url_prefix="/backups", template_folder="templates")


def _shown() -> dict[str, Any]:
    config, now = sources().config, clock.now()
    with begin() as session:
        rows = queries.lines(session)
        standing = [
            queries.standing(session, name, config.backup_stale_hours, now) for name in databases.urls(config)
        ]
    is_busy = any(
        one.state in ("asked", "running")
        for row in rows
        for one in (row.backup, row.verified, row.proven)
        if one is not None
    )
    return {"rows": rows, "standing": standing, "config": config, "now": now, "is_busy": is_busy}


@blueprint.get("/")
@requires("backups.manage")
def index() -> str:
    return render_template("backups/index.html", **_shown())


@blueprint.get("/_list")
@requires("backups.manage")
def table() -> str:
    return render_template("backups/_list.html", **_shown())


@blueprint.post("/")
@requires("backups.manage")
@confirmed
def make() -> Response:
    with begin() as session:
        database = request.form.get("database", "")
        commands.ask(session, sources().config, database, who(), clock.now(), "page")
        publish_on_commit(session, sources().redis, TOPIC)
    return done(url_for("backups.index"), _("The backup begins within seconds."))


@blueprint.post("/<int:backup_id>/checks")
@requires("backups.manage")
@confirmed
def check(backup_id: int) -> Response:
    with begin() as session:
        commands.ask_check(session, backup_id, request.form.get("kind", ""), who(), clock.now())
        publish_on_commit(session, sources().redis, TOPIC)
    return done(url_for("backups.index"), _("The check begins within seconds."))


@blueprint.post("/prune")
@requires("backups.manage")
@confirmed
def prune() -> Response:
    config = sources().config
    with begin() as session:
        folder = folder_of(config)
        gone = commands.prune(session, folder, Keep(*config.backup_keep), who(), clock.now())
        publish_on_commit(session, sources().redis, TOPIC)
    return done(url_for("backups.index"), _("Files deleted: %(count)s", count=len(gone)))

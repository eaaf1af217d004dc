"""Backups as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for
from sqlalchemy import select

from app import clock, paging
from app.backups import commands, databases, queries
from app.backups.api_shapes import ASK, BACKUP, CHECK, CHECK_ASKED, LIST, PRUNED
from app.backups.making import folder_of
from app.backups.models import Backup, BackupCheck
from app.backups.queries import Line, Standing
from app.backups.retention import Keep
from app.db import begin
from app.guards import confirmed, requires, who
from app.openapi.operation import operation
from app.openapi.shapes import PAGING
from app.sources import sources

blueprint = Blueprint("backups_api", __name__, url_prefix="/api/v1/backups")


@blueprint.get("")
@requires("backups.manage")
@operation(answers={200: LIST}, query=PAGING)
def index() -> Response:
    """Backups, newest first, and how far each database is safe."""
    config = sources().config
    with begin() as session:
        page = paging.of_select(session, select(Backup), Backup.asked_at.desc(), Backup.id.desc())
        rows = queries.with_checks(session, page.items)
        standing = [
            queries.standing(session, name, config.backup_stale_hours, clock.now())
            for name in databases.urls(config)
        ]
    lines = paging.Page(rows, page.next_cursor)
    return paging.answer("backups", lines, as_json, databases=[_standing(one) for one in standing])


@blueprint.get("/<int:backup_id>")
@requires("backups.manage")
@operation(answers={200: BACKUP})
def show(backup_id: int) -> Response:
    """One backup with its newest checks."""
    with begin() as session:
        return jsonify(as_json(queries.line(session, backup_id)))


@blueprint.post("")
@requires("backups.manage")
@confirmed
@operation(body=ASK, answers={201: BACKUP})
def make() -> tuple[Response, int, dict[str, str]]:
    """Ask for a backup of one database; it is made within seconds."""
    with begin() as session:
        made = commands.ask(
            session, sources().config, request.get_json()["database"], who(), clock.now(), "api"
        )
        answer = as_json(Line(made, None, None))
    return jsonify(answer), 201, {"Location": url_for("backups_api.show", backup_id=answer["id"])}


@blueprint.post("/<int:backup_id>/checks")
@requires("backups.manage")
@confirmed
@operation(body=CHECK_ASKED, answers={201: CHECK})
def check(backup_id: int) -> tuple[Response, int, dict[str, str]]:
    """Have a backup read to its end (verify), or restored beside and compared (prove)."""
    with begin() as session:
        made = commands.ask_check(session, backup_id, request.get_json()["kind"], who(), clock.now())
        answer = _check(made)
    return jsonify(answer), 201, {"Location": url_for("backups_api.show", backup_id=backup_id)}


@blueprint.post("/prune")
@requires("backups.manage")
@confirmed
@operation(answers={200: PRUNED})
def prune() -> Response:
    """Delete the files that retention lets go."""
    config = sources().config
    with begin() as session:
        gone = commands.prune(session, folder_of(config), Keep(*config.backup_keep), who(), clock.now())
    return jsonify(deleted=gone)


def as_json(row: Line) -> dict[str, Any]:
    backup = row.backup
    return {
        "id": backup.id,
        "database": backup.database,
        "state": backup.state,
        "cause": backup.cause,
        "asked_by": backup.asked_by,
        "asked_at": _text(backup.asked_at),
        "made_at": _text(backup.made_at),
        "error": backup.error,
        "file_name": backup.file_name,
        "size_bytes": backup.size_bytes,
        "key_name": backup.key_name,
        "schema_revision": backup.schema_revision,
        "tables": backup.tables,
        "rows": backup.rows,
        "seconds": backup.seconds,
        "verified": _check(row.verified) if row.verified else None,
        "proven": _check(row.proven) if row.proven else None,
    }


def _check(one: BackupCheck) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "state": one.state,
        "asked_by": one.asked_by,
        "asked_at": _text(one.asked_at),
        "finished_at": _text(one.finished_at),
        "said": one.said,
    }


def _standing(one: Standing) -> dict[str, Any]:
    return {
        "database": one.database,
        "saved_at": _text(one.saved_at),
        "proven_at": _text(one.proven_at),
        "is_stale": one.is_stale,
        "failed": one.failed,
    }


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None

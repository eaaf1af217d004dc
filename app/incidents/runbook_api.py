"""Runbooks as JSON."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from app import clock, paging
from app.db import begin
from app.guards import requires, who
from app.incidents import incident_shapes as shapes
from app.incidents import runbooks
from app.incidents.runbooks import Runbook
from app.openapi.operation import operation
from app.openapi.shapes import PAGING

blueprint = Blueprint("runbooks_api", __name__, url_prefix="/api/v1/runbooks")

PATH = {"name": shapes.BOOK_NAME}


@blueprint.get("")
@requires("view")
@operation(query=PAGING, answers={200: shapes.BOOKS})
def index() -> Response:
    """All runbooks by their title, without their texts."""
    with begin() as session:
        page = paging.of_list(runbooks.all_of(session), lambda book: (book.title, book.name))
        return paging.answer("runbooks", page, _runbook)


@blueprint.get("/<name>")
@requires("view")
@operation(path=PATH, answers={200: shapes.BOOK})
def detail(name: str) -> Response:
    """One runbook with its text."""
    with begin() as session:
        return jsonify(_with_text(runbooks.get(session, name)))


@blueprint.put("/<name>")
@requires("incidents.write")
@operation(path=PATH, body=shapes.BOOK_DRAFT, answers={200: shapes.BOOK})
def save(name: str) -> Response:
    """Write a runbook, or make a new one.

    `revision`: the one that was read, 0 for a runbook that is as it ships or new.
    """
    body = request.get_json()
    with begin() as session:
        saved = runbooks.save(session, name, body["text"], int(body["revision"]), who(), clock.now())
        return jsonify(_with_text(saved))


@blueprint.post("/<name>/restore")
@requires("incidents.write")
@operation(path=PATH, body=shapes.RESTORING, answers={200: shapes.BOOK})
def restore(name: str) -> Response:
    """Back to the file that ships."""
    revision = int(request.get_json()["revision"])
    with begin() as session:
        runbooks.get(session, name)
        return jsonify(_with_text(runbooks.restore(session, name, revision, who(), clock.now())))


def _with_text(found: Runbook) -> dict[str, Any]:
    return {**_runbook(found), "text": found.text}


def _runbook(found: Runbook) -> dict[str, Any]:
    return {
        "name": found.name,
        "title": found.title,
        "revision": found.revision,
        "is_edited": found.is_edited,
        "changed_at": found.changed_at.isoformat() if found.changed_at else None,
        "changed_by": found.changed_by,
    }

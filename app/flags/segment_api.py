"""Segments as JSON."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, url_for
from sqlalchemy.orm import Session

from app import clock
from app.db import begin
from app.flags import admin_json, queries, segment, segment_commands
from app.flags.pages import writing
from app.flags.requests import body, matching, seen
from app.guards import requires, who

blueprint = Blueprint("flag_segments_api", __name__, url_prefix="/api/v1/segments")

Json = dict[str, Any]
CREATED, NO_CONTENT = 201, 204


@blueprint.get("")
@requires("view")
def index() -> Response:
    with begin() as session:
        return jsonify(segments=[admin_json.segment(row) for row in queries.segment_rows(session)])


@blueprint.post("")
@requires("flags.write")
def create() -> Response:
    """name, description, project, constraints."""
    draft = _draft(body())
    with writing() as session:
        number = segment_commands.create(session, draft, clock.now(), who())
        response = _answer(session, number, CREATED)
    response.headers["Location"] = url_for("flag_segments_api.detail", segment_id=number)
    return response


@blueprint.get("/<int:segment_id>")
@requires("view")
def detail(segment_id: int) -> Response:
    with begin() as session:
        return _answer(session, segment_id)


@blueprint.put("/<int:segment_id>")
@requires("flags.write")
def change(segment_id: int) -> Response:
    """All of it at once. The revision seen: If-Match (412) or `revision` (409)."""
    wanted = body()
    with writing() as session:
        with matching():
            segment_commands.change(session, segment_id, _draft(wanted), clock.now(), who(), seen(wanted))
        return _answer(session, segment_id)


@blueprint.delete("/<int:segment_id>")
@requires("flags.write")
def delete(segment_id: int) -> tuple[str, int]:
    """Only what no flag uses."""
    with writing() as session:
        segment_commands.delete(session, segment_id, clock.now(), who())
    return "", NO_CONTENT


def _draft(wanted: Json) -> segment.Draft:
    return segment.checked(
        wanted.get("name", ""),
        wanted.get("description", ""),
        wanted.get("project"),
        wanted.get("constraints", []),
    )


def _answer(session: Session, segment_id: int, status: int = 200) -> Response:
    row = queries.segment(session, segment_id)
    response = jsonify(admin_json.segment(row))
    response.status_code = status
    response.headers["ETag"] = f'"{row.revision}"'
    return response

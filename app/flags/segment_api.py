"""Segments as JSON."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, url_for
from sqlalchemy.orm import Session

from app import clock, paging
from app.db import begin
from app.flags import admin_json, queries, segment, segment_commands
from app.flags import place_shapes as shapes
from app.flags.pages import writing
from app.flags.requests import body, matching, seen
from app.guards import requires, who
from app.openapi.operation import operation
from app.openapi.shapes import PAGING

blueprint = Blueprint("flag_segments_api", __name__, url_prefix="/api/v1/segments")

Json = dict[str, Any]
CREATED, NO_CONTENT = 201, 204


@blueprint.get("")
@requires("view")
@operation(query=PAGING, answers={200: shapes.SEGMENTS})
def index() -> Response:
    """All segments by their names."""
    with begin() as session:
        page = paging.of_list(queries.segment_rows(session), lambda row: (row.name, row.id))
        return paging.answer("segments", page, admin_json.segment)


@blueprint.post("")
@requires("flags.write")
@operation(body=shapes.SEGMENT_DRAFT, answers={201: shapes.SEGMENT})
def create() -> Response:
    """Make a group of constraints that strategies can share; 409 where its name is taken."""
    draft = _draft(body())
    with writing() as session:
        number = segment_commands.create(session, draft, clock.now(), who())
        response = _answer(session, number, CREATED)
    response.headers["Location"] = url_for("flag_segments_api.detail", segment_id=number)
    return response


@blueprint.get("/<int:segment_id>")
@requires("view")
@operation(answers={200: shapes.SEGMENT})
def detail(segment_id: int) -> Response:
    """One segment, with the flags that use it."""
    with begin() as session:
        return _answer(session, segment_id)


@blueprint.put("/<int:segment_id>")
@requires("flags.write")
@operation(body=shapes.SEGMENT_REPLACEMENT, answers={200: shapes.SEGMENT})
def change(segment_id: int) -> Response:
    """All of a segment at once; flags that use it follow.

    The revision that was seen: If-Match (412) or `revision` (409).
    """
    wanted = body()
    with writing() as session:
        with matching():
            segment_commands.change(session, segment_id, _draft(wanted), clock.now(), who(), seen(wanted))
        return _answer(session, segment_id)


@blueprint.delete("/<int:segment_id>")
@requires("flags.write")
@operation(answers={204: None})
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

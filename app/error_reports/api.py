"""Errors as JSON."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy.orm import Session

from app import clock, paging
from app.db import begin
from app.error_reports import commands, queries, shapes
from app.error_reports.models import ErrorGroup, ErrorSample
from app.error_reports.queries import Row
from app.error_reports.views import CHANGES_BEFORE, MOST_CHANGES, wanted
from app.error_reports.words import flags_shared
from app.guards import requires, who
from app.openapi.operation import operation
from app.openapi.shapes import PAGING
from app.timeline import queries as timeline

blueprint = Blueprint("errors_api", __name__, url_prefix="/api/v1/errors")

PATH = {"group_id": shapes.ID}


def as_json(row: Row) -> dict[str, Any]:
    group = row.group
    return {
        "id": group.id,
        "fingerprint": group.fingerprint,
        "source": group.source,
        "kind": group.kind,
        "message": group.message,
        "place": group.place,
        "state": group.state,
        "is_back": group.regressed_at is not None and group.state == "open",
        "count": group.count,
        "last_day": row.last_day,
        "people": row.people,
        "first_at": group.first_at.isoformat(),
        "last_at": group.last_at.isoformat(),
        "first_release": group.first_release,
        "last_release": group.last_release,
        "assignee": group.assignee,
        "note": group.note,
    }


def _sample(sample: ErrorSample) -> dict[str, Any]:
    return {
        "at": sample.at.isoformat(),
        "source": sample.source,
        "release": sample.release,
        "message": sample.message,
        "traceback": sample.traceback,
        "request": sample.request,
    }


@blueprint.get("")
@requires("view")
@operation(query={**PAGING, **shapes.QUERY}, answers={200: shapes.GROUPS})
def index() -> Response:
    """Errors in groups of those that are alike, the newest sight first."""
    asked = wanted(request.args)
    with begin() as session:
        found = queries.matching(asked)
        if asked.text and (group_id := queries.group_of_request(session, asked.text)) is not None:
            found = queries.matching(queries.Wanted("all")).where(ErrorGroup.id == group_id)
        page = paging.of_select(session, found, ErrorGroup.last_at.desc(), ErrorGroup.id.desc())
        rows = queries.rows_of(session, list(page), clock.now())
    return paging.answer("errors", paging.Page(rows, page.next_cursor), as_json)


@blueprint.get("/<int:group_id>")
@requires("view")
@operation(path=PATH, answers={200: shapes.DETAIL})
def detail(group_id: int) -> Response:
    """One group with its newest samples, its releases, and what was changed just before it began."""
    with begin() as session:
        return jsonify(_detail(session, commands.find(session, group_id)))


def _detail(session: Session, group: ErrorGroup) -> dict[str, Any]:
    (row,) = queries.rows_of(session, [group], clock.now())
    samples = queries.samples(session, group.id)
    changes = timeline.changes_before(session, group.first_at, CHANGES_BEFORE, MOST_CHANGES)
    releases = queries.releases(session, group.id)
    return {
        **as_json(row),
        "samples": [_sample(sample) for sample in samples],
        "releases": [
            {
                "release": one.release,
                "first_at": one.first_at.isoformat(),
                "last_at": one.last_at.isoformat(),
                "count": one.count,
            }
            for one in releases
        ],
        "flags_shared": [vars(one) for one in flags_shared(sample.request for sample in samples)],
        "changes_before": [
            {"at": one.at.isoformat(), "kind": one.kind, "title": one.title} for one in changes
        ],
    }


@blueprint.patch("/<int:group_id>")
@requires("errors.manage")
@operation(path=PATH, body=shapes.CHANGED, answers={200: shapes.GROUP})
def change(group_id: int) -> Response:
    """Resolve, ignore or open it again, and say who looks after it."""
    told, now = request.get_json(), clock.now()
    with begin() as session:
        group = commands.find(session, group_id)
        if "state" in told:
            with_next = bool(told.get("with_next_release"))
            commands.set_state(session, group_id, told["state"], who(), now, with_next_release=with_next)
        if "assignee" in told or "note" in told:
            assignee, note = told.get("assignee", group.assignee), told.get("note", group.note)
            commands.look_after(session, group_id, assignee, note, who(), now)
        session.flush()
        session.refresh(group)
        (row,) = queries.rows_of(session, [group], now)
        return jsonify(as_json(row))

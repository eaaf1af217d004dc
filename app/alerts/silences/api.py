"""Silences as JSON: Alertmanager's, with what we know beside."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for

from app import clock, paging
from app.alerts.silences import commands, queries
from app.alerts.silences import silence_shapes as shapes
from app.alerts.silences.silence import read
from app.db import begin
from app.errors import Unavailable
from app.events import publish_on_commit
from app.guards import requires, who
from app.openapi.operation import operation
from app.sources import sources

blueprint = Blueprint("alert_silences_api", __name__, url_prefix="/api/v1/silences")

PATH = {"silence_id": shapes.ID}


@blueprint.get("/<silence_id>")
@requires("view")
@operation(path=PATH, answers={200: shapes.ONE})
def one(silence_id: str) -> Response:
    """One silence, with the alerts that it hides."""
    try:
        found = queries.known(sources().alertmanager)
        with begin() as session:
            return jsonify(_line(queries.one(session, found, silence_id, clock.now())))
    except Unavailable as unavailable:
        return jsonify(id=silence_id, state=None, unavailable=unavailable.dependency)


@blueprint.get("")
@requires("view")
@operation(query=shapes.LISTED, answers={200: shapes.LIST})
def index() -> Response:
    """All silences, whoever made them, active ones first; those that ended within the last days too.

    `silences` is null where Alertmanager cannot be asked: nothing is known then.
    """
    try:
        found = queries.known(sources().alertmanager)
        with begin() as session:
            shown = queries.lines(session, found, clock.now())
            page = paging.of_list(shown, lambda line: queries.rank(line.silence))
            return paging.answer("silences", page, _line)
    except Unavailable as unavailable:
        return jsonify(silences=None, next_cursor=None, unavailable=unavailable.dependency)


@blueprint.post("")
@requires("alerts.write")
@operation(body=shapes.DRAFT, answers={201: shapes.MADE})
def create() -> Response:
    """Hide alerts for a while, or until they are over; they are still seen here."""
    response = _save("")
    response.status_code = 201
    response.headers["Location"] = url_for("alert_silences_api.one", silence_id=response.get_json()["id"])
    return response


@blueprint.put("/<silence_id>")
@requires("alerts.write")
@operation(path=PATH, body=shapes.DRAFT, answers={200: shapes.MADE})
def change(silence_id: str) -> Response:
    """The whole silence anew; Alertmanager may give it another id, which is answered."""
    return _save(silence_id)


def _save(silence_id: str) -> Response:
    now = clock.now()
    wanted = read(request.get_json(), now)
    with begin() as session:
        new_id = commands.save(session, wanted, who(), now, sources(), silence_id)
        publish_on_commit(session, sources().redis, "alerts")
    return jsonify(id=new_id)


@blueprint.delete("/<silence_id>")
@requires("alerts.write")
@operation(path=PATH, answers={204: None})
def expire(silence_id: str) -> tuple[str, int]:
    """It ends now."""
    with begin() as session:
        commands.expire(session, silence_id, who(), clock.now(), sources())
        publish_on_commit(session, sources().redis, "alerts")
    return "", 204


def _line(line: queries.Line) -> dict[str, Any]:
    silence = line.silence
    return {
        "id": silence.id,
        "state": silence.state,
        "matchers": [str(one) for one in silence.matchers],
        "starts_at": silence.starts_at.isoformat(),
        "ends_at": silence.ends_at.isoformat(),
        "created_by": silence.created_by,
        "comment": silence.comment,
        "until_resolved": bool(line.note and line.note.until_resolved),
        "hides": [alert.id for alert in line.hidden],
    }

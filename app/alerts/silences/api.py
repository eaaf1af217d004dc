"""Silences as JSON: Alertmanager's, with what we know beside."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _

from app import clock
from app.alerts.silences import commands, queries
from app.alerts.silences.silence import read
from app.db import begin
from app.errors import Refused, Unavailable
from app.events import publish_on_commit
from app.guards import requires, who
from app.sources import sources

blueprint = Blueprint("alert_silences_api", __name__, url_prefix="/api/v1/silences")


@blueprint.get("/<silence_id>")
@requires("view")
def one(silence_id: str) -> Response:
    try:
        found = queries.known(sources().alertmanager)
        with begin() as session:
            return jsonify(_line(queries.one(session, found, silence_id, clock.now())))
    except Unavailable as unavailable:
        return jsonify(id=silence_id, state=None, unavailable=unavailable.dependency)


@blueprint.get("")
@requires("view")
def index() -> Response:
    """`silences` is null where Alertmanager cannot be asked: nothing is known then."""
    try:
        found = queries.known(sources().alertmanager)
        with begin() as session:
            shown = queries.lines(session, found, clock.now())
            return jsonify(silences=[_line(line) for line in shown])
    except Unavailable as unavailable:
        return jsonify(silences=None, unavailable=unavailable.dependency)


@blueprint.post("")
@requires("alerts.write")
def create() -> tuple[Response, int]:
    return _save(""), 201


@blueprint.put("/<silence_id>")
@requires("alerts.write")
def change(silence_id: str) -> Response:
    return _save(silence_id)


def _save(silence_id: str) -> Response:
    body = request.get_json(force=True)
    if not isinstance(body, dict):
        raise Refused(_("Send a JSON object."))
    wanted, now = read(body, clock.now()), clock.now()
    with begin() as session:
        new_id = commands.save(session, wanted, who(), now, sources(), silence_id)
        publish_on_commit(session, sources().redis, "alerts")
    return jsonify(id=new_id)


@blueprint.delete("/<silence_id>")
@requires("alerts.write")
def expire(silence_id: str) -> tuple[str, int]:
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

"""Corrections and maintenance windows as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify
from flask_babel import gettext as _

from app import clock
from app.db import begin
from app.errors import Refused
from app.events import publish_on_commit
from app.guards import requires, who
from app.slo import correction_queries, corrections, queries
from app.slo.correction import Correction
from app.slo.crud_api import CREATED, json_object
from app.sources import sources
from app.ui.timerange import read_moment

blueprint = Blueprint("slo_corrections_api", __name__, url_prefix="/api/v1")


@blueprint.get("/corrections")
@requires("view")
def index() -> Response:
    with begin() as session:
        found = correction_queries.listed(session)
        keys = {slo.id: slo.key for slo in queries.objectives(session, archived=True)}
    return jsonify(corrections=[as_json(one, keys) for one in found])


@blueprint.get("/slos/<key>/corrections")
@requires("view")
def of_slo(key: str) -> Response:
    with begin() as session:
        slo = queries.objective(session, key)
        found = correction_queries.listed(session, slo)
    return jsonify(corrections=[as_json(one, {slo.id: slo.key}) for one in found])


@blueprint.post("/corrections")
@requires("slo.write")
def create() -> tuple[Response, int]:
    """For all objectives, for those with `labels`, or for the one named by `slo`."""
    body = json_object()
    return _create(body, str(body["slo"]) if body.get("slo") else None)


@blueprint.post("/slos/<key>/corrections")
@requires("slo.write")
def create_for(key: str) -> tuple[Response, int]:
    return _create(json_object(), key)


@blueprint.delete("/corrections/<int:number>")
@requires("slo.write")
def undo(number: int) -> tuple[str, int]:
    with begin() as session:
        corrections.undo(session, number, who(), clock.now())
        publish_on_commit(session, sources().redis, "slo")
    return "", 204


def _create(body: Mapping[str, Any], key: str | None) -> tuple[Response, int]:
    now = clock.now()
    with begin() as session:
        slo = queries.objective(session, key) if key else None
        number = corrections.create(session, read(body, slo.id if slo else None), who(), now)
        publish_on_commit(session, sources().redis, "slo")
        made = next(one for one in correction_queries.listed(session) if one.correction.id == number)
    return jsonify(as_json(made, {slo.id: slo.key} if slo else {})), CREATED


def read(body: Mapping[str, Any], slo_id: int | None) -> Correction:
    """From JSON or a form. Raises `Refused` beside the fields."""
    wrong: dict[str, object] = {}
    starts_at, ends_at = (_moment(body, name, wrong) for name in ("starts_at", "ends_at"))
    until = _moment(body, "until", wrong) if body.get("until") else None
    weekdays, labels = body.get("weekdays") or [], body.get("labels") or {}
    if not isinstance(weekdays, list) or not all(isinstance(day, int) for day in weekdays):
        wrong["weekdays"] = _("Give weekdays from 0, Monday, to 6, Sunday.")
    if not isinstance(labels, dict) or not all(isinstance(text, str) for text in labels.values()):
        wrong["labels"] = _("Give names and texts, such as team=shop.")
    if starts_at is None or ends_at is None or wrong:
        raise Refused(_("The correction was not saved."), wrong)
    return Correction(
        slo_id=slo_id,
        labels=labels,
        starts_at=starts_at,
        ends_at=ends_at,
        repeats=body.get("repeats") or "once",
        weekdays=tuple(weekdays),
        until=until,
        time_zone=str(body.get("time_zone") or "UTC"),
        reason=str(body.get("reason") or ""),
    )


def _moment(body: Mapping[str, Any], name: str, wrong: dict[str, object]) -> datetime | None:
    found = read_moment(str(body.get(name) or ""))
    if found is None:
        wrong[name] = _("Give the time with its zone, such as 2026-01-31T14:02:00Z.")
    return found


def as_json(made: correction_queries.Made, keys: Mapping[int, str]) -> dict[str, Any]:
    one = made.correction
    return {
        "id": one.id,
        "slo": keys.get(one.slo_id or 0),
        "labels": dict(one.labels),
        "starts_at": one.starts_at.isoformat(),
        "ends_at": one.ends_at.isoformat(),
        "repeats": one.repeats,
        "weekdays": list(one.weekdays),
        "until": one.until.isoformat() if one.until else None,
        "time_zone": one.time_zone,
        "reason": one.reason,
        "who": one.who,
        "created_at": made.created_at.isoformat(),
        "undone_at": made.undone_at.isoformat() if made.undone_at else None,
        "undone_by": made.undone_by or None,
    }

"""Corrections and maintenance windows as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for
from flask_babel import gettext as _

from app import clock, paging
from app.db import begin
from app.errors import Refused
from app.events import publish_on_commit
from app.guards import requires, who
from app.openapi.operation import operation
from app.openapi.shapes import PAGING
from app.slo import correction_queries, corrections, queries
from app.slo import objective_shapes as shapes
from app.slo.correction import Correction
from app.sources import sources
from app.ui.timerange import read_moment

blueprint = Blueprint("slo_corrections_api", __name__, url_prefix="/api/v1")

CREATED = 201


@blueprint.get("/corrections")
@requires("view")
@operation(query=PAGING, answers={200: shapes.CORRECTIONS})
def index() -> Response:
    """All corrections, the newest first; undone ones too."""
    with begin() as session:
        found = correction_queries.listed(session)
        keys = {slo.id: slo.key for slo in queries.objectives(session, archived=True)}
    return _page(found, keys)


@blueprint.get("/slos/<key>/corrections")
@requires("view")
@operation(query=PAGING, answers={200: shapes.CORRECTIONS})
def of_slo(key: str) -> Response:
    """The corrections that are for one objective, the newest first."""
    with begin() as session:
        slo = queries.objective(session, key)
        found = correction_queries.listed(session, slo)
    return _page(found, {slo.id: slo.key})


@blueprint.get("/corrections/<int:number>")
@requires("view")
@operation(answers={200: shapes.CORRECTION})
def one(number: int) -> Response:
    """One correction."""
    with begin() as session:
        made = correction_queries.one(session, number)
        keys = {slo.id: slo.key for slo in queries.objectives(session, archived=True)}
    return jsonify(as_json(made, keys))


@blueprint.post("/corrections")
@requires("slo.write")
@operation(body=shapes.CORRECTION_DRAFT, answers={201: shapes.CORRECTION})
def create() -> Response:
    """Leave a span out: for all objectives, for those with `labels`, or for the one named by `slo`."""
    body = request.get_json()
    return _create(body, body.get("slo"))


@blueprint.post("/slos/<key>/corrections")
@requires("slo.write")
@operation(body=shapes.CORRECTION_OF_ONE, answers={201: shapes.CORRECTION})
def create_for(key: str) -> Response:
    """Leave a span out of one objective."""
    return _create(request.get_json(), key)


@blueprint.delete("/corrections/<int:number>")
@requires("slo.write")
@operation(answers={204: None})
def undo(number: int) -> tuple[str, int]:
    """The events of its spans count again; it stays on record."""
    with begin() as session:
        corrections.undo(session, number, who(), clock.now())
        publish_on_commit(session, sources().redis, "slo")
    return "", 204


def _page(found: list[correction_queries.Made], keys: Mapping[int, str]) -> Response:
    page = paging.of_list(found, lambda made: (made.correction.id,), descending=True)
    return paging.answer("corrections", page, lambda made: as_json(made, keys))


def _create(body: Mapping[str, Any], key: str | None) -> Response:
    now = clock.now()
    with begin() as session:
        slo = queries.objective(session, key) if key else None
        number = corrections.create(session, read(body, slo.id if slo else None), who(), now)
        publish_on_commit(session, sources().redis, "slo")
        made = correction_queries.one(session, number)
    response = jsonify(as_json(made, {slo.id: slo.key} if slo else {}))
    response.status_code = CREATED
    response.headers["Location"] = url_for("slo_corrections_api.one", number=number)
    return response


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

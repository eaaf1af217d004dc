"""Dashboards as JSON: tiles of an address or of a board, and boards themselves."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from app import clock
from app.db import begin
from app.errors import Refused
from app.guards import requires, who
from app.kpi import showing, words
from app.kpi.boards import commands, queries
from app.kpi.boards.board import Wanted, read_board
from app.kpi.boards.models import KpiBoard
from app.kpi.definitions import KPIS
from app.kpi.tile import Tile
from app.series.noise import Change

blueprint = Blueprint("kpi_board_api", __name__, url_prefix="/api/v1/kpi/-")


@blueprint.get("/tiles")
@requires("view")
def tiles() -> Response:
    """The dashboard as it is shown; the arguments are those of its page, `board` chooses a saved one.

    `noise.verdict`: more, within or unknown with `why`; corrected over all tiles of the answer.
    """
    with begin() as session:
        shown = showing.dashboard(session, request.args, request.args.get("board", type=int), who())
    chosen = shown.chosen
    return jsonify(
        **{"from": chosen.now.first.isoformat(), "to": chosen.now.last.isoformat()},
        compared={"from": chosen.before.first.isoformat(), "to": chosen.before.last.isoformat()},
        compare=chosen.compare,
        zone=chosen.zone,
        where=dict(chosen.where),
        tiles=[_tile(one) for one in shown.tiles],
    )


@blueprint.get("/boards")
@requires("view")
def index() -> Response:
    with begin() as session:
        return jsonify(boards=[_board(row) for row in queries.seen_by(session, who())])


@blueprint.post("/boards")
@requires("view")
def make() -> tuple[Response, int]:
    """`{"name": …, "tiles": […], "filters": {…}, "is_shared": false}`"""
    with begin() as session:
        made = commands.make(session, _read(), who(), clock.now())
        row = queries.one(session, made, who())
    return jsonify(_board(row)), 201


@blueprint.get("/boards/<int:board_id>")
@requires("view")
def one(board_id: int) -> Response:
    with begin() as session:
        return jsonify(_board(queries.one(session, board_id, who())))


@blueprint.put("/boards/<int:board_id>")
@requires("view")
def change(board_id: int) -> Response:
    """As POST, with the `revision` that was read; 409 where it is another by now."""
    revision = _body().get("revision")
    if not isinstance(revision, int):
        raise Refused("Nothing was saved.", {"revision": "Send the revision that you read."})
    with begin() as session:
        commands.change(session, board_id, _read(), revision, who(), clock.now())
    with begin() as session:
        return jsonify(_board(queries.one(session, board_id, who())))


@blueprint.delete("/boards/<int:board_id>")
@requires("view")
def remove(board_id: int) -> tuple[str, int]:
    with begin() as session:
        commands.remove(session, board_id, who(), clock.now())
    return "", 204


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Refused("Send a JSON object.")
    return body


def _read() -> Wanted:
    body = _body()
    tiles, filters = body.get("tiles", []), body.get("filters", {})
    if not isinstance(tiles, list) or not isinstance(filters, dict):
        raise Refused("Nothing was saved.", {"tiles": "Send a list of KPIs and an object of filters."})
    texts = {str(name): str(value) for name, value in filters.items()}
    name, is_shared = str(body.get("name", "")), body.get("is_shared") is True
    return read_board(name, [str(key) for key in tiles], texts, is_shared, KPIS)


def _board(row: KpiBoard) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "owner": row.owner,
        "tiles": row.tiles,
        "filters": row.filters,
        "is_shared": row.is_shared,
        "revision": row.revision,
        "changed_at": row.changed_at.isoformat(),
    }


def _tile(one: Tile) -> dict[str, Any]:
    is_known = isinstance(one.noise, Change)
    return {
        "kpi": one.kpi.key,
        "name": str(one.term.name),
        "unit": one.term.unit,
        "value": one.value.value,
        "known_days": one.value.known,
        "days": one.value.days,
        "before": one.before.value,
        "change": one.change,
        "target": one.target,
        "is_reached": one.is_reached,
        "trend": one.trend,
        "noise": {
            "verdict": one.verdict,
            "why": one.why if one.verdict == "unknown" else None,
            "words": words.chance(one),
            "p": one.noise.p if is_known else None,  # type: ignore[union-attr]
            "low": one.noise.low if is_known else None,  # type: ignore[union-attr]
            "high": one.noise.high if is_known else None,  # type: ignore[union-attr]
        },
    }

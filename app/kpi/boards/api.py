"""Dashboards as JSON: tiles of an address or of a board, and boards themselves."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for

from app import clock
from app.db import begin
from app.guards import requires, who
from app.kpi import showing, words
from app.kpi.boards import commands, queries, shapes
from app.kpi.boards.board import Wanted, read_board
from app.kpi.boards.models import KpiBoard
from app.kpi.definitions import KPIS
from app.kpi.tile import Tile
from app.openapi.operation import operation
from app.openapi.shapes import PAGING
from app.paging import answer, of_list
from app.series.noise import Change

blueprint = Blueprint("kpi_board_api", __name__, url_prefix="/api/v1/kpi/-")


@blueprint.get("/tiles")
@requires("view")
@operation(query=shapes.QUERY, answers={200: shapes.TILES}, problems=(404,))
def tiles() -> Response:
    """The dashboard as it is shown; `board` chooses a saved one."""
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
@operation(query=PAGING, answers={200: shapes.BOARDS})
def index() -> Response:
    """Dashboards of one's own, then those that others share."""
    me = who()
    with begin() as session:
        rows = queries.seen_by(session, me)
    return answer("boards", of_list(rows, lambda row: (row.owner != me, row.name, row.id)), _board)


@blueprint.post("/boards")
@requires("view")
@operation(body=shapes.DRAFT, answers={201: shapes.BOARD})
def make() -> tuple[Response, int, dict[str, str]]:
    """Keep a dashboard of one's own."""
    with begin() as session:
        made = commands.make(session, _read(), who(), clock.now())
        row = queries.one(session, made, who())
    return jsonify(_board(row)), 201, {"Location": url_for("kpi_board_api.one", board_id=made)}


@blueprint.get("/boards/<int:board_id>")
@requires("view")
@operation(answers={200: shapes.BOARD})
def one(board_id: int) -> Response:
    """One dashboard."""
    with begin() as session:
        return jsonify(_board(queries.one(session, board_id, who())))


@blueprint.put("/boards/<int:board_id>")
@requires("view")
@operation(body=shapes.CHANGE, answers={200: shapes.BOARD})
def change(board_id: int) -> Response:
    """Change a dashboard of one's own, as it was read at `revision`."""
    revision = request.get_json()["revision"]
    with begin() as session:
        commands.change(session, board_id, _read(), revision, who(), clock.now())
    with begin() as session:
        return jsonify(_board(queries.one(session, board_id, who())))


@blueprint.delete("/boards/<int:board_id>")
@requires("view")
@operation(answers={204: None})
def remove(board_id: int) -> tuple[str, int]:
    """Take out a dashboard of one's own."""
    with begin() as session:
        commands.remove(session, board_id, who(), clock.now())
    return "", 204


def _read() -> Wanted:
    body = request.get_json()
    return read_board(
        body["name"], body["tiles"], body.get("filters", {}), body.get("is_shared", False), KPIS
    )


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

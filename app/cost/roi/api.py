"""Promises of savings as JSON."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from app import clock
from app.cost.bodies import listed, read_object, today
from app.cost.roi import commands, queries
from app.cost.roi.promise import EXAMPLE, Return, from_words
from app.cost.roi.queries import Stand
from app.db import begin
from app.guards import requires, who

blueprint = Blueprint("cost_roi_api", __name__, url_prefix="/api/v1/costs/promises")


@blueprint.get("")
@requires("view")
def index() -> Response:
    """Every promise with how it stands; `example` checks the arithmetic: 25 %, 9.6 months."""
    with begin() as session:
        found = [_stand(stand) for stand in queries.stands(session, today().replace(day=1))]
    example = {**EXAMPLE.as_words(), "promised": _return(EXAMPLE.promised)}
    return listed("promises", found, example=example)


def _return(found: Return | None) -> dict[str, object] | None:
    if found is None:
        return None
    return {
        "investment_cents": found.investment_cents,
        "savings_cents": found.savings_cents,
        "net_cents": found.net_cents,
        "roi": found.roi,
        "payback_months": found.payback_months,
    }


def _stand(stand: Stand) -> dict[str, object]:
    standing = stand.standing
    return {
        "id": stand.row.id,
        **stand.promise.as_words(),
        "verdict": stand.row.verdict or None,
        "promised": _return(stand.promise.promised),
        "measured": _return(standing.measured),
        "saved_cents": standing.saved_cents,
        "due_cents": standing.due_cents,
        "kept": standing.is_kept,
        "savings_measured": [
            {"month": f"{row.month:%Y-%m}", "name": row.name, "cents": row.cents, "evidence": row.evidence}
            for row in stand.savings
        ],
    }


@blueprint.post("")
@requires("cost.write")
def add() -> tuple[Response, int]:
    promise = from_words(read_object())
    with begin() as session:
        row = commands.add(session, promise, who(), clock.now())
    return jsonify({"id": row.id, **promise.as_words()}), 201


@blueprint.post("/<int:promise_id>/savings")
@requires("cost.write")
def measure(promise_id: int) -> Response:
    with begin() as session:
        commands.measure(session, promise_id, read_object(), who(), clock.now())
        return jsonify(_stand(queries.stand(session, promise_id, today().replace(day=1))))


@blueprint.post("/<int:promise_id>/close")
@requires("cost.write")
def close(promise_id: int) -> Response:
    with begin() as session:
        commands.close(session, promise_id, str(read_object().get("verdict")), who(), clock.now())
        return jsonify(_stand(queries.stand(session, promise_id, today().replace(day=1))))

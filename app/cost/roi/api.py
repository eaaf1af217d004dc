"""Promises of savings as JSON."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, jsonify, request, url_for

from app import clock
from app.cost.bodies import paged, today
from app.cost.month import first_of
from app.cost.roi import commands, queries, shapes
from app.cost.roi.promise import EXAMPLE, Return, from_words
from app.cost.roi.queries import Stand
from app.cost.shapes import CSV, PAGED
from app.db import begin
from app.guards import requires, who
from app.openapi.operation import operation

blueprint = Blueprint("cost_roi_api", __name__, url_prefix="/api/v1/costs/promises")


@blueprint.get("")
@requires("view")
@operation(query=PAGED, answers={200: shapes.PROMISES}, or_as=CSV)
def index() -> Response:
    """Every promise with how it stands, open ones first.

    `example` checks the arithmetic: 25 %, 9.6 months.
    """
    with begin() as session:
        found = queries.stands(session, _this_month())
    example = {**EXAMPLE.as_words(), "promised": _return(EXAMPLE.promised)}
    return paged("promises", found, queries.open_first, _stand, example=example)


def _this_month() -> date:
    return first_of(today())


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
        "revision": stand.row.revision,
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
@operation(body=shapes.PROMISE_DRAFT, answers={201: shapes.PROMISE})
def add() -> tuple[Response, int, dict[str, str]]:
    """Promise what an investment is going to save."""
    promise = from_words(request.get_json())
    with begin() as session:
        row = commands.add(session, promise, who(), clock.now())
        told = _stand(queries.stand(session, row.id, _this_month()))
    return jsonify(told), 201, {"Location": url_for("cost_roi_api.one", promise_id=row.id)}


@blueprint.get("/<int:promise_id>")
@requires("view")
@operation(answers={200: shapes.PROMISE})
def one(promise_id: int) -> Response:
    """One promise with how it stands."""
    with begin() as session:
        return jsonify(_stand(queries.stand(session, promise_id, _this_month())))


@blueprint.put("/<int:promise_id>")
@requires("cost.write")
@operation(body=shapes.PROMISE_CHANGE, answers={200: shapes.PROMISE})
def change(promise_id: int) -> Response:
    """Change a promise that no review has closed, as it was read at `revision`."""
    body = request.get_json()
    promise = from_words(body)
    with begin() as session:
        commands.change(session, promise_id, promise, body["revision"], who(), clock.now())
        return jsonify(_stand(queries.stand(session, promise_id, _this_month())))


@blueprint.post("/<int:promise_id>/savings")
@requires("cost.write")
@operation(body=shapes.SAVING_DRAFT, answers={200: shapes.PROMISE})
def measure(promise_id: int) -> Response:
    """Say what one saving came to in a month; said again it is corrected."""
    with begin() as session:
        commands.measure(session, promise_id, request.get_json(), who(), clock.now())
        return jsonify(_stand(queries.stand(session, promise_id, _this_month())))


@blueprint.post("/<int:promise_id>/close")
@requires("cost.write")
@operation(body=shapes.REVIEW, answers={200: shapes.PROMISE})
def close(promise_id: int) -> Response:
    """Close a promise by a review; nothing is measured after that."""
    with begin() as session:
        commands.close(session, promise_id, request.get_json()["verdict"], who(), clock.now())
        return jsonify(_stand(queries.stand(session, promise_id, _this_month())))

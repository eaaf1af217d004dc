"""Scenarios of growth as JSON."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request, url_for

from app import clock
from app.cost.bodies import listed, paged, today
from app.cost.shapes import CSV, LISTED, PAGED
from app.cost.whatif import commands, queries, shapes
from app.cost.whatif.crossing import Crossing
from app.cost.whatif.growth import PHASES, Outcome, Phase, from_words, outcome
from app.cost.whatif.models import CostScenario
from app.db import begin
from app.guards import requires, who
from app.openapi.operation import operation

blueprint = Blueprint("cost_whatif_api", __name__, url_prefix="/api/v1/costs")


@blueprint.get("/phases")
@requires("view")
@operation(query=LISTED, answers={200: shapes.PHASES}, or_as=CSV)
def phases() -> Response:
    """The phases of growth, where we are, and when the next begins."""
    with begin() as session:
        now, next_ = queries.measured(session, today()), queries.crossing(session, today())
    told = None if next_ is None else _crossing(next_)
    return listed("phases", [_phase(phase) for phase in PHASES], users=now.users if now else None, next=told)


def _crossing(found: Crossing) -> dict[str, object]:
    """`on`, between `earliest` and `latest`; null: not within a hundred years, or users do not grow."""
    days = {name: getattr(found, name) for name in ("on", "earliest", "latest")}
    return {"phase": found.phase.key, "growth": found.growth, "by": found.by} | {
        name: day.isoformat() if day else None for name, day in days.items()
    }


def _phase(phase: Phase) -> dict[str, object]:
    return {
        "key": phase.key,
        "name": str(phase.name),
        "from_users": phase.from_users,
        "to_users": phase.to_users,
        "low_cents": phase.low * 100,
        "high_cents": phase.high * 100,
        "change": str(phase.change),
    }


@blueprint.post("/whatif")
@requires("view")
@operation(body=shapes.SCENARIO_DRAFT, answers={200: shapes.OUTCOME})
def try_out() -> Response:
    """What a scenario comes to; nothing is saved."""
    return jsonify(_outcome(outcome(from_words(request.get_json()))))


def _outcome(found: Outcome) -> dict[str, object]:
    return {
        "users": found.users,
        "requests": found.requests,
        "orders": found.orders,
        "low_cents": found.low_cents,
        "cents": found.cents,
        "high_cents": found.high_cents,
        "per_user_cents": found.per_user_cents,
        "per_order_cents": found.per_order_cents,
        "revenue_cents": found.revenue_cents,
        "margin_cents": found.margin_cents,
        "phase": found.phase.key,
        "components": {
            name: {"low_cents": low, "cents": middle, "high_cents": high}
            for name, (low, middle, high) in found.by_component.items()
        },
    }


@blueprint.get("/scenarios")
@requires("view")
@operation(query=PAGED, answers={200: shapes.SCENARIOS}, or_as=CSV)
def scenarios() -> Response:
    """Saved scenarios, each with what it comes to."""
    with begin() as session:
        rows = queries.scenarios(session)
    return paged("scenarios", rows, lambda row: (row.name,), _with_outcome)


def _scenario(row: CostScenario) -> dict[str, object]:
    return {"id": row.id, "revision": row.revision, **row.definition}


def _with_outcome(row: CostScenario) -> dict[str, object]:
    return _scenario(row) | {"outcome": _outcome(outcome(queries.scenario_of(row)))}


@blueprint.post("/scenarios")
@requires("cost.write")
@operation(body=shapes.SCENARIO_CHANGE, answers={201: shapes.SCENARIO})
def save() -> tuple[Response, int, dict[str, str]]:
    """Save a scenario; with the `revision` that was read, the one of this name is changed."""
    body = request.get_json()
    with begin() as session:
        row = commands.save(session, from_words(body), body.get("revision"), who(), clock.now())
    return jsonify(_scenario(row)), 201, {"Location": url_for("cost_whatif_api.one", scenario_id=row.id)}


@blueprint.get("/scenarios/<int:scenario_id>")
@requires("view")
@operation(answers={200: shapes.SCENARIO_AND_OUTCOME})
def one(scenario_id: int) -> Response:
    """A saved scenario with what it comes to."""
    with begin() as session:
        return jsonify(_with_outcome(queries.one(session, scenario_id)))


@blueprint.delete("/scenarios/<int:scenario_id>")
@requires("cost.write")
@operation(answers={204: None})
def remove(scenario_id: int) -> tuple[str, int]:
    """Take a scenario out."""
    with begin() as session:
        commands.remove(session, scenario_id, who(), clock.now())
    return "", 204

"""Scenarios of growth as JSON."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from app import clock
from app.cost.bodies import listed, read_object, today
from app.cost.whatif import commands, queries
from app.cost.whatif.crossing import Crossing
from app.cost.whatif.growth import PHASES, Outcome, Phase, from_words, outcome
from app.db import begin
from app.guards import requires, who

blueprint = Blueprint("cost_whatif_api", __name__, url_prefix="/api/v1/costs")


@blueprint.get("/phases")
@requires("view")
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
def try_out() -> Response:
    """What a scenario comes to; nothing is saved."""
    return jsonify(_outcome(outcome(from_words(read_object()))))


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
def scenarios() -> Response:
    with begin() as session:
        rows = queries.scenarios(session)
        found = [
            {"id": row.id, "revision": row.revision, **row.definition}
            | {"outcome": _outcome(outcome(queries.scenario_of(row)))}
            for row in rows
        ]
    return listed("scenarios", found)


@blueprint.post("/scenarios")
@requires("cost.write")
def save() -> tuple[Response, int]:
    """A new scenario; with the `revision` that was read, the one of this name is changed."""
    body = read_object()
    revision = body.get("revision")
    with begin() as session:
        row = commands.save(
            session, from_words(body), revision if isinstance(revision, int) else None, who(), clock.now()
        )
    return jsonify({"id": row.id, "revision": row.revision, **row.definition}), 201


@blueprint.delete("/scenarios/<int:scenario_id>")
@requires("cost.write")
def remove(scenario_id: int) -> tuple[str, int]:
    with begin() as session:
        commands.remove(session, scenario_id, who(), clock.now())
    return "", 204

"""Targets by date and the phases of growth as JSON."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for

from app import clock
from app.db import begin
from app.guards import requires, who
from app.kpi.goals import commands, queries, shapes
from app.kpi.goals.goal import name_of, read_goal
from app.kpi.growth import PHASES, Crossing, Phase
from app.openapi.operation import operation
from app.openapi.shapes import PAGING
from app.paging import answer, of_list

blueprint = Blueprint("kpi_goals_api", __name__, url_prefix="/api/v1/kpi/-")


@blueprint.get("/growth")
@requires("view")
@operation(answers={200: shapes.GROWTH})
def growth_phases() -> Response:
    """The phases of growth, where we are, and when the others begin."""
    with begin() as session:
        found = queries.growth(session)
    return jsonify(
        key=found.key,
        users=found.now,
        day=found.day and found.day.isoformat(),
        phase=found.phase and found.phase.number,
        phases=[_phase(one, found.crossings.get(one.number)) for one in PHASES],
    )


def _phase(phase: Phase, begins: Crossing | None) -> dict[str, Any]:
    told = {"number": phase.number, "name": str(phase.name)}
    told |= {"from_users": phase.from_users, "to_users": phase.to_users}
    return told | {"begins": begins and _crossing(begins)}


def _crossing(found: Crossing) -> dict[str, Any]:
    days = {name: getattr(found, name) for name in ("day", "earliest", "latest")}
    return {"growth": found.growth, **{name: day and day.isoformat() for name, day in days.items()}}


@blueprint.get("/targets")
@requires("view")
@operation(query=PAGING, answers={200: shapes.GOALS})
def index() -> Response:
    """Targets by date, what is late or behind first."""
    with begin() as session:
        lines = queries.lines(session, clock.now())
    return answer("targets", of_list(lines, queries.worst_first), _line)


@blueprint.post("/targets")
@requires("kpi.write")
@operation(body=shapes.GOAL_DRAFT, answers={201: shapes.GOAL})
def add() -> tuple[Response, int, dict[str, str]]:
    """Say what a figure is to come to by a day, and who answers for it."""
    body, now = request.get_json(), clock.now()
    form = {"owner": body["owner"], "due_on": body["due_on"], "room": body["table"]}
    form["series"] = name_of(body["series"], body.get("labels", {}))
    wanted = read_goal(form, "en", now.date(), float(body["target"]))
    with begin() as session:
        made = commands.add(session, wanted, who(), now)
        told = _line(queries.line(session, made, now))
    return jsonify(told), 201, {"Location": url_for("kpi_goals_api.one", goal_id=made)}


@blueprint.get("/targets/<int:goal_id>")
@requires("view")
@operation(answers={200: shapes.GOAL})
def one(goal_id: int) -> Response:
    """One target by date."""
    with begin() as session:
        return jsonify(_line(queries.line(session, goal_id, clock.now())))


@blueprint.delete("/targets/<int:goal_id>")
@requires("kpi.write")
@operation(answers={204: None})
def remove(goal_id: int) -> tuple[str, int]:
    """Take a target out; the audit trail keeps it."""
    with begin() as session:
        commands.remove(session, goal_id, who(), clock.now())
    return "", 204


def _line(one: queries.Line) -> dict[str, Any]:
    return {
        "id": one.goal.id,
        "table": one.goal.room,
        "series": one.goal.series,
        "labels": one.goal.labels,
        "now": one.now,
        "target": one.goal.value,
        "due_on": one.goal.due_on.isoformat(),
        "owner": one.goal.owner,
        "course": one.course,
        "reached_at": one.goal.reached_at and one.goal.reached_at.isoformat(),
        "missed_at": one.goal.missed_at and one.goal.missed_at.isoformat(),
    }

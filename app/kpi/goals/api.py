"""Targets by date as JSON."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from app import clock
from app.db import begin
from app.errors import Refused
from app.guards import requires, who
from app.kpi.goals import commands, queries
from app.kpi.goals.goal import name_of, read_goal

blueprint = Blueprint("kpi_goals_api", __name__, url_prefix="/api/v1/kpi/-")


@blueprint.get("/targets")
@requires("view")
def index() -> Response:
    """What is late or behind first; numbers are in the unit of the series."""
    with begin() as session:
        return jsonify(targets=[_line(one) for one in queries.lines(session, clock.now())])


@blueprint.post("/targets")
@requires("kpi.write")
def add() -> tuple[Response, int]:
    """`{"table": "technical", "series": …, "labels": {…}, "target": 0.5, "due_on": …, "owner": …}`"""
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not isinstance(labels := body.get("labels", {}), dict):
        raise Refused("Send a JSON object.")
    now, named = clock.now(), {str(key): str(value) for key, value in labels.items()}
    form = {name: str(body.get(name, "")) for name in ("owner", "due_on")}
    form |= {"room": str(body.get("table", "")), "series": name_of(str(body.get("series", "")), named)}
    target = body.get("target")
    number = float(target) if isinstance(target, int | float) and not isinstance(target, bool) else None
    wanted = read_goal(form, "en", now.date(), number)
    with begin() as session:
        made = commands.add(session, wanted, who(), now)
    return jsonify(id=made), 201


@blueprint.delete("/targets/<int:goal_id>")
@requires("kpi.write")
def remove(goal_id: int) -> tuple[str, int]:
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
    }

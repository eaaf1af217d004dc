"""Budgets, quotas, unusual days and savings as JSON."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from app import clock
from app.cost.bodies import listed, read_object, revision_of, today
from app.cost.budgets import commands, queries
from app.cost.budgets.budget import Outlook, from_words
from app.cost.budgets.models import CostBudget
from app.db import begin
from app.events import publish_on_commit
from app.guards import requires, who
from app.sources import sources

blueprint = Blueprint("cost_budgets_api", __name__, url_prefix="/api/v1/costs")


@blueprint.get("/budgets")
@requires("view")
def budgets() -> Response:
    with begin() as session:
        found = queries.watched(session, today())
        rows = [
            _budget(row) | {"outlook": _outlook(queries.outlook_of(queries.budget_of(row), found))}
            for row in queries.rows(session)
        ]
    return listed("budgets", rows)


def _budget(row: CostBudget) -> dict[str, object]:
    return {"id": row.id, "revision": row.revision, **queries.budget_of(row).as_words()}


def _outlook(found: Outlook | None) -> dict[str, object] | None:
    if found is None:
        return None
    return {
        "from": found.start.isoformat(),
        "until": found.end.isoformat(),
        "spent_cents": found.spent_cents,
        "expected_cents": found.expected_cents,
        "breach": found.breach.isoformat() if found.breach else None,
        "state": found.state,
        "causes": [{**vars(cause), "change_cents": cause.change} for cause in found.causes],
    }


@blueprint.post("/budgets")
@requires("cost.write")
def add() -> tuple[Response, int]:
    budget = from_words(read_object())
    with begin() as session:
        row = commands.add(session, budget, who(), clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return jsonify(_budget(row)), 201


@blueprint.put("/budgets/<int:budget_id>")
@requires("cost.write")
def change(budget_id: int) -> Response:
    body = read_object()
    budget, revision = from_words(body), revision_of(body.get("revision"))
    with begin() as session:
        row = commands.change(session, budget_id, budget, revision, who(), clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return jsonify(_budget(row))


@blueprint.delete("/budgets/<int:budget_id>")
@requires("cost.write")
def remove(budget_id: int) -> tuple[str, int]:
    with begin() as session:
        commands.remove(session, budget_id, who(), clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return "", 204


@blueprint.get("/unusual")
@requires("view")
def unusual() -> Response:
    """Days of the last two weeks that cost other than their weekday does, with what made them so."""
    with begin() as session:
        found = queries.unusual(queries.watched(session, today()))
    rows = [
        {
            "day": row.day.isoformat(),
            "cents": row.cents,
            "usual_cents": row.usual_cents,
            "contributors": [{"name": name, "cents": cents} for name, cents in row.contributors],
        }
        for row in found
    ]
    return listed("days", rows)


@blueprint.get("/savings")
@requires("view")
def savings() -> Response:
    with begin() as session:
        found = queries.savings(session, today())
    return listed("savings", [vars(row) for row in found])


@blueprint.get("/quotas")
@requires("view")
def quotas() -> Response:
    with begin() as session:
        found = queries.quotas(session, today())
    rows = [
        {"id": use.row.id, "name": use.row.name, "driver": use.row.driver}
        | {"period": use.row.period, "most": float(use.row.most)}
        | {"used": None if use.used is None else float(use.used), "share": use.share}
        for use in found
    ]
    return listed("quotas", rows)


@blueprint.post("/quotas")
@requires("cost.write")
def save_quota() -> tuple[Response, int]:
    with begin() as session:
        commands.save_quota(session, read_object(), who(), clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return jsonify({"saved": True}), 201


@blueprint.delete("/quotas/<int:quota_id>")
@requires("cost.write")
def remove_quota(quota_id: int) -> tuple[str, int]:
    with begin() as session:
        commands.remove_quota(session, quota_id, who(), clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return "", 204

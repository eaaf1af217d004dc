"""Budgets, quotas, unusual days and savings as JSON."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request, url_for

from app import clock
from app.cost.bodies import listed, paged, today
from app.cost.budgets import commands, queries, shapes
from app.cost.budgets.budget import Outlook, from_words
from app.cost.budgets.models import CostBudget
from app.cost.budgets.queries import QuotaUse, Watched
from app.cost.shapes import CSV, LISTED, PAGED
from app.db import begin
from app.events import publish_on_commit
from app.guards import requires, who
from app.openapi.operation import operation
from app.sources import sources

blueprint = Blueprint("cost_budgets_api", __name__, url_prefix="/api/v1/costs")


@blueprint.get("/budgets")
@requires("view")
@operation(query=PAGED, answers={200: shapes.BUDGETS}, or_as=CSV)
def budgets() -> Response:
    """Every budget with what is spent, what will be, and when it is passed."""
    with begin() as session:
        found, rows = queries.watched(session, today()), queries.rows(session)
    return paged("budgets", rows, lambda row: (row.name,), lambda row: _with_outlook(row, found))


def _with_outlook(row: CostBudget, found: Watched) -> dict[str, object]:
    return _budget(row) | {"outlook": _outlook(queries.outlook_of(queries.budget_of(row), found))}


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
@operation(body=shapes.BUDGET_DRAFT, answers={201: shapes.BUDGET})
def add() -> tuple[Response, int, dict[str, str]]:
    """Say what everything, a component, a service or a feature may cost in a period."""
    budget = from_words(request.get_json())
    with begin() as session:
        row = commands.add(session, budget, who(), clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return jsonify(_budget(row)), 201, {"Location": url_for("cost_budgets_api.one", budget_id=row.id)}


@blueprint.get("/budgets/<int:budget_id>")
@requires("view")
@operation(answers={200: shapes.BUDGET_AND_OUTLOOK})
def one(budget_id: int) -> Response:
    """One budget with its outlook."""
    with begin() as session:
        return jsonify(_with_outlook(queries.one(session, budget_id), queries.watched(session, today())))


@blueprint.put("/budgets/<int:budget_id>")
@requires("cost.write")
@operation(body=shapes.BUDGET_CHANGE, answers={200: shapes.BUDGET})
def change(budget_id: int) -> Response:
    """Change a budget, as it was read at `revision`."""
    body = request.get_json()
    with begin() as session:
        row = commands.change(session, budget_id, from_words(body), body["revision"], who(), clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return jsonify(_budget(row))


@blueprint.delete("/budgets/<int:budget_id>")
@requires("cost.write")
@operation(answers={204: None})
def remove(budget_id: int) -> tuple[str, int]:
    """Take a budget out."""
    with begin() as session:
        commands.remove(session, budget_id, who(), clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return "", 204


@blueprint.get("/unusual")
@requires("view")
@operation(query=LISTED, answers={200: shapes.UNUSUAL}, or_as=CSV)
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
@operation(query=LISTED, answers={200: shapes.SAVINGS}, or_as=CSV)
def savings() -> Response:
    """What could be saved in a month: what lies idle, what is larger than needed, unused commitments."""
    with begin() as session:
        found = queries.savings(session, today())
    return listed("savings", [vars(row) for row in found])


@blueprint.get("/quotas")
@requires("view")
@operation(query=PAGED, answers={200: shapes.QUOTAS}, or_as=CSV)
def quotas() -> Response:
    """How much of a driver may be used in a day or month, and how much is."""
    with begin() as session:
        found = queries.quotas(session, today())
    return paged("quotas", found, lambda use: (use.row.name,), _quota)


def _quota(use: QuotaUse) -> dict[str, object]:
    return {
        "id": use.row.id,
        "name": use.row.name,
        "driver": use.row.driver,
        "period": use.row.period,
        "most": float(use.row.most),
        "used": None if use.used is None else float(use.used),
        "share": use.share,
    }


@blueprint.post("/quotas")
@requires("cost.write")
@operation(body=shapes.QUOTA_DRAFT, answers={201: shapes.SAVED_QUOTA})
def save_quota() -> tuple[Response, int, dict[str, str]]:
    """Save a quota: one of the same name is replaced."""
    with begin() as session:
        number = commands.save_quota(session, request.get_json(), who(), clock.now())
        use = queries.quota(session, number, today())
        publish_on_commit(session, sources().redis, "cost")
    at = {"Location": url_for("cost_budgets_api.quota", quota_id=number)}
    return jsonify({"saved": True, "quota": _quota(use)}), 201, at


@blueprint.get("/quotas/<int:quota_id>")
@requires("view")
@operation(answers={200: shapes.QUOTA})
def quota(quota_id: int) -> Response:
    """One quota with its use."""
    with begin() as session:
        return jsonify(_quota(queries.quota(session, quota_id, today())))


@blueprint.delete("/quotas/<int:quota_id>")
@requires("cost.write")
@operation(answers={204: None})
def remove_quota(quota_id: int) -> tuple[str, int]:
    """Take a quota out."""
    with begin() as session:
        commands.remove_quota(session, quota_id, who(), clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return "", 204

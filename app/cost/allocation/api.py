"""Rules and runs as JSON."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, Response, jsonify, request, url_for
from sqlalchemy import select

from app import clock
from app.cost.allocation import commands, queries, shapes
from app.cost.allocation.divide import Allocation, divide
from app.cost.allocation.models import CostRuleVersion, CostRun
from app.cost.allocation.rules import read_all
from app.cost.bodies import as_csv, listed, read_month_arg, shown, wants_csv
from app.cost.shapes import CSV, ID, LISTED, PAGED
from app.db import begin
from app.events import publish_on_commit
from app.guards import requires, who
from app.openapi.operation import operation
from app.paging import of_select
from app.sources import sources

blueprint = Blueprint("cost_allocation_api", __name__, url_prefix="/api/v1/costs")

SHARE_COLUMNS = ("key", "name", "component", "how", "target", "cents", "rule", "why")


@blueprint.get("/rules")
@requires("view")
@operation(query=LISTED, answers={200: shapes.RULES}, or_as=CSV)
def rules() -> Response:
    """The rules that say who bears a cost, in their order."""
    with begin() as session:
        found = queries.current(session)
    return listed("rules", [rule.as_words() for rule in found.rules], version=found.version)


@blueprint.put("/rules")
@requires("cost.write")
@operation(body=shapes.RULES_DRAFT, answers={200: shapes.RULES})
def save_rules() -> Response:
    """Save all rules in their order, on the `version` that they were made on."""
    body = request.get_json()
    found, version, note = read_all(body["rules"]), body["version"], body.get("note", "")
    with begin() as session:
        row = commands.save_rules(session, found, version, note, who(), clock.now())
        publish_on_commit(session, sources().redis, "cost")
    return jsonify({"version": row.version, "rules": row.rules})


@blueprint.get("/rules/versions")
@requires("view")
@operation(query=PAGED, answers={200: shapes.VERSIONS}, or_as=CSV)
def versions() -> Response:
    """Every version of the rules, the newest first."""
    with begin() as session:
        page = of_select(session, select(CostRuleVersion), CostRuleVersion.version.desc())
    return shown("versions", page, _version)


def _version(row: CostRuleVersion) -> dict[str, object]:
    return {
        "version": row.version,
        "rules": row.rules,
        "note": row.note,
        "saved_by": row.saved_by,
        "saved_at": row.saved_at.isoformat(),
    }


@blueprint.post("/rules/preview")
@requires("view")
@operation(body=shapes.TRIAL, answers={200: shapes.ALLOCATED})
def preview() -> Response:
    """What these rules would make of a month, by default this one; nothing is saved."""
    body = request.get_json()
    found, month = read_all(body["rules"]), read_month_arg(body.get("month"))
    with begin() as session:
        bill, measured = commands.inputs(session, month)
    return jsonify(_allocation(divide(bill, found, measured)))


def _allocation(made: Allocation) -> dict[str, object]:
    return {
        "bill_cents": made.bill_cents,
        **{f"{how}_cents": cents for how, cents in made.by_how().items()},
        "conserved": made.is_conserved,
        "targets": made.by_target(),
        "shares": [asdict(share) for share in made.shares],
    }


@blueprint.get("/runs")
@requires("view")
@operation(query=PAGED, answers={200: shapes.RUNS}, or_as=CSV)
def runs() -> Response:
    """Months that were divided, the newest run first."""
    with begin() as session:
        page = of_select(session, select(CostRun), CostRun.id.desc())
    return shown("runs", page, _run)


def _run(row: CostRun) -> dict[str, object]:
    parts = ("bill", "direct", "driver", "even", "shared", "idle")
    return {
        "id": row.id,
        "month": f"{row.month:%Y-%m}",
        "rules_version": row.rules_version,
        "digest": row.digest,
        **{f"{part}_cents": getattr(row, f"{part}_cents") for part in parts},
        "made_by": row.made_by,
        "made_at": row.made_at.isoformat(),
    }


@blueprint.post("/runs")
@requires("cost.write")
@operation(body=shapes.RUN_DRAFT, body_may_be_left_out=True, answers={201: shapes.RUN_MADE})
def make_run() -> tuple[Response, int, dict[str, str]]:
    """Divide a month, by default this one. The same inputs answer the run that there is."""
    month = read_month_arg((request.get_json(silent=True) or {}).get("month"))
    with begin() as session:
        row = commands.run(session, month, who(), clock.now())
        publish_on_commit(session, sources().redis, "cost")
        at = {"Location": url_for("cost_allocation_api.one_run", run_id=row.id)}
        return jsonify(_run(row) | _allocation(queries.allocation(row))), 201, at


@blueprint.get("/runs/<int:run_id>")
@requires("view")
@operation(query=LISTED, answers={200: shapes.RUN_IN_FULL}, or_as=CSV)
def one_run(run_id: int) -> Response:
    """A run with its shares and inputs."""
    with begin() as session:
        row = queries.run(session, run_id)
        made, same = queries.allocation(row), commands.is_reproduced(session, row)
    if wants_csv():
        rows = ([getattr(share, name) for name in SHARE_COLUMNS] for share in made.shares)
        return as_csv(f"run-{run_id}", SHARE_COLUMNS, rows)
    return jsonify(_run(row) | _allocation(made) | {"inputs": row.inputs, "reproduced": same})


@blueprint.get("/runs/compare")
@requires("view")
@operation(
    query={"before": ID, "after": ID, **LISTED},
    required=("before", "after"),
    answers={200: shapes.COMPARISON},
    or_as=CSV,
    problems=(404,),
)
def compare() -> Response:
    """What differs between two runs."""
    with begin() as session:
        before, after = (queries.run(session, int(request.args[name])) for name in ("before", "after"))
        found = queries.compared(before, after)
    rows = [asdict(row) | {"change": row.change} for row in found]
    return listed("targets", rows, before=_run(before), after=_run(after))

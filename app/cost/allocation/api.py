"""Rules and runs as JSON."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _

from app import clock
from app.cost.allocation import commands, queries
from app.cost.allocation.divide import Allocation, divide
from app.cost.allocation.models import CostRun
from app.cost.allocation.rules import read_all
from app.cost.bodies import as_csv, listed, read_month_arg, read_object, revision_of, wants_csv
from app.db import begin
from app.errors import Refused
from app.events import publish_on_commit
from app.guards import requires, who
from app.sources import sources

blueprint = Blueprint("cost_allocation_api", __name__, url_prefix="/api/v1/costs")

SHARE_COLUMNS = ("key", "name", "component", "how", "target", "cents", "rule", "why")


@blueprint.get("/rules")
@requires("view")
def rules() -> Response:
    with begin() as session:
        found = queries.current(session)
    return listed("rules", [rule.as_words() for rule in found.rules], version=found.version)


@blueprint.put("/rules")
@requires("cost.write")
def save_rules() -> Response:
    """All rules in their order, with the `version` that they were made on."""
    body = read_object()
    found = read_all(body.get("rules"))
    with begin() as session:
        row = commands.save_rules(
            session, found, revision_of(body.get("version")), str(body.get("note") or ""), who(), clock.now()
        )
        publish_on_commit(session, sources().redis, "cost")
    return jsonify({"version": row.version, "rules": row.rules})


@blueprint.post("/rules/preview")
@requires("view")
def preview() -> Response:
    """What these rules would make of a month; nothing is saved."""
    body = read_object()
    found, month = read_all(body.get("rules")), read_month_arg(body.get("month"))
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
def runs() -> Response:
    with begin() as session:
        found = queries.runs(session)
    return listed("runs", [_run(row) for row in found])


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
def make_run() -> tuple[Response, int]:
    """Divide a month, by default this one. The same inputs answer the run that there is."""
    month = read_month_arg(read_object().get("month"))
    with begin() as session:
        row = commands.run(session, month, who(), clock.now())
        publish_on_commit(session, sources().redis, "cost")
        return jsonify(_run(row) | _allocation(queries.allocation(row))), 201


@blueprint.get("/runs/<int:run_id>")
@requires("view")
def one_run(run_id: int) -> Response:
    """A run with its shares and inputs. `reproduced`: divided again just now, to the same cents."""
    with begin() as session:
        row = queries.run(session, run_id)
        made, same = queries.allocation(row), commands.is_reproduced(session, row)
    if wants_csv():
        rows = ([getattr(share, name) for name in SHARE_COLUMNS] for share in made.shares)
        return as_csv(f"run-{run_id}", SHARE_COLUMNS, rows)
    return jsonify(_run(row) | _allocation(made) | {"inputs": row.inputs, "reproduced": same})


@blueprint.get("/runs/compare")
@requires("view")
def compare() -> Response:
    """`before` and `after` name two runs."""
    wrong = {name: _("Name a run.") for name in ("before", "after") if not request.args.get(name, type=int)}
    if wrong:
        raise Refused(_("Name two runs to compare."), wrong)
    with begin() as session:
        before, after = (
            queries.run(session, request.args.get(name, 0, type=int)) for name in ("before", "after")
        )
        found = queries.compared(before, after)
    rows = [asdict(row) | {"change": row.change} for row in found]
    return listed("targets", rows, before=_run(before), after=_run(after))

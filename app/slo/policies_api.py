"""What an objective's policy says, and lifting its freeze, as JSON; where the rules stand."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request, url_for

from app import clock
from app.db import begin
from app.events import publish_on_commit
from app.guards import requires, who
from app.openapi.operation import operation
from app.slo import objective_shapes as shapes
from app.slo import policies, queries, rule_files
from app.sources import sources
from app.ui.timerange import read_moment

blueprint = Blueprint("slo_policies_api", __name__, url_prefix="/api/v1")


@blueprint.get("/slos/<key>/policy")
@requires("view")
@operation(answers={200: shapes.POLICY})
def show(key: str) -> Response:
    """What an objective's policy says, which of its steps are taken, and whether rollouts are frozen."""
    now = clock.now()
    with begin() as session:
        slo = queries.objective(session, key)
        found = policies.state(session, slo, now)
    lifted = found.override
    return jsonify(
        steps=[{"left": float(step.left), "action": step.action} for step in slo.policy],
        steps_taken=found.steps_taken,
        freezes=found.freezes,
        is_frozen=found.is_frozen,
        override={"who": lifted.who, "reason": lifted.reason, "ends_at": lifted.ends_at.isoformat()}
        if lifted
        else None,
    )


@blueprint.post("/slos/<key>/override")
@requires("slo.write")
@operation(body=shapes.LIFTING, answers={201: shapes.LIFTED})
def override(key: str) -> Response:
    """Lift the freeze of a spent budget for a while: somebody's name and reason stand for it."""
    body, now = request.get_json(), clock.now()
    with begin() as session:
        queries.objective(session, key)  # 404 before anything is said of the rest
        made = policies.override(session, key, body["reason"], read_moment(body["until"]), who(), now)
        publish_on_commit(session, sources().redis, "slo")
    response = jsonify(who=made.who, reason=made.reason, ends_at=made.ends_at.isoformat())
    response.status_code = 201
    response.headers["Location"] = url_for("slo_policies_api.show", key=key)
    return response


@blueprint.delete("/slos/<key>/override")
@requires("slo.write")
@operation(answers={204: None})
def end(key: str) -> tuple[str, int]:
    """The policy holds again."""
    with begin() as session:
        policies.end_override(session, key, who(), clock.now())
        publish_on_commit(session, sources().redis, "slo")
    return "", 204


@blueprint.get("/rules/state")
@requires("view")
@operation(answers={200: shapes.RULES_STATE})
def rules() -> Response:
    """Where the generated rules stand, and whether Prometheus has loaded them."""
    with begin() as session:
        held = rule_files.states(session)
    return jsonify(
        places=[
            {
                "place": one.place,
                "checked_at": one.checked_at.isoformat(),
                "is_loaded": one.is_loaded,
                "said": one.said,
            }
            for one in held
        ]
    )

"""What an objective's policy says, and lifting its freeze, as JSON; where the rules stand."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from app import clock
from app.db import begin
from app.events import publish_on_commit
from app.guards import requires, who
from app.slo import policies, queries, rule_files
from app.slo.crud_api import CREATED, json_object
from app.sources import sources
from app.ui.timerange import read_moment

blueprint = Blueprint("slo_policies_api", __name__, url_prefix="/api/v1")


@blueprint.get("/slos/<key>/policy")
@requires("view")
def show(key: str) -> Response:
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
def override(key: str) -> tuple[Response, int]:
    body, now = json_object(), clock.now()
    with begin() as session:
        until = read_moment(str(body.get("until") or ""))
        made = policies.override(session, key, str(body.get("reason") or ""), until, who(), now)
        publish_on_commit(session, sources().redis, "slo")
    return jsonify(who=made.who, reason=made.reason, ends_at=made.ends_at.isoformat()), CREATED


@blueprint.delete("/slos/<key>/override")
@requires("slo.write")
def end(key: str) -> tuple[str, int]:
    with begin() as session:
        policies.end_override(session, key, who(), clock.now())
        publish_on_commit(session, sources().redis, "slo")
    return "", 204


@blueprint.get("/rules/state")
@requires("view")
def rules() -> Response:
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

"""One action on many strings, and taking changes back, for machines."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app import clock, events
from app.db import begin
from app.guards import requires, who
from app.locales import access, bodies, bulk_commands, history, reverting, rights
from app.locales.bodies import Body
from app.locales.bulk import APPROVE, Action, Plan, Step
from app.locales.bulk_commands import Selection
from app.locales.models import TranslationBatch
from app.locales.period import period
from app.locales.reverting import BackPlan, Chosen
from app.sources import sources

blueprint = Blueprint("locale_changes_api", __name__, url_prefix="/api/v1/locales")


@blueprint.post("/<code>/bulk/preview")
@requires("view")
def preview(code: str) -> Response:
    """What an action would do: `action`, `ids` or `q`, and for replace `find` and `replacement`."""
    sent = bodies.body()
    selection, action = _selection(sent), _action(sent)
    with begin() as session:
        plan = bulk_commands.plan(session, code, selection, action, who(), clock.now())
    return jsonify(_plan(plan))


def _plan(plan: Plan) -> dict[str, object]:
    return {
        "changed": [_step(step) for step in plan.changed],
        "refused": [_step(step) for step in plan.refused],
        "unchanged": plan.unchanged,
        "looked_at": plan.fingerprint,
    }


def _step(step: Step) -> dict[str, object]:
    item = step.item
    told: dict[str, object] = {"id": item.message_id, "source": item.source.msgid, "state": item.state}
    if step.refusal is not None:
        return told | {"why": str(step.refusal)}
    return told | {"forms": list(item.forms), "new_forms": list(step.forms), "new_state": step.state}


@blueprint.post("/<code>/bulk")
@requires("view")
def carry_out(code: str) -> ResponseReturnValue:
    """Does it. With `looked_at` of a preview, only if it is still what the preview said."""
    sent = bodies.body()
    selection, action = _selection(sent), _action(sent)
    looked_at = bodies.text(sent, "looked_at") if "looked_at" in sent else None
    with begin() as session:
        rights.demand(session, code, access.TRANSLATE)
        if action.kind == APPROVE:
            rights.demand(session, code, access.REVIEW)
        batch = bulk_commands.carry_out(
            session, code, selection, action, who(), clock.now(), looked_at=looked_at
        )
        events.publish_on_commit(session, sources().redis, "locales")
        return jsonify(change=batch.id, strings=batch.strings), 201


def _selection(sent: Body) -> Selection:
    if "q" in sent:
        return Selection(q=bodies.text(sent, "q"))
    ids = sent.get("ids")
    if not isinstance(ids, list) or not all(type(each) is int and abs(each) < 2**63 for each in ids):
        raise bodies.wrong("ids", "Send a list of ids, or q.")
    return Selection(ids=tuple(ids))


def _action(sent: Body) -> Action:
    return Action(
        bodies.text(sent, "action"), bodies.text(sent, "find", ""), bodies.text(sent, "replacement", "")
    )


@blueprint.get("/<code>/changes")
@requires("view")
def index(code: str) -> Response:
    """What was changed together, newest first."""
    with begin() as session:
        found = history.batches(session, code)
    return jsonify(
        changes=[
            {
                "id": line.id,
                "kind": line.kind,
                "detail": line.detail or None,
                "strings": line.strings,
                "who": line.who,
                "at": line.at.isoformat(),
                "undoes": line.undoes,
                "undone_by": line.undone_by,
            }
            for line in found
        ]
    )


@blueprint.get("/<code>/changes/<int:batch_id>")
@requires("view")
def detail(code: str, batch_id: int) -> Response:
    """What undoing it would do."""
    with begin() as session:
        history.batch(session, code, batch_id)
        return jsonify(_back_plan(reverting.plan(session, code, Chosen(batch_id=batch_id))))


def _back_plan(plan: BackPlan) -> dict[str, object]:
    return {
        "changed": [
            {
                "id": line.message.id,
                "source": line.message.msgid,
                "forms": list(line.forms),
                "state": line.state,
                "new_forms": list(line.old_forms),
                "new_state": line.old_state,
            }
            for line in plan.changed
        ],
        "refused": [
            {"id": line.message.id, "source": line.message.msgid, "why": str(line.refusal)}
            for line in plan.refused
        ],
    }


@blueprint.post("/<code>/changes/<int:batch_id>/undo")
@requires("view")
def undo(code: str, batch_id: int) -> ResponseReturnValue:
    """What was changed again since stays as it is; the answer says how many that were."""
    with begin() as session:
        history.batch(session, code, batch_id)
        return _take_back(session, code, Chosen(batch_id=batch_id))


@blueprint.post("/<code>/changes/revert")
@requires("view")
def revert(code: str) -> ResponseReturnValue:
    """All that `author` changed `from` … `to` (days, or moments); `dry_run=1` in the address only looks."""
    sent = bodies.body()
    start, end = period(bodies.text(sent, "from"), bodies.text(sent, "to"))
    chosen = Chosen(author=bodies.text(sent, "author"), start=start, end=end)
    with begin() as session:
        if request.args.get("dry_run") == "1":
            return jsonify(_back_plan(reverting.plan(session, code, chosen)))
        return _take_back(session, code, chosen)


def _take_back(session: Session, code: str, chosen: Chosen) -> ResponseReturnValue:
    rights.demand(session, code, access.TRANSLATE)
    plan = reverting.plan(session, code, chosen)
    if plan.approves:
        rights.demand(session, code, access.REVIEW)
    batch: TranslationBatch = reverting.take_back(session, code, chosen, plan, who(), clock.now())
    events.publish_on_commit(session, sources().redis, "locales")
    return jsonify(change=batch.id, strings=batch.strings, left=len(plan.refused)), 201

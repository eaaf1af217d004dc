"""One action on many strings, and taking changes back, for machines."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app import clock, events
from app.db import begin
from app.guards import requires, who
from app.locales import access, bulk_commands, history, queries, reverting, rights, shapes
from app.locales.bulk import APPROVE, Action, Plan, Step
from app.locales.bulk_commands import Selection
from app.locales.models import TranslationBatch
from app.locales.period import period
from app.locales.reverting import BackPlan, Chosen
from app.locales.shapes import PATH
from app.openapi.operation import operation
from app.openapi.shapes import PAGING
from app.paging import answer, of_select
from app.sources import sources

blueprint = Blueprint("locale_changes_api", __name__, url_prefix="/api/v1/locales")

Made = tuple[Response, int, dict[str, str]]


@blueprint.post("/<code>/bulk/preview")
@requires("view")
@operation(path=PATH, body=shapes.BULK, answers={200: shapes.PREVIEW})
def preview(code: str) -> Response:
    """What one action on many strings would do; nothing is done."""
    with begin() as session:
        plan = bulk_commands.plan(session, code, _selection(), _action(), who(), clock.now())
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
@operation(path=PATH, body=shapes.BULK_DONE, answers={201: shapes.CHANGED})
def carry_out(code: str) -> Made:
    """Do something to many strings. With `looked_at` only if it is still what the preview said."""
    action = _action()
    with begin() as session:
        rights.demand(session, code, access.TRANSLATE)
        if action.kind == APPROVE:
            rights.demand(session, code, access.REVIEW)
        looked_at = request.get_json().get("looked_at")
        batch = bulk_commands.carry_out(
            session, code, _selection(), action, who(), clock.now(), looked_at=looked_at
        )
        events.publish_on_commit(session, sources().redis, "locales")
        return _made(code, batch)


def _made(code: str, batch: TranslationBatch, **more: object) -> Made:
    at = {"Location": url_for("locale_changes_api.detail", code=code, batch_id=batch.id)}
    return jsonify(change=batch.id, strings=batch.strings, **more), 201, at


def _selection() -> Selection:
    sent = request.get_json()
    return Selection(q=sent["q"]) if "q" in sent else Selection(ids=tuple(sent["ids"]))


def _action() -> Action:
    sent = request.get_json()
    return Action(sent["action"], sent.get("find", ""), sent.get("replacement", ""))


@blueprint.get("/<code>/changes")
@requires("view")
@operation(path=PATH, query=PAGING, answers={200: shapes.CHANGES})
def index(code: str) -> Response:
    """What was changed together, the newest first."""
    with begin() as session:
        queries.locale(session, code)
        page = of_select(session, history.of_locale(code), *history.NEWEST_FIRST)
    return answer("changes", page, lambda row: _line(history.batch_line(*row)))


def _line(line: history.BatchLine) -> dict[str, object]:
    return {
        "id": line.id,
        "kind": line.kind,
        "detail": line.detail or None,
        "strings": line.strings,
        "who": line.who,
        "at": line.at.isoformat(),
        "undoes": line.undoes,
        "undone_by": line.undone_by,
    }


@blueprint.get("/<code>/changes/<int:batch_id>")
@requires("view")
@operation(path=PATH, answers={200: shapes.BACK_PREVIEW})
def detail(code: str, batch_id: int) -> Response:
    """What taking a change back would do."""
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
@operation(path=PATH, answers={201: shapes.TAKEN_BACK})
def undo(code: str, batch_id: int) -> Made:
    """Take a change back. What was changed again since stays as it is."""
    with begin() as session:
        history.batch(session, code, batch_id)
        return _take_back(session, code, Chosen(batch_id=batch_id))


@blueprint.post("/<code>/changes/revert")
@requires("view")
@operation(
    path=PATH,
    query={"dry_run": {**shapes.YES, "description": "1: only looks."}},
    body=shapes.OF_SOMEBODY,
    answers={200: shapes.BACK_PREVIEW, 201: shapes.TAKEN_BACK},
)
def revert(code: str) -> ResponseReturnValue:
    """Take back all that somebody changed in a stretch of time."""
    sent = request.get_json()
    with begin() as session:
        start, end = period(sent["from"], sent["to"])
        chosen = Chosen(author=sent["author"], start=start, end=end)
        if request.args.get("dry_run") == "1":
            return jsonify(_back_plan(reverting.plan(session, code, chosen)))
        return _take_back(session, code, chosen)


def _take_back(session: Session, code: str, chosen: Chosen) -> Made:
    rights.demand(session, code, access.TRANSLATE)
    plan = reverting.plan(session, code, chosen)
    if plan.approves:
        rights.demand(session, code, access.REVIEW)
    batch = reverting.take_back(session, code, chosen, plan, who(), clock.now())
    events.publish_on_commit(session, sources().redis, "locales")
    return _made(code, batch, left=len(plan.refused))

"""Reviews as JSON."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from app import clock
from app.db import begin
from app.errors import Refused
from app.guards import requires, who
from app.reports import commands, gather, queries
from app.reports.models import ReportAction, ReportNote, ReportRecipient, ReportRow
from app.reports.period import KINDS, read_period
from app.reports.report import moved, to_json
from app.sources import sources

blueprint = Blueprint("reports_api", __name__, url_prefix="/api/v1/reports")


@blueprint.get("")
@requires("view")
def index() -> Response:
    """`kind`: week, month, quarter or year; without it all. Open ones first, each newest first."""
    kind = request.args.get("kind")
    with begin() as session:
        rows = queries.newest(session, kind if kind in KINDS else None)
    return jsonify(reports=[_row(row) for row in rows])


@blueprint.post("")
@requires("reports.write")
def make() -> tuple[Response, int]:
    """`{"period": "2026-W48"}`: 201 when it was made now, 200 when it was there."""
    period = read_period(str(_body().get("period", "")))
    with begin() as session:
        is_new = commands.make(session, period, gather.house(sources().config), who(), clock.now())
        report = queries.one(session, period.name)
    return jsonify(_row(report.row)), 201 if is_new else 200


@blueprint.get("/<period>")
@requires("view")
def one(period: str) -> Response:
    """Figures as they were computed; `now` lists those that come to something else today."""
    with begin() as session:
        report = queries.one(session, period)
        again = gather.sections(session, report.period, clock.now(), gather.house(sources().config))
    changed = moved(report.sections, again).values()
    return jsonify(
        **_row(report.row),
        sections=to_json(report.sections),
        now=[
            {"key": one.kept.key, "member": one.kept.member, "value": one.kept.value, "now": one.now}
            for one in changed
        ],
        notes=[_note(note) for note in report.notes],
        actions=[_action(action) for action in report.actions],
    )


@blueprint.post("/<period>/notes")
@requires("reports.write")
def annotate(period: str) -> tuple[Response, int]:
    body = _body()
    with begin() as session:
        section, text = str(body.get("section", "")), str(body.get("text", ""))
        made = commands.annotate(session, period, section, text, who(), clock.now())
    return jsonify(id=made), 201


@blueprint.post("/<period>/actions")
@requires("reports.write")
def add_action(period: str) -> tuple[Response, int]:
    """`{"action": …, "owner": …, "due_on": "2026-12-24"}`"""
    wanted = commands.read_action({name: str(value) for name, value in _body().items() if value is not None})
    with begin() as session:
        made = commands.add_action(session, period, wanted, who(), clock.now())
    return jsonify(id=made), 201


@blueprint.post("/<period>/actions/<int:action_id>/done")
@requires("reports.write")
def finish_action(period: str, action_id: int) -> tuple[str, int]:
    with begin() as session:
        commands.finish_action(session, period, action_id, who(), clock.now())
    return "", 204


@blueprint.post("/<period>/close")
@requires("reports.write")
def close(period: str) -> tuple[str, int]:
    with begin() as session:
        commands.close(session, period, str(_body().get("decision", "")), who(), clock.now())
    return "", 204


@blueprint.post("/<period>/reopen")
@requires("reports.write")
def reopen(period: str) -> tuple[str, int]:
    with begin() as session:
        commands.reopen(session, period, who(), clock.now())
    return "", 204


@blueprint.get("/-/recipients")
@requires("view")
def recipients() -> Response:
    with begin() as session:
        return jsonify(recipients=[_recipient(row) for row in queries.recipients(session)])


@blueprint.post("/-/recipients")
@requires("reports.write")
def add_recipient() -> tuple[Response, int]:
    body = {name: str(value) for name, value in _body().items()}
    kind, language = body.get("kind", ""), body.get("language", "en")
    with begin() as session:
        email = commands.add_recipient(session, kind, body.get("email", ""), language, who(), clock.now())
    return jsonify(kind=kind, email=email, language=language), 201


@blueprint.delete("/-/recipients/<kind>/<email>")
@requires("reports.write")
def remove_recipient(kind: str, email: str) -> tuple[str, int]:
    with begin() as session:
        commands.remove_recipient(session, kind, email, who(), clock.now())
    return "", 204


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Refused("Send a JSON object.")
    return body


def _row(row: ReportRow) -> dict[str, Any]:
    return {
        "period": row.period,
        "kind": row.kind,
        "from": row.first_day.isoformat(),
        "to": row.last_day.isoformat(),
        "made_at": row.made_at.isoformat(),
        "closed_at": row.closed_at and row.closed_at.isoformat(),
        "closed_by": row.closed_by,
        "decision": row.decision,
    }


def _note(note: ReportNote) -> dict[str, Any]:
    return {
        "id": note.id,
        "section": note.section,
        "text": note.text,
        "who": note.who,
        "at": note.at.isoformat(),
    }


def _action(row: ReportAction) -> dict[str, Any]:
    return {
        "id": row.id,
        "action": row.text,
        "owner": row.owner,
        "due_on": row.due_on and row.due_on.isoformat(),
        "done_at": row.done_at and row.done_at.isoformat(),
        "done_by": row.done_by,
    }


def _recipient(row: ReportRecipient) -> dict[str, Any]:
    return {"kind": row.kind, "email": row.email, "language": row.language}

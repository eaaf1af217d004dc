"""Reviews as JSON."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, Response, jsonify, request, url_for

from app import clock, paging
from app.db import begin
from app.guards import requires, who
from app.openapi.operation import operation
from app.openapi.shapes import PAGING
from app.reports import commands, gather, queries, shapes
from app.reports.models import ReportAction, ReportNote, ReportRecipient, ReportRow
from app.reports.period import Kind, read_period
from app.reports.report import moved, to_json
from app.sources import sources

blueprint = Blueprint("reports_api", __name__, url_prefix="/api/v1/reports")

Headers = dict[str, str]
PERIOD = {"period": shapes.PERIOD}
RECIPIENT = {"kind": shapes.KIND, "email": shapes.EMAIL}


@blueprint.get("")
@requires("view")
@operation(query={**PAGING, "kind": shapes.KIND}, answers={200: shapes.REPORTS})
def index() -> Response:
    """Reviews: open ones first, each newest first."""
    kind = cast(Kind | None, request.args.get("kind"))
    with begin() as session:
        page = paging.of_select(session, queries.rows(kind), *queries.NEWEST_FIRST)
        missing = [one.name for one in queries.missing(session, clock.now()) if kind in (None, one.kind)]
    return paging.answer("reports", page, _row, missing=missing)


@blueprint.post("")
@requires("reports.write")
@operation(body=shapes.DRAFT, answers={200: shapes.REPORT, 201: shapes.REPORT})
def make() -> tuple[Response, int, Headers]:
    """Make the review of a period that is over: 201 when it was made now, 200 when it was there."""
    period = read_period(request.get_json()["period"])
    with begin() as session:
        is_new = commands.make(session, period, gather.house(sources().config), who(), clock.now())
        report = queries.one(session, period.name)
    return jsonify(_row(report.row)), 201 if is_new else 200, _at(period.name)


@blueprint.get("/<period>")
@requires("view")
@operation(path=PERIOD, answers={200: shapes.REPORT_IN_FULL})
def one(period: str) -> Response:
    """A review with its figures as they were computed.

    `now` lists those that come to something else today.
    """
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
@operation(path=PERIOD, body=shapes.NOTE_DRAFT, answers={201: shapes.MADE})
def annotate(period: str) -> tuple[Response, int, Headers]:
    """Say something of a section; closed reviews can be annotated too."""
    body = request.get_json()
    with begin() as session:
        made = commands.annotate(session, period, body["section"], body["text"], who(), clock.now())
    return jsonify(id=made), 201, _at(period)


@blueprint.post("/<period>/actions")
@requires("reports.write")
@operation(path=PERIOD, body=shapes.ACTION_DRAFT, answers={201: shapes.MADE})
def add_action(period: str) -> tuple[Response, int, Headers]:
    """Say what is to be done, by whom and until when."""
    wanted = commands.read_action({name: value for name, value in request.get_json().items() if value})
    with begin() as session:
        made = commands.add_action(session, period, wanted, who(), clock.now())
    return jsonify(id=made), 201, _at(period)


@blueprint.get("/-/open-actions")
@requires("view")
@operation(query=PAGING, answers={200: shapes.ACTIONS})
def actions() -> Response:
    """What reviews asked for and nobody has done yet, what is due first on top."""
    with begin() as session:
        page = paging.of_select(session, queries.OPEN_ACTIONS, *queries.DUE_FIRST)
    return paging.answer("actions", page, lambda row: {"period": row.period, **_action(row)})


@blueprint.post("/<period>/actions/<int:action_id>/done")
@requires("reports.write")
@operation(path=PERIOD, answers={204: None})
def finish_action(period: str, action_id: int) -> tuple[str, int]:
    """An action is done."""
    with begin() as session:
        commands.finish_action(session, period, action_id, who(), clock.now())
    return "", 204


@blueprint.post("/<period>/close")
@requires("reports.write")
@operation(path=PERIOD, body=shapes.DECISION, answers={204: None})
def close(period: str) -> tuple[str, int]:
    """Close a review with what was decided."""
    with begin() as session:
        commands.close(session, period, request.get_json()["decision"], who(), clock.now())
    return "", 204


@blueprint.post("/<period>/reopen")
@requires("reports.write")
@operation(path=PERIOD, answers={204: None})
def reopen(period: str) -> tuple[str, int]:
    """Open a closed review again."""
    with begin() as session:
        commands.reopen(session, period, who(), clock.now())
    return "", 204


@blueprint.get("/-/recipients")
@requires("view")
@operation(query=PAGING, answers={200: shapes.RECIPIENTS})
def recipients() -> Response:
    """Who gets reviews by mail."""
    with begin() as session:
        page = paging.of_select(session, queries.RECIPIENTS, *queries.BY_KIND)
    return paging.answer("recipients", page, _recipient)


@blueprint.post("/-/recipients")
@requires("reports.write")
@operation(body=shapes.RECIPIENT_DRAFT, answers={201: shapes.RECIPIENT})
def add_recipient() -> tuple[Response, int, Headers]:
    """Send somebody each review of a kind by mail, from the next one on."""
    body = request.get_json()
    kind, language = body["kind"], body.get("language", "en")
    with begin() as session:
        email = commands.add_recipient(session, kind, body["email"], language, who(), clock.now())
    at = {"Location": url_for("reports_api.recipient", kind=kind, email=email)}
    return jsonify(kind=kind, email=email, language=language), 201, at


@blueprint.get("/-/recipients/<kind>/<email>")
@requires("view")
@operation(path=RECIPIENT, answers={200: shapes.RECIPIENT})
def recipient(kind: str, email: str) -> Response:
    """One who gets reviews of a kind by mail."""
    with begin() as session:
        return jsonify(_recipient(queries.recipient(session, kind, email)))


@blueprint.delete("/-/recipients/<kind>/<email>")
@requires("reports.write")
@operation(path=RECIPIENT, answers={204: None})
def remove_recipient(kind: str, email: str) -> tuple[str, int]:
    """Send somebody no more reviews of a kind."""
    with begin() as session:
        commands.remove_recipient(session, kind, email, who(), clock.now())
    return "", 204


def _at(period: str) -> Headers:
    return {"Location": url_for("reports_api.one", period=period)}


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

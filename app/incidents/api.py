"""Incidents and runbooks as JSON: all that the pages do, for chat bots and whoever automates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _

from app import clock
from app.db import begin
from app.errors import Refused
from app.events import publish_on_commit
from app.guards import requires, who
from app.incidents import acts, commands, incident, queries, runbooks
from app.incidents.models import Incident, IncidentAction, IncidentStep
from app.incidents.runbooks import Runbook
from app.sources import sources
from app.ui.timerange import read_moment

blueprint = Blueprint("incidents_api", __name__, url_prefix="/api/v1")


@blueprint.get("/incidents")
@requires("view")
def index() -> Response:
    """What goes on, the worst first; with `state=resolved` what has been, a page at a time."""
    asked = request.args.get("page", "1")
    page = max(1, int(asked)) if asked.isdecimal() and len(asked) < 7 else 1
    with begin() as session:
        if request.args.get("state") == "resolved":
            lines, last = queries.past(session, page)
        else:
            lines, last = queries.going_on(session), 1
        return jsonify(incidents=[_incident(line.incident) for line in lines], page=page, pages=last)


@blueprint.post("/incidents")
@requires("incidents.write")
def create() -> tuple[Response, int]:
    body = _body()
    now = clock.now()
    opening = incident.read_opening(_as_form(body), _moment(body, "started_at"), now)
    alert = body.get("alert")
    with begin() as session:
        made = commands.open_incident(session, opening, who(), now, alert if isinstance(alert, int) else None)
        answer = _incident(made)
        _tell_pages(session)
    return jsonify(answer), 201


@blueprint.get("/incidents/<int:incident_id>")
@requires("view")
def detail(incident_id: int) -> Response:
    with begin() as session:
        shown = queries.whole(session, incident_id, clock.now())
        said = [row.update for row in shown.happenings if row.update]
        return jsonify(
            **_incident(shown.incident),
            updates=[
                {"at": one.at.isoformat(), "who": one.who, "kind": one.kind, "state": one.state}
                | {"text": one.text, "is_public": one.is_public}
                for one in said
            ],
            steps=[_step(step) for step in shown.steps],
            alerts=[alert.id for alert in shown.alerts],
            actions=[_action(action) for action in shown.actions],
        )


@blueprint.post("/incidents/<int:incident_id>/updates")
@requires("incidents.write")
def tell(incident_id: int) -> tuple[Response, int]:
    said = incident.read_update(_as_form(_body()))
    with begin() as session:
        answer = _incident(commands.tell(session, incident_id, said, who(), clock.now()))
        _tell_pages(session)
    return jsonify(answer), 201


@blueprint.post("/incidents/<int:incident_id>/alerts/<int:alert_id>")
@requires("incidents.write")
def link(incident_id: int, alert_id: int) -> tuple[Response, int]:
    with begin() as session:
        commands.link_alert(session, incident_id, alert_id, who(), clock.now())
        _tell_pages(session)
    return jsonify(incident=incident_id, alert=alert_id), 201


@blueprint.put("/incidents/<int:incident_id>/roles/<role>")
@requires("incidents.write")
def assign(incident_id: int, role: str) -> Response:
    person = incident.read_text(_as_form(_body()), "person", most=commands.MOST_NAME)
    with begin() as session:
        answer = _incident(commands.assign(session, incident_id, role, person, who(), clock.now()))
        _tell_pages(session)
    return jsonify(answer)


@blueprint.post("/incidents/<int:incident_id>/resolve")
@requires("incidents.write")
def resolve(incident_id: int) -> Response:
    text = incident.read_text(_as_form(_body()), "text", is_needed=True)
    with begin() as session:
        answer = _incident(acts.resolve(session, incident_id, text, who(), clock.now()))
        _tell_pages(session)
    return jsonify(answer)


@blueprint.get("/runbooks")
@requires("view")
def books() -> Response:
    with begin() as session:
        return jsonify(runbooks=[_runbook(book) for book in runbooks.all_of(session)])


@blueprint.get("/runbooks/<name>")
@requires("view")
def book(name: str) -> Response:
    with begin() as session:
        found = runbooks.get(session, name)
    return jsonify(**_runbook(found), text=found.text)


@blueprint.put("/runbooks/<name>")
@requires("incidents.write")
def save(name: str) -> Response:
    """`text`, and `revision`: the one that was read, 0 for a runbook that is as it ships or new."""
    body = _body()
    revision, text = body.get("revision"), body.get("text")
    if not isinstance(revision, int) or not isinstance(text, str):
        raise Refused(_("Send text and the revision that you have read."))
    with begin() as session:
        saved = runbooks.save(session, name, text, revision, who(), clock.now())
    return jsonify(**_runbook(saved), text=saved.text)


def _body() -> dict[str, Any]:
    body = request.get_json(force=True)
    if not isinstance(body, dict):
        raise Refused(_("Send a JSON object."))
    return body


def _as_form(body: Mapping[str, Any]) -> dict[str, str]:
    """The API's shape in the words of the form: `components` {part: impact}, booleans as 1."""
    form = {name: value for name, value in body.items() if isinstance(value, str)}
    form |= {name: "1" for name, value in body.items() if value is True}
    components = body.get("components", {})
    if not isinstance(components, dict):
        raise Refused(_("Nothing was saved."), {"components": _("Send an object: part and impact.")})
    return form | {f"impact_{name}": str(impact) for name, impact in components.items()}


def _moment(body: Mapping[str, Any], name: str) -> Any:
    text = body.get(name)
    found = read_moment(text) if isinstance(text, str) else None
    if text is not None and found is None:
        wrong = _("Give a time such as 2026-01-31T14:02:00Z.")
        raise Refused(_("Nothing was saved."), {name: wrong})
    return found


def _incident(row: Incident) -> dict[str, Any]:
    took = queries.moments(row)
    return {
        "id": row.id,
        "revision": row.revision,
        "title": row.title,
        "severity": row.severity,
        "procedure": row.procedure,
        "state": row.state,
        "components": row.components,
        "roles": row.roles,
        "is_public": row.is_public,
        "started_at": row.started_at.isoformat(),
        "opened_at": row.opened_at.isoformat(),
        "resolved_at": row.resolved_at.isoformat() if row.resolved_at else None,
        "seconds_to_notice": took.to_notice.total_seconds(),
        "seconds_to_mitigate": took.to_mitigate.total_seconds() if took.to_mitigate else None,
        "seconds_to_resolve": took.to_resolve.total_seconds() if took.to_resolve else None,
        "cause": row.cause,
        "lessons": row.lessons,
    }


def _step(step: IncidentStep) -> dict[str, Any]:
    return {
        "position": step.position,
        "section": step.section,
        "text": step.text,
        "within_minutes": step.within_minutes,
        "action": step.action,
        "done_at": step.done_at.isoformat() if step.done_at else None,
        "done_by": step.done_by,
    }


def _action(action: IncidentAction) -> dict[str, Any]:
    return {
        "id": action.id,
        "text": action.text,
        "owner": action.owner,
        "due_on": action.due_on.isoformat() if action.due_on else None,
        "done_at": action.done_at.isoformat() if action.done_at else None,
    }


def _runbook(found: Runbook) -> dict[str, Any]:
    return {
        "name": found.name,
        "title": found.title,
        "revision": found.revision,
        "is_edited": found.is_edited,
        "changed_at": found.changed_at.isoformat() if found.changed_at else None,
        "changed_by": found.changed_by,
    }


def _tell_pages(session: Any) -> None:
    for topic in ("incidents", "timeline"):
        publish_on_commit(session, sources().redis, topic)

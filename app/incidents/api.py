"""Incidents as JSON: all that the pages do, for chat bots and whoever automates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock, paging
from app.db import begin
from app.errors import Conflict
from app.events import publish_on_commit
from app.guards import requires, who
from app.incidents import acts, commands, incident, queries
from app.incidents import incident_shapes as shapes
from app.incidents.incident import Opening
from app.incidents.models import Incident, IncidentAction, IncidentStep
from app.openapi.operation import operation
from app.openapi.shapes import PAGING
from app.sources import sources
from app.ui.timerange import read_moment

blueprint = Blueprint("incidents_api", __name__, url_prefix="/api/v1")

Json = dict[str, Any]
CREATED = 201


@blueprint.get("/incidents")
@requires("view")
@operation(query=shapes.LISTED, answers={200: shapes.LIST})
def index() -> Response:
    """What goes on, the worst first; with `state=resolved` what has been, the newest first."""
    with begin() as session:
        if request.args.get("state") != "resolved":
            lines = enumerate(queries.going_on(session))
            page = paging.of_list(lines, lambda line: (line[0],))
            return paging.answer("incidents", page, lambda line: _incident(line[1].incident), page=1, pages=1)
        number = int(request.args.get("page", "1"))
        lines_of_page, last = queries.past(session, number)
        if "page" in request.args:
            found = [_incident(line.incident) for line in lines_of_page]
            return jsonify(incidents=found, next_cursor=None, page=number, pages=last)
        past = paging.of_select(session, queries.PAST, Incident.started_at.desc(), Incident.id.desc())
        return paging.answer("incidents", past, _incident, page=1, pages=last)


@blueprint.post("/incidents")
@requires("incidents.write")
@operation(body=shapes.OPENING, answers={201: shapes.INCIDENT})
def create() -> Response:
    """Open an incident, with the check-list of its procedure.

    Where it begins with an `alert`, that belongs to it from then on (409 where it belongs to another).
    """
    body, now = request.get_json(), clock.now()
    opening = Opening(
        title=body["title"].strip(),
        severity=body["severity"],
        procedure=body["procedure"],
        started_at=_began(body, now) or now,
        components=_impact(body.get("components", {})),
        is_public=body.get("is_public", False),
        public_text=body.get("public_text", "").strip(),
    )
    with begin() as session:
        made = commands.open_incident(session, opening, who(), now, body.get("alert"))
        _tell_pages(session)
        return _created(_incident(made), "incidents_api.detail", incident_id=made.id)


@blueprint.get("/incidents/<int:incident_id>")
@requires("view")
@operation(answers={200: shapes.WHOLE})
def detail(incident_id: int) -> Response:
    """One incident with its log, check-list, alerts and what is still to be done."""
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


@blueprint.patch("/incidents/<int:incident_id>")
@requires("incidents.write")
@operation(body=shapes.FACTS, answers={200: shapes.INCIDENT})
def change_facts(incident_id: int) -> Response:
    """Change title, severity, start, impact or publicity; what is left out stays."""
    body = request.get_json()

    def change(session: Session, now: datetime) -> Incident:
        known = queries.one(session, incident_id)
        opening = Opening(
            title=body.get("title", known.title).strip(),
            severity=body.get("severity", known.severity),
            procedure=known.procedure,
            started_at=_began(body, now) or known.started_at,
            components=_impact(body.get("components", known.components)),
            is_public=body.get("is_public", known.is_public),
        )
        return commands.change_facts(session, incident_id, opening, int(body["revision"]), who(), now)

    return _write(change)


@blueprint.post("/incidents/<int:incident_id>/updates")
@requires("incidents.write")
@operation(body=shapes.UPDATE, answers={201: shapes.INCIDENT})
def tell(incident_id: int) -> Response:
    """Say what is known now, and the state that follows; shoppers read it where it is public."""
    body = request.get_json()
    said = incident.Update(body["state"], body["text"].strip(), body.get("is_public", False))
    with begin() as session:
        made = commands.tell(session, incident_id, said, who(), clock.now())
        _tell_pages(session)
        return _created(_incident(made), "incidents_api.detail", incident_id=incident_id)


@blueprint.post("/incidents/<int:incident_id>/alerts/<int:alert_id>")
@requires("incidents.write")
@operation(answers={201: shapes.LINK})
def link(incident_id: int, alert_id: int) -> Response:
    """An alert belongs to this incident from now on; to one at the most (409)."""
    with begin() as session:
        commands.link_alert(session, incident_id, alert_id, who(), clock.now())
        _tell_pages(session)
        made = {"incident": incident_id, "alert": alert_id}
        return _created(made, "incidents_api.detail", incident_id=incident_id)


@blueprint.put("/incidents/<int:incident_id>/roles/<role>")
@requires("incidents.write")
@operation(path={"role": shapes.ROLE}, body=shapes.ASSIGNMENT, answers={200: shapes.INCIDENT})
def assign(incident_id: int, role: str) -> Response:
    """Say who leads, who tells people or who writes it down; an empty `person`: nobody."""
    person = request.get_json()["person"].strip()
    return _write(lambda session, now: commands.assign(session, incident_id, role, person, who(), now))


@blueprint.put("/incidents/<int:incident_id>/steps/<int:position>")
@requires("incidents.write")
@operation(path={"position": shapes.POSITION}, body=shapes.TICK, answers={200: shapes.STEP})
def tick(incident_id: int, position: int) -> Response:
    """A step of the check-list is done, or is not after all."""
    is_done = request.get_json()["is_done"]
    with begin() as session:
        queries.step(session, incident_id, position)
        commands.tick(session, incident_id, position, is_done, who(), clock.now())
        _tell_pages(session)
        return jsonify(_step(queries.step(session, incident_id, position)))


@blueprint.post("/incidents/<int:incident_id>/acts")
@requires("incidents.write")
@operation(body=shapes.ACT, answers={200: shapes.INCIDENT})
def act(incident_id: int) -> Response:
    """Do what a button of the check-list does: it is carried out, and said in the log."""
    body = request.get_json()

    def carry_out(session: Session, now: datetime) -> Incident:
        if "position" in body:
            queries.step(session, incident_id, int(body["position"]))
            commands.tick(session, incident_id, int(body["position"]), True, who(), now)
        for topic in ("flags", "rollouts"):
            publish_on_commit(session, sources().redis, topic)
        return ACTS[body["act"]](session, incident_id, body, now)

    return _write(carry_out)


@blueprint.post("/incidents/<int:incident_id>/resolve")
@requires("incidents.write")
@operation(body=shapes.RESOLUTION, answers={200: shapes.INCIDENT})
def resolve(incident_id: int) -> Response:
    """It is over. A public incident tells shoppers so with the same words."""
    text = request.get_json()["text"].strip()

    def end(session: Session, now: datetime) -> Incident:
        publish_on_commit(session, sources().redis, "flags")
        return acts.resolve(session, incident_id, text, who(), now)

    return _write(end)


@blueprint.put("/incidents/<int:incident_id>/review")
@requires("incidents.write")
@operation(body=shapes.REVIEW, answers={200: shapes.INCIDENT})
def review(incident_id: int) -> Response:
    """What it was and what is learned; only of what is over (409)."""
    body = request.get_json()
    cause, lessons = body["cause"].strip(), body.get("lessons", "").strip()
    revision = int(body["revision"])
    return _write(
        lambda session, now: commands.review(session, incident_id, cause, lessons, revision, who(), now)
    )


@blueprint.get("/incident-actions")
@requires("view")
@operation(query=PAGING, answers={200: shapes.ACTIONS_TO_DO})
def to_do() -> Response:
    """What reviews have asked for and nobody has done, the soonest due first."""
    with begin() as session:
        found = [action for action, _title in queries.actions_to_do(session)]
        page = paging.of_list(found, lambda action: (action.due_on or date.max, action.id))
        return paging.answer("actions", page, _action)


@blueprint.post("/incidents/<int:incident_id>/actions")
@requires("incidents.write")
@operation(body=shapes.TASK, answers={201: shapes.ACTION})
def add_action(incident_id: int) -> Response:
    """Ask somebody to do something, so that it does not happen again."""
    body, now = request.get_json(), clock.now()
    due_on = incident.read_due(body.get("due_on") or "")
    text, owner = body["text"].strip(), body["owner"].strip()
    with begin() as session:
        made = commands.add_action(session, incident_id, text, owner, due_on, who(), now)
        _tell_pages(session)
        return _created(_action(made), "incidents_api.action", action_id=made.id)


@blueprint.get("/incident-actions/<int:action_id>")
@requires("view")
@operation(answers={200: shapes.ACTION})
def action(action_id: int) -> Response:
    """One thing that a review asks for."""
    with begin() as session:
        return jsonify(_action(queries.action(session, action_id)))


@blueprint.patch("/incident-actions/<int:action_id>")
@requires("incidents.write")
@operation(body=shapes.TICK, answers={200: shapes.ACTION})
def finish_action(action_id: int) -> Response:
    """It is done, or is not after all."""
    is_done = request.get_json()["is_done"]
    with begin() as session:
        made = commands.finish_action(session, action_id, is_done, who(), clock.now())
        _tell_pages(session)
        return jsonify(_action(made))


Act = Callable[[Session, int, Json, datetime], Incident]
ACTS: Mapping[str, Act] = {
    "freeze-rollouts": lambda s, number, body, now: acts.freeze_rollouts(s, number, who(), now),
    "thaw-rollouts": lambda s, number, body, now: acts.thaw_rollouts(s, number, who(), now),
    "kill-flag": lambda s, number, body, now: acts.kill_flag(s, number, body["flag"], who(), now),
    "note-scale": lambda s, number, body, now: acts.note_scale(s, number, body["what"].strip(), who(), now),
    "tell-shoppers": lambda s, number, body, now: acts.tell_shoppers(
        s, number, body["notice"], body.get("text", "").strip(), who(), now
    ),
    "stop-telling": lambda s, number, body, now: acts.stop_telling(s, number, who(), now),
}


def _write(write: Callable[[Session, datetime], Incident]) -> Response:
    with begin() as session:
        answer = _incident(write(session, clock.now()))
        _tell_pages(session)
    return jsonify(answer)


def _created(made: Json, endpoint: str, **values: Any) -> Response:
    response = jsonify(made)
    response.status_code = CREATED
    response.headers["Location"] = url_for(endpoint, **values)
    return response


def _impact(components: Mapping[str, str]) -> dict[str, str]:
    return {part: impact for part, impact in components.items() if impact != "ok"}


def _began(body: Json, now: datetime) -> datetime | None:
    """None where nothing is said of it. What the clock speaks against is a conflict."""
    if "started_at" not in body:
        return None
    at = read_moment(body["started_at"])
    why = _("Give a time such as 2026-01-31T14:02:00Z.") if at is None else incident.not_begun(at, now)
    if why:
        raise Conflict(_("Nothing was saved."), {"started_at": why})
    return at


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
        "incident": action.incident_id,
        "text": action.text,
        "owner": action.owner,
        "due_on": action.due_on.isoformat() if action.due_on else None,
        "done_at": action.done_at.isoformat() if action.done_at else None,
    }


def _tell_pages(session: Session) -> None:
    for topic in ("incidents", "timeline"):
        publish_on_commit(session, sources().redis, topic)

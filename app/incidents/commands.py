"""Writes of incidents. What is said or done is added and never changed; facts move under a revision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.alerts.models import Alert
from app.audit import commands as audit
from app.errors import Conflict, NotFound, Refused
from app.incidents import procedure, runbooks
from app.incidents.incident import IMPACTS, PROCEDURES, ROLES, SEVERITIES, Opening, Update, worst
from app.incidents.models import (
    Incident,
    IncidentAction,
    IncidentAlert,
    IncidentStep,
    IncidentUpdate,
)
from app.timeline import commands as timeline

MOST_NAME = 120


def open_incident(
    session: Session, opening: Opening, who: str, now: datetime, alert_id: int | None = None
) -> Incident:
    """Opens it with the check-list of its procedure. `Conflict` where the alert belongs to one already."""
    incident = Incident(
        revision=1,
        title=opening.title,
        severity=opening.severity,
        procedure=opening.procedure,
        state="investigating",
        components=dict(opening.components),
        roles={},
        is_public=opening.is_public,
        tells_shoppers=False,
        started_at=opening.started_at,
        opened_at=now,
        opened_by=who,
        cause="",
        lessons="",
    )
    session.add(incident)
    session.flush()
    _copy_steps(session, incident)
    _say(session, incident, "opened", opening.title, who, now)
    if opening.is_public:
        _say(session, incident, "update", opening.public_text, who, now, is_public=True)
    if alert_id is not None:
        link_alert(session, incident.id, alert_id, who, now)
    _keep(session, incident, "incident.open", {}, who, now)
    return incident


def _copy_steps(session: Session, incident: Incident) -> None:
    book = runbooks.find(session, PROCEDURES[incident.procedure].runbook)
    session.add_all(
        IncidentStep(
            incident_id=incident.id,
            position=position,
            section=step.section,
            text=step.text,
            within_minutes=step.within_minutes,
            action=step.action,
        )
        for position, step in enumerate(procedure.steps(book.text) if book else [])
    )


def link_alert(session: Session, incident_id: int, alert_id: int, who: str, now: datetime) -> None:
    alert = session.get(Alert, alert_id)
    if alert is None:
        raise NotFound(_l("There is no such alert."))
    linked = session.scalar(
        insert(IncidentAlert)
        .values(alert_id=alert_id, incident_id=incident_id)
        .on_conflict_do_nothing()
        .returning(IncidentAlert.incident_id)
    )
    if linked is None:
        raise Conflict(_l("This alert belongs to an incident already."))
    incident = _locked(session, incident_id)
    incident.started_at = min(incident.started_at, alert.starts_at)
    _say(session, incident, "alert", alert.annotations.get("summary", alert.name), who, now)
    audit.record(session, who, "incident.alert", f"incident:{incident.id}", {}, {"alert": alert_id}, now)


def tell(session: Session, incident_id: int, said: Update, who: str, now: datetime) -> Incident:
    """An update: what is known now, and the state that follows. Two people at once are both heard."""
    incident = _open(session, incident_id)
    if said.is_public and not incident.is_public:
        raise Conflict(
            _l("The update was not saved."),
            {"is_public": _l("This incident is not public. Make it public first, under its facts.")},
        )
    before = _facts(incident)
    incident.state = said.state
    if said.state == "monitoring" and incident.mitigated_at is None:
        incident.mitigated_at = now
    _say(session, incident, "update", said.text, who, now, is_public=said.is_public)
    _keep(session, incident, "incident.update", before, who, now)
    return incident


def change_facts(
    session: Session,
    incident_id: int,
    opening: Opening,
    expected: int,
    who: str,
    now: datetime,
) -> Incident:
    """Title, severity, start, impact and publicity. The check-list stays that of the first procedure."""
    incident = _locked(session, incident_id)
    _check_revision(incident, expected)
    before = _facts(incident)
    incident.title, incident.severity = opening.title, opening.severity
    incident.started_at = opening.started_at
    incident.components, incident.is_public = dict(opening.components), opening.is_public
    after = _facts(incident)
    if before == after:
        return incident
    _say(session, incident, "impact", _changes(before, after), who, now)
    _keep(session, incident, "incident.change", before, who, now)
    return incident


def assign(session: Session, incident_id: int, role: str, person: str, who: str, now: datetime) -> Incident:
    """Who leads, who tells people, who writes it down. Empty: nobody."""
    if role not in ROLES:
        raise Refused(_l("Nothing was saved."), {"role": _l("Choose one of the list.")})
    if len(person) > MOST_NAME:
        too_long = _l("Give at most %(most)s characters.", most=MOST_NAME)
        raise Refused(_l("Nothing was saved."), {f"role_{role}": too_long})
    incident = _open(session, incident_id)
    before = _facts(incident)
    if incident.roles.get(role, "") == person:
        return incident
    kept = {name: holder for name, holder in incident.roles.items() if name != role}
    incident.roles = kept | ({role: person} if person else {})
    if role == "lead" and person and incident.taken_at is None:
        incident.taken_at = now
    _say(session, incident, "role", f"{ROLES[role]}: {person or '–'}", who, now)
    _keep(session, incident, "incident.role", before, who, now)
    return incident


def tick(session: Session, incident_id: int, position: int, done: bool, who: str, now: datetime) -> None:
    """A step of the check-list is done, or is not after all. Of two people at once the first counts.

    Steps may be ticked after the end too: the review is among them.
    """
    incident = _locked(session, incident_id)
    wanted = IncidentStep.done_at.is_(None) if done else IncidentStep.done_at.is_not(None)
    text = session.scalar(
        update(IncidentStep)
        .where(IncidentStep.incident_id == incident_id, IncidentStep.position == position, wanted)
        .values(done_at=now if done else None, done_by=who if done else None)
        .returning(IncidentStep.text)
    )
    if text is not None:
        _say(session, incident, "step" if done else "step_undone", text, who, now)
        after = {"step": text, "done": done}
        audit.record(session, who, "incident.step", f"incident:{incident.id}", {"done": not done}, after, now)


def note_act(session: Session, incident_id: int, text: str, who: str, now: datetime) -> Incident:
    """Something was done about it; acts.py does it."""
    incident = _locked(session, incident_id)
    _say(session, incident, "act", text, who, now)
    return incident


def resolve(session: Session, incident_id: int, text: str, who: str, now: datetime) -> Incident:
    """The end. A public incident tells shoppers so with the same words."""
    incident = _open(session, incident_id)
    before = _facts(incident)
    incident.state = "resolved"
    incident.resolved_at, incident.resolved_by = now, who
    incident.mitigated_at = incident.mitigated_at or now
    _say(session, incident, "resolved", text, who, now, is_public=incident.is_public)
    _keep(session, incident, "incident.resolve", before, who, now)
    return incident


def review(
    session: Session, incident_id: int, cause: str, lessons: str, expected: int, who: str, now: datetime
) -> Incident:
    """What it was and what is learned; only of what is over."""
    incident = _locked(session, incident_id)
    if incident.resolved_at is None:
        raise Conflict(_l("Resolve the incident first, then review it."))
    _check_revision(incident, expected)
    before = _facts(incident)
    incident.cause, incident.lessons = cause, lessons
    incident.reviewed_at, incident.reviewed_by = now, who
    _say(session, incident, "review", cause, who, now)
    _keep(session, incident, "incident.review", before, who, now)
    return incident


def add_action(
    session: Session, incident_id: int, text: str, owner: str, due_on: date | None, who: str, now: datetime
) -> IncidentAction:
    incident = _locked(session, incident_id)
    action = IncidentAction(incident_id=incident.id, text=text, owner=owner, due_on=due_on, created_at=now)
    session.add(action)
    session.flush()
    after = {"text": text, "owner": owner, "due_on": due_on}
    audit.record(session, who, "incident.action", _subject(incident), None, after, now)
    return action


def finish_action(session: Session, action_id: int, done: bool, who: str, now: datetime) -> IncidentAction:
    action = session.get(IncidentAction, action_id, with_for_update=True, populate_existing=True)
    if action is None:
        raise NotFound(_l("There is no such action."))
    if (action.done_at is not None) == done:
        return action
    before = {"text": action.text, "done_at": action.done_at}
    action.done_at, action.done_by = (now, who) if done else (None, None)
    after = {"text": action.text, "done_at": action.done_at}
    audit.record(session, who, "incident.action", f"incident:{action.incident_id}", before, after, now)
    return action


def _locked(session: Session, incident_id: int) -> Incident:
    incident = session.get(Incident, incident_id, with_for_update=True, populate_existing=True)
    if incident is None:
        raise NotFound(_l("There is no such incident."))
    return incident


def _open(session: Session, incident_id: int) -> Incident:
    incident = _locked(session, incident_id)
    if incident.resolved_at is not None:
        raise Conflict(_l("This incident is resolved. Open a new one if it comes back."))
    return incident


def _check_revision(incident: Incident, expected: int) -> None:
    if incident.revision != expected:
        raise Conflict(
            _l("Somebody else changed this incident since you opened the page. Reload it to see theirs.")
        )


def _say(
    session: Session,
    incident: Incident,
    kind: str,
    text: str,
    who: str,
    now: datetime,
    is_public: bool = False,
) -> None:
    session.add(
        IncidentUpdate(
            incident_id=incident.id,
            at=now,
            who=who,
            kind=kind,
            state=incident.state,
            text=text,
            is_public=is_public,
        )
    )


def _keep(
    session: Session, incident: Incident, action: str, before: Mapping[str, Any], who: str, now: datetime
) -> None:
    """Audit trail and timeline, and the revision that the next edit must know."""
    after = _facts(incident)
    if before:
        incident.revision += 1
    audit.record(session, who, action, _subject(incident), before or None, after, now)
    timeline.record(
        session,
        incident.started_at,
        "incident",
        title=incident.title,
        subject=_subject(incident),
        detail=f"{SEVERITIES[incident.severity].word} · {IMPACTS[worst(incident.components.values())]}",
        url=f"/incidents/{incident.id}",
        ends_at=incident.resolved_at,
        key=_subject(incident),
    )


def _facts(incident: Incident) -> dict[str, Any]:
    names = (
        "title",
        "severity",
        "state",
        "components",
        "roles",
        "is_public",
        "started_at",
        "resolved_at",
        "cause",
        "lessons",
    )
    return {name: _copy(getattr(incident, name)) for name in names}


def _copy(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What differs, one thing a line; the log keeps it as it was said."""
    read: dict[str, Callable[[Any], str]] = {"components": _impacts}
    return "\n".join(
        f"{name}: {read.get(name, str)(before[name])} → {read.get(name, str)(after[name])}"
        for name in after
        if before[name] != after[name]
    )


def _impacts(components: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {impact}" for name, impact in sorted(components.items())) or "–"


def _subject(incident: Incident) -> str:
    return f"incident:{incident.id}"

"""Reads of incidents, shaped for the list, one incident, and what the public may know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.alerts.models import Alert
from app.errors import NotFound
from app.incidents.incident import Moments, Trouble, news_due
from app.incidents.models import Incident, IncidentAction, IncidentAlert, IncidentStep, IncidentUpdate
from app.timeline import queries as timeline
from app.timeline.entry import Entry

BEFORE = timedelta(hours=3)  # changes so long before the start are shown: one of them may be the cause
PAST_ROWS = 25


@dataclass(frozen=True)
class Line:
    """One incident in a list."""

    incident: Incident
    told_at: datetime  # last update that a person wrote
    open_actions: int

    @property
    def moments(self) -> Moments:
        return moments(self.incident)

    @property
    def news_due(self) -> datetime:
        return news_due(self.incident.severity, self.told_at)


@dataclass(frozen=True)
class Happening:
    """One row of an incident's own timeline: what was said or done, changed, or fired."""

    at: datetime
    update: IncidentUpdate | None = None
    entry: Entry | None = None


@dataclass(frozen=True)
class Whole:
    incident: Incident
    happenings: Sequence[Happening]  # newest first
    steps: Sequence[IncidentStep]
    alerts: Sequence[Alert]
    actions: Sequence[IncidentAction]
    told_at: datetime

    @property
    def moments(self) -> Moments:
        return moments(self.incident)

    @property
    def news_due(self) -> datetime:
        return news_due(self.incident.severity, self.told_at)


def moments(incident: Incident) -> Moments:
    return Moments(
        incident.started_at,
        incident.opened_at,
        incident.taken_at,
        incident.mitigated_at,
        incident.resolved_at,
    )


_TOLD = (
    select(func.max(IncidentUpdate.at))
    .where(IncidentUpdate.incident_id == Incident.id, IncidentUpdate.kind.in_(("opened", "update")))
    .scalar_subquery()
)
_OPEN_ACTIONS = (
    select(func.count())
    .where(IncidentAction.incident_id == Incident.id, IncidentAction.done_at.is_(None))
    .scalar_subquery()
)
_SEVERITY = func.array_position(func.string_to_array("critical,major,minor", ","), Incident.severity)


def going_on(session: Session) -> list[Line]:
    """The most severe first, then the oldest."""
    query = select(Incident, _TOLD, _OPEN_ACTIONS).where(Incident.resolved_at.is_(None))
    rows = session.execute(query.order_by(_SEVERITY, Incident.started_at)).all()
    return [Line(incident, told or incident.opened_at, count) for incident, told, count in rows]


PAST = select(Incident).where(Incident.resolved_at.is_not(None))


def past(session: Session, page: int) -> tuple[list[Line], int]:
    """One page of what is over, newest first, and how many pages there are."""
    over = Incident.resolved_at.is_not(None)
    count = session.scalar(select(func.count()).select_from(Incident).where(over)) or 0
    rows = session.execute(
        select(Incident, _TOLD, _OPEN_ACTIONS)
        .where(over)
        .order_by(Incident.started_at.desc(), Incident.id.desc())
        .offset((page - 1) * PAST_ROWS)
        .limit(PAST_ROWS)
    ).all()
    lines = [Line(incident, told or incident.opened_at, count) for incident, told, count in rows]
    return lines, max(1, -(-count // PAST_ROWS))


def actions_to_do(session: Session) -> list[tuple[IncidentAction, str]]:
    """What reviews have asked for and nobody has done, the soonest due first, with the incident's title."""
    rows = session.execute(
        select(IncidentAction, Incident.title)
        .join(Incident, Incident.id == IncidentAction.incident_id)
        .where(IncidentAction.done_at.is_(None))
        .order_by(IncidentAction.due_on.asc().nulls_last(), IncidentAction.id)
    ).all()
    return [(action, title) for action, title in rows]


def one(session: Session, incident_id: int) -> Incident:
    incident = session.get(Incident, incident_id)
    if incident is None:
        raise NotFound(_l("There is no such incident."))
    return incident


def step(session: Session, incident_id: int, position: int) -> IncidentStep:
    """As it is now, whatever this transaction has seen of it before."""
    wanted = select(IncidentStep).where(
        IncidentStep.incident_id == incident_id, IncidentStep.position == position
    )
    found = session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise NotFound(_l("There is no such step."))
    return found


def action(session: Session, action_id: int) -> IncidentAction:
    found = session.get(IncidentAction, action_id)
    if found is None:
        raise NotFound(_l("There is no such action."))
    return found


def whole(session: Session, incident_id: int, now: datetime) -> Whole:
    incident = one(session, incident_id)
    updates = _updates(session, incident_id)
    told = [update.at for update in updates if update.kind in ("opened", "update")]
    return Whole(
        incident=incident,
        happenings=_merged(updates, _around(session, incident, now)),
        steps=_steps(session, incident_id),
        alerts=alerts_of(session, incident_id),
        actions=_actions(session, incident_id),
        told_at=max(told, default=incident.opened_at),
    )


def _updates(session: Session, incident_id: int) -> list[IncidentUpdate]:
    query = select(IncidentUpdate).where(IncidentUpdate.incident_id == incident_id)
    return list(session.scalars(query.order_by(IncidentUpdate.id)))


def _steps(session: Session, incident_id: int) -> list[IncidentStep]:
    query = select(IncidentStep).where(IncidentStep.incident_id == incident_id)
    return list(session.scalars(query.order_by(IncidentStep.position)))


def _actions(session: Session, incident_id: int) -> list[IncidentAction]:
    query = select(IncidentAction).where(IncidentAction.incident_id == incident_id)
    return list(session.scalars(query.order_by(IncidentAction.id)))


def _around(session: Session, incident: Incident, now: datetime) -> list[Entry]:
    """Changes and alerts from a while before it began until it was over, without the incident itself."""
    entries = timeline.between(session, incident.started_at - BEFORE, incident.resolved_at or now)
    return [entry for entry in entries if entry.subject != f"incident:{incident.id}"]


def _merged(updates: Sequence[IncidentUpdate], entries: Sequence[Entry]) -> list[Happening]:
    rows = [Happening(update.at, update=update) for update in updates]
    rows += [Happening(entry.at, entry=entry) for entry in entries]
    return sorted(rows, key=lambda row: row.at, reverse=True)


def alerts_of(session: Session, incident_id: int) -> list[Alert]:
    return list(
        session.scalars(
            select(Alert)
            .join(IncidentAlert, IncidentAlert.alert_id == Alert.id)
            .where(IncidentAlert.incident_id == incident_id)
            .order_by(Alert.starts_at)
        )
    )


def of_alert(session: Session, alert_id: int) -> Incident | None:
    return session.scalar(
        select(Incident)
        .join(IncidentAlert, IncidentAlert.incident_id == Incident.id)
        .where(IncidentAlert.alert_id == alert_id)
    )


def alert(session: Session, alert_id: int) -> Alert:
    found = session.get(Alert, alert_id)
    if found is None:
        raise NotFound(_l("There is no such alert."))
    return found


def flags_changed(session: Session, incident: Incident, now: datetime) -> list[str]:
    """Flags that moved around the start, the nearest first: those that a kill switch is offered for."""
    entries = _around(session, incident, now)
    near = sorted(
        (entry for entry in entries if entry.kind == "flag" and entry.subject.startswith("flag:")),
        key=lambda entry: abs(entry.at - incident.started_at),
    )
    return list(dict.fromkeys(entry.subject.removeprefix("flag:") for entry in near))


@dataclass(frozen=True)
class Told:
    """An incident as the public reads it."""

    title: str
    severity: str
    state: str
    started_at: datetime
    resolved_at: datetime | None
    components: dict[str, str]
    updates: Sequence[tuple[datetime, str, str]]  # at, state, text; newest first

    @property
    def trouble(self) -> Trouble:
        return Trouble(self.started_at, self.resolved_at, self.components)


def public(session: Session, since: datetime) -> list[Told]:
    """Public incidents that go on or touch the time since, newest first."""
    incidents = session.scalars(
        select(Incident)
        .where(Incident.is_public)
        .where(or_(Incident.resolved_at.is_(None), Incident.resolved_at >= since))
        .order_by(Incident.started_at.desc(), Incident.id.desc())
    ).all()
    said = session.execute(
        select(IncidentUpdate)
        .where(IncidentUpdate.incident_id.in_([incident.id for incident in incidents]))
        .where(IncidentUpdate.is_public)
        .order_by(IncidentUpdate.id.desc())
    ).scalars()
    updates: dict[int, list[tuple[datetime, str, str]]] = {}
    for update in said:
        updates.setdefault(update.incident_id, []).append((update.at, update.state, update.text))
    return [
        Told(
            incident.title,
            incident.severity,
            incident.state,
            incident.started_at,
            incident.resolved_at,
            incident.components,
            updates.get(incident.id, []),
        )
        for incident in incidents
    ]

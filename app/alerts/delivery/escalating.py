"""Passes alerts on that nobody has acknowledged in time, and says when that is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.alerts.delivery import queries
from app.alerts.delivery.delivery import Escalation
from app.alerts.delivery.models import Escalated
from app.alerts.delivery.passing_on import HEARD_FOR, send
from app.alerts.matcher import all_match
from app.alerts.models import Alert, AlertEvent
from app.sources import Sources


def is_due(alert: Alert, escalation: Escalation, now: datetime) -> bool:
    """Loud, not acknowledged for so long, and one that the escalation is for."""
    is_loud = not alert.silenced_by and not alert.inhibited_by
    waited = now - alert.starts_at >= timedelta(minutes=escalation.after_minutes)
    return is_loud and waited and all_match(escalation.matchers, alert.labels)


def pass_on(session: Session, now: datetime, sources: Sources) -> int:
    """The row settles who sends; without an answer of Alertmanager it is taken back and tried again."""
    escalations = queries.current(session).delivery.escalations
    if not escalations:
        return 0
    waiting = session.scalars(
        select(Alert)
        .where(Alert.ends_at.is_(None), Alert.acknowledged_at.is_(None))
        .order_by(Alert.starts_at, Alert.fingerprint)
        .with_for_update()
    ).all()
    return sum(
        _pass_on(session, alert, escalation, now, sources)
        for alert in waiting
        for escalation in escalations
        if is_due(alert, escalation, now)
    )


def _pass_on(session: Session, alert: Alert, escalation: Escalation, now: datetime, sources: Sources) -> bool:
    made = insert(Escalated).values(
        alert_id=alert.id, escalation=escalation.name, receiver=escalation.receiver, at=now
    )
    is_first = session.scalar(made.on_conflict_do_nothing().returning(Escalated.alert_id))
    if is_first is None:
        return False
    note = f"{escalation.name}: {escalation.receiver}"
    session.add(AlertEvent(alert_id=alert.id, at=now, kind="escalated", who="job:alerts.escalate", note=note))
    _tell(sources, alert, escalation.name, escalation.receiver, now + HEARD_FOR)
    return True


def call_off(session: Session, now: datetime, sources: Sources) -> int:
    """What was passed on and is now acknowledged or over is told so, once."""
    over = session.execute(
        select(Escalated, Alert)
        .join(Alert, Alert.id == Escalated.alert_id)
        .where(
            Escalated.ended_at.is_(None),
            or_(Alert.ends_at.is_not(None), Alert.acknowledged_at.is_not(None)),
        )
        .order_by(Escalated.alert_id, Escalated.escalation)
        .with_for_update(of=Escalated, skip_locked=True)
    ).all()
    for escalated, alert in over:
        session.execute(
            update(Escalated)
            .where(Escalated.alert_id == alert.id, Escalated.escalation == escalated.escalation)
            .values(ended_at=now)
        )
        _tell(sources, alert, escalated.escalation, escalated.receiver, now)
    return len(over)


def _tell(sources: Sources, alert: Alert, escalation: str, receiver: str, ends_at: datetime) -> None:
    annotations = {**alert.annotations, "summary": f"Nobody has acknowledged: {summary_of(alert)}"}
    annotations["alert_url"] = f"{sources.config.control_url}/alerts/{alert.id}"
    labels = {**alert.labels, "escalation": escalation}
    send(sources.alertmanager, receiver, labels, annotations, alert.starts_at, ends_at)


def summary_of(alert: Alert) -> str:
    return alert.annotations.get("summary") or alert.name

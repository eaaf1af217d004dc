"""Writes: what Alertmanager told us, what Prometheus has loaded, and who took an alert."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.alerts.alert import Notice, Source, change, is_heartbeat, is_ours_to_keep
from app.alerts.models import Alert, AlertEvent, LoadedRule
from app.alerts.silences.models import SilenceNote
from app.audit.commands import record as audit
from app.errors import Conflict, NotFound, Refused
from app.series import store
from app.timeline import commands as timeline

# Alertmanager forgets what fired when it restarts, until Prometheus sends it again.
VANISHED_AFTER = timedelta(seconds=90)
KEEP = timedelta(days=400)
LONGEST_NOTE = 500
LONGEST_NAME = 100
RULES_LOCK = 7_340_101  # any number that nothing else locks


def take(session: Session, notices: Sequence[Notice], source: Source, now: datetime) -> int:
    """Bring alerts up to what was heard; answers how many changed. Hearing it again changes nothing."""
    if source == "webhook" and any(is_heartbeat(one) and one.ends_at is None for one in notices):
        record_heartbeat(session, now)
    kept = sorted(filter(is_ours_to_keep, notices), key=_order)
    return sum(_take(session, notice, source, now) for notice in kept)


def record_heartbeat(session: Session, now: datetime) -> None:
    """The watchdog came by webhook: from rule to house everything works."""
    minute = now.replace(second=0, microsecond=0)
    store.record(session, "health.last_ok", [(minute, now.timestamp())], {"part": "delivery"})


def _order(notice: Notice) -> tuple[datetime, str]:
    """The same order for everybody who locks rows, so that two deliveries cannot wait for each other."""
    return notice.starts_at, notice.fingerprint


def _take(session: Session, notice: Notice, source: Source, now: datetime) -> bool:
    is_new = session.scalar(_insert(notice, now)) is not None
    alert = session.scalars(
        select(Alert)
        .where(Alert.fingerprint == notice.fingerprint, Alert.starts_at == notice.starts_at)
        .with_for_update()
    ).one()
    kind = change(not is_new, alert.ends_at, notice, source)
    if notice.ends_at is None and kind != "nothing":
        alert.seen_at, alert.annotations = now, dict(notice.annotations)
    if source == "sync":
        alert.silenced_by, alert.inhibited_by = list(notice.silenced_by), list(notice.inhibited_by)
    match kind:
        case "fired":
            _happened(session, alert, "fired", source, notice.starts_at)
        case "fired_and_resolved":
            _happened(session, alert, "fired", source, notice.starts_at)
            _end(session, alert, "resolved", source, notice.ends_at or now)
        case "resolved":
            _end(session, alert, "resolved", source, notice.ends_at or now)
        case "reopened":
            alert.ends_at = None
            _happened(session, alert, "reopened", source, now)
        case "seen" | "nothing":
            return False
    return True


def _insert(notice: Notice, now: datetime) -> Any:
    """Races are settled here: of two deliveries of a new alert one makes the row."""
    return (
        insert(Alert)
        .values(
            fingerprint=notice.fingerprint,
            starts_at=notice.starts_at,
            name=notice.labels.get("alertname", "?"),
            severity=notice.labels.get("severity", ""),
            slo=notice.labels.get("slo"),
            labels=dict(notice.labels),
            annotations=dict(notice.annotations),
            silenced_by=list(notice.silenced_by),
            inhibited_by=list(notice.inhibited_by),
            seen_at=now,
        )
        .on_conflict_do_nothing(index_elements=["fingerprint", "starts_at"])
        .returning(Alert.id)
    )


def resolve_vanished(session: Session, now: datetime) -> int:
    """End alerts that Alertmanager no longer lists, such as those that it resolved while we were down."""
    gone = session.scalars(
        select(Alert)
        .where(Alert.ends_at.is_(None), Alert.seen_at < now - VANISHED_AFTER)
        .order_by(Alert.starts_at, Alert.fingerprint)
        .with_for_update()
    ).all()
    for alert in gone:
        _end(session, alert, "vanished", "sync", now)
    return len(gone)


def _end(session: Session, alert: Alert, kind: str, who: str, at: datetime) -> None:
    alert.ends_at = max(at, alert.starts_at)
    _happened(session, alert, kind, who, alert.ends_at)


def _happened(session: Session, alert: Alert, kind: str, who: str, at: datetime) -> None:
    session.flush()
    session.add(AlertEvent(alert_id=alert.id, at=at, kind=kind, who=who, note=""))
    if alert.inhibited_by:
        return  # a louder alert about the same is on the timeline already
    timeline.record(
        session,
        alert.starts_at,
        "alert",
        title=alert.annotations.get("summary", alert.name)[:200],
        subject=f"slo:{alert.slo}" if alert.slo else f"alert:{alert.name}",
        url=f"/alerts/{alert.id}",
        ends_at=alert.ends_at,
        key=f"alert:{alert.fingerprint}:{alert.starts_at.isoformat()}",
    )


def acknowledge(session: Session, alert_id: int, note: str, who: str, now: datetime) -> Alert:
    """Say who takes an alert, and why. Of two people at once one is told that the other was first."""
    note = note.replace("\x00", "").strip()
    if len(note) > LONGEST_NOTE:
        too_long = _l("Give at most %(most)s characters.", most=LONGEST_NOTE)
        raise Refused(_l("The alert was not acknowledged."), {f"note_{alert_id}": too_long})
    alert = session.get(Alert, alert_id)
    if alert is None:
        raise NotFound(_l("There is no such alert."))
    taken = session.scalar(
        update(Alert)
        .where(Alert.id == alert_id, Alert.acknowledged_at.is_(None), Alert.ends_at.is_(None))
        .values(acknowledged_at=now, acknowledged_by=who, acknowledged_note=note)
        .returning(Alert.id)
    )
    if taken is None:
        raise Conflict(_l("This alert has ended, or somebody has acknowledged it already."))
    session.add(AlertEvent(alert_id=alert_id, at=now, kind="acknowledged", who=who, note=note))
    audit(
        session, who, "alert.acknowledge", f"alert:{alert_id}", None, {"name": alert.name, "note": note}, now
    )
    return alert


def hand_over(session: Session, alert_id: int, to: str, note: str, who: str, now: datetime) -> Alert:
    """Say who has it from now on, whether or not somebody had taken it before."""
    to, note = (text.replace("\x00", "").strip() for text in (to, note))
    wrong: dict[str, object] = {}
    if not to or len(to) > LONGEST_NAME or any(ord(sign) < 32 for sign in to):
        wrong["to"] = _l("Say who takes it.")
    if len(note) > LONGEST_NOTE:
        wrong["note"] = _l("Give at most %(most)s characters.", most=LONGEST_NOTE)
    if wrong:
        raise Refused(_l("The alert was not handed over."), wrong)
    alert = session.get(Alert, alert_id, with_for_update=True)
    if alert is None:
        raise NotFound(_l("There is no such alert."))
    if alert.ends_at is not None:
        raise Conflict(_l("This alert has ended; there is nothing to hand over."))
    before = alert.acknowledged_by
    alert.acknowledged_at = alert.acknowledged_at or now
    alert.acknowledged_by, alert.acknowledged_note = to, note
    session.add(
        AlertEvent(
            alert_id=alert_id, at=now, kind="handed_over", who=who, note=f"{to}: {note}" if note else to
        )
    )
    audit(
        session,
        who,
        "alert.hand_over",
        f"alert:{alert_id}",
        {"acknowledged_by": before},
        {"acknowledged_by": to, "note": note},
        now,
    )
    return alert


def replace_rules(session: Session, groups: Sequence[Mapping[str, Any]], now: datetime) -> int:
    """Keep the alert rules as Prometheus reports them; answers how many there are."""
    rows = [
        _rule(group, position, rule, now)
        for group in groups
        for position, rule in enumerate(group["rules"])
        if rule["type"] == "alerting"
    ]
    session.execute(select(func.pg_advisory_xact_lock(RULES_LOCK)))  # a run that somebody asked for waits
    session.execute(delete(LoadedRule))
    if rows:
        session.execute(insert(LoadedRule), rows)
    return len(rows)


def _rule(
    group: Mapping[str, Any], position: int, rule: Mapping[str, Any], now: datetime
) -> dict[str, object]:
    evaluated = datetime.fromisoformat(rule["lastEvaluation"])
    return {
        "group_name": group["name"],
        "position": position,
        "name": rule["name"],
        "labels": rule["labels"],
        "annotations": rule["annotations"],
        "expr": rule["query"],
        "state": rule["state"],
        "health": rule["health"],
        "error": rule.get("lastError", ""),
        "evaluated_at": evaluated if evaluated.year > 1 else None,
        "read_at": now,
    }


def prune(session: Session, now: datetime) -> int:
    """Forget alerts that ended long ago, with what happened to each. How many went."""
    session.execute(delete(SilenceNote).where(SilenceNote.made_at < now - KEEP))
    gone = delete(Alert).where(Alert.ends_at < now - KEEP).returning(Alert.id)
    return len(session.scalars(gone).all())

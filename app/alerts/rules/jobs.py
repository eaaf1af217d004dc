"""Scheduled work on alert rules: keep Prometheus' file as it should be, see which rules match nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.alerts.rules import commands, queries, trial
from app.alerts.rules.models import RuleRow
from app.events import publish_on_commit
from app.sources import Sources


def write_rules(session: Session, now: datetime, sources: Sources) -> str:
    """Prometheus may have lost the file or been away when a rule was saved."""
    commands.one_at_a_time(session)
    return commands.install(session, sources)


def look_for_series(session: Session, now: datetime, sources: Sources) -> str:
    """A rule whose series do not exist is silent for ever: find those, again and again."""
    changed = 0
    rows = session.scalars(select(RuleRow).where(RuleRow.is_enabled).order_by(RuleRow.id)).all()
    for row in rows:
        found = list(trial.unmatched(sources.prometheus, queries.rule_of(row).expression, now))
        changed += found != row.unmatched
        session.execute(update(RuleRow).where(RuleRow.id == row.id).values(unmatched=found, checked_at=now))
    if changed:
        publish_on_commit(session, sources.redis, "alerts")
    silent = sum(bool(row.unmatched) for row in rows)
    return f"{len(rows)} rules, {silent} of them match no series"

"""Scheduled work on delivery: keep Alertmanager's file as it should be, pass on what nobody takes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.alerts.delivery import commands, escalating
from app.events import publish_on_commit
from app.sources import Sources


def write_configuration(session: Session, now: datetime, sources: Sources) -> str:
    session.execute(select(func.pg_advisory_xact_lock(commands.DELIVERY_LOCK)))
    return commands.install(session, sources)


def escalate(session: Session, now: datetime, sources: Sources) -> str:
    """Once for each alert and escalation; what is acknowledged or has ended goes no further."""
    passed_on = escalating.pass_on(session, now, sources)
    ended = escalating.call_off(session, now, sources)
    if passed_on or ended:
        publish_on_commit(session, sources.redis, "alerts")
    return f"{passed_on} alerts passed on, {ended} called off"

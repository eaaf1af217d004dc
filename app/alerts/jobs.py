"""Scheduled work: hear what fires, read the rules as loaded, look whether monitoring itself still sees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from app.alerts import commands
from app.alerts.alert import from_api
from app.alerts.health import is_evaluated, is_scraped
from app.errors import Problem
from app.events import publish_on_commit
from app.health import Watch
from app.health import probes as dependencies
from app.series import store
from app.sources import Sources


def sync(session: Session, now: datetime, sources: Sources) -> str:
    """Alertmanager's own list settles what the webhook missed while we were down."""
    notices = [from_api(alert) for alert in sources.alertmanager.alerts()]
    changed = commands.take(session, notices, "sync", now)
    vanished = commands.resolve_vanished(session, now)
    if changed or vanished:
        publish_on_commit(session, sources.redis, "alerts")
    return f"{len(notices)} active, {changed} changed, {vanished} vanished"


def read_rules(session: Session, now: datetime, sources: Sources) -> str:
    """The rules as Prometheus has them, with their states."""
    groups = sources.prometheus.rules()
    return f"{commands.replace_rules(session, groups, now)} alert rules as loaded"


def probe(session: Session, now: datetime, sources: Sources) -> str:
    """Ask each part once, and write down whether it answered and when it last did."""
    watch = Watch()
    looks = {name: watch.look(name, ask, now).ok for name, ask in dependencies(sources).items()}
    looks["scrape"] = _asked(lambda: is_scraped(sources.prometheus.targets()))
    looks["evaluation"] = _asked(lambda: is_evaluated(sources.prometheus.rules(), now))
    minute = now.replace(second=0, microsecond=0)
    for part, ok in looks.items():
        store.record(session, "health.up", [(minute, float(ok))], {"part": part})
        store.record(session, "health.last_ok", [(minute, now.timestamp() if ok else None)], {"part": part})
    down = sorted(part for part, ok in looks.items() if not ok)
    return f"down: {', '.join(down)}" if down else "everything answers"


def _asked(ask: Callable[[], bool]) -> bool:
    """A part that cannot be asked about does not see either."""
    try:
        return ask()
    except Problem:
        return False

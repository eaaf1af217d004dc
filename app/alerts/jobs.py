"""Scheduled work: hear what fires, read the rules as loaded, look whether monitoring itself still sees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from app import clock
from app.alerts import commands, queries
from app.alerts.alert import from_api
from app.alerts.health import blind, is_delivered, is_evaluated, is_scraped
from app.errors import Problem
from app.events import publish_on_commit
from app.health import Watch
from app.health import probes as dependencies
from app.series import store
from app.sources import Sources
from app.timeline import commands as timeline
from app.timeline import queries as timeline_queries

BLIND = "monitoring-blind"


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
    heard = _last_heard(session)
    arrives = _arrives(heard, sources, now)
    minute = now.replace(second=0, microsecond=0)
    for part, ok in looks.items():
        store.record(session, "health.up", [(minute, float(ok))], {"part": part})
        store.record(session, "health.last_ok", [(minute, now.timestamp() if ok else None)], {"part": part})
    if arrives is not None:
        store.record(session, "health.up", [(minute, float(arrives))], {"part": "delivery"})
        looks["delivery"] = arrives
    _measure_skew(session, sources, minute)
    down = sorted(part for part, ok in looks.items() if not ok)
    _remember_blindness(session, now)
    return f"down: {', '.join(down)}" if down else "everything answers"


def _last_heard(session: Session) -> datetime | None:
    point = store.latest(session, "health.last_ok", {"part": "delivery"})
    return datetime.fromtimestamp(point.value, UTC) if point else None


def _arrives(heard: datetime | None, sources: Sources, now: datetime) -> bool | None:
    try:
        groups = sources.prometheus.rules() if heard is None else ()
    except Problem:
        return None
    return is_delivered(heard, groups, now)


def _measure_skew(session: Session, sources: Sources, minute: datetime) -> None:
    """Once a minute; each measurement differs by some milliseconds."""
    known = store.latest(session, "health.clock_skew_seconds")
    if known is None or known.at != minute:
        store.record(session, "health.clock_skew_seconds", [(minute, _skew(sources))])


def _skew(sources: Sources) -> float | None:
    """Prometheus' clock less ours; the answer was made in the middle of the question."""
    asked = clock.now()
    try:
        theirs = sources.prometheus.clock()
    except Problem:
        return None
    return theirs - (asked + (clock.now() - asked) / 2).timestamp()


def _remember_blindness(session: Session, now: datetime) -> None:
    """On the timeline from when to when nobody saw: a gap in a chart then says why it is there."""
    found = blind(queries.probes(session), now)
    if found is not None and found.since is not None:
        title = "Monitoring was blind: " + ", ".join(str(why) for why in found.why)
        timeline.record(
            session,
            found.since,
            "incident",
            title,
            BLIND,
            url=f"/alerts/runbooks/{BLIND}",
            key=_key(found.since),
        )
        return
    open_ = timeline_queries.open_of(session, BLIND)
    for entry in open_:
        timeline.record(
            session, entry.at, "incident", entry.title, BLIND, url=entry.url, ends_at=now, key=_key(entry.at)
        )


def _key(since: datetime) -> str:
    return f"blind:{since.isoformat()}"


def _asked(ask: Callable[[], bool]) -> bool:
    """A part that cannot be asked about does not see either."""
    try:
        return ask()
    except Problem:
        return False


def prune(session: Session, now: datetime, sources: Sources) -> str:
    return f"{commands.prune(session, now)} alerts forgotten that ended long ago"

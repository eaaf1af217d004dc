"""Reads of flags, each shaped for one screen or one answer."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.audit.models import AuditEntry
from app.errors import NotFound
from app.flags.lifecycle import Life
from app.flags.models import (
    Environment,
    Flag,
    FlagClient,
    FlagMetric,
    FlagRevision,
    FlagState,
    FlagVariantMetric,
    Segment,
)
from app.flags.percent import can_move, reach
from app.flags.rows import App, Hour, Place, Row, SegmentRow, State, Unknown
from app.flags.targeting import NOBODY, readable, readable_constraints, segments_of
from app.flags.wire import Feature

log = logging.getLogger(__name__)

Json = dict[str, Any]
RECENT = timedelta(hours=24)  # who asked for a flag lately
CONNECTED_INTERVALS = 3  # polls that an SDK may miss before it counts as gone
UNKNOWN_INTERVAL_SECONDS = 60
HISTORY = 50


def revision(session: Session) -> int:
    return session.scalar(select(FlagRevision.revision)) or 0


def environments(session: Session) -> list[str]:
    """Names of those that are in use, in the order of pages."""
    return [place.name for place in places(session) if not place.is_archived]


def places(session: Session) -> list[Place]:
    """All environments, archived ones too, in the order of pages."""
    rows = session.scalars(select(Environment).order_by(Environment.position, Environment.name))
    return [_place(row) for row in rows]


def place(session: Session, name: str) -> Place:
    row = session.get(Environment, name)
    if row is None:
        raise NotFound(_l("There is no such environment."))
    return _place(row)


def _place(row: Environment) -> Place:
    is_archived = row.archived_at is not None
    return Place(row.name, row.type, row.requires_approval, row.approvals_needed, is_archived)


def features(session: Session, environment: str) -> list[Feature]:
    """Everything that an SDK of this environment may get, in the order of names."""
    columns = (
        Flag.name,
        Flag.project,
        Flag.type,
        Flag.description,
        Flag.tags,
        Flag.impression_data,
        Flag.is_stale,
        FlagState.enabled,
        FlagState.strategies,
        FlagState.variants,
        Flag.dependencies,
    )
    query = (
        select(*columns)
        .join(FlagState, FlagState.flag == Flag.name)
        .where(FlagState.environment == environment, Flag.archived_at.is_(None))
        .order_by(Flag.name)
    )
    return [_feature(row._asdict()) for row in session.execute(query)]


def _feature(row: Mapping[str, Any]) -> Feature:
    """One row that cannot be read is off and takes no other down."""
    found = readable(row["strategies"], row["variants"], row["name"])
    if found is None:
        log.error("flag %s has targeting that no SDK can read: it is sent as off", row["name"])
    strategies, variants = found or ([], [])
    changed = {"tags": tuple(row["tags"]), "strategies": strategies, "variants": variants}
    return Feature(**{**row, **changed, "enabled": row["enabled"] and found is not None})


def segments(session: Session) -> list[Json]:
    """All segments as on the wire, in the order of their numbers. An unreadable one holds for nobody."""
    query = select(Segment).where(Segment.deleted_at.is_(None)).order_by(Segment.id)
    return [_segment(row) for row in session.scalars(query)]


def _segment(row: Segment) -> Json:
    constraints = readable_constraints(row.constraints)
    if constraints is None:
        log.error("segment %s has constraints that no SDK can read: it is sent as holding for nobody", row.id)
    return {"id": row.id, "name": row.name, "constraints": NOBODY if constraints is None else constraints}


def segment_rows(session: Session) -> list[SegmentRow]:
    """Segments for people, by name, with the flags that use each."""
    users = _users_of_segments(session)
    query = select(Segment).where(Segment.deleted_at.is_(None)).order_by(Segment.name)
    return [_segment_row(row, users.get(row.id, ())) for row in session.scalars(query)]


def names(session: Session) -> list[str]:
    """Of all flags that are not archived, by the alphabet."""
    return list(session.scalars(select(Flag.name).where(Flag.archived_at.is_(None)).order_by(Flag.name)))


def segment_names(session: Session) -> dict[int, str]:
    """By their number; deleted ones too, for the history speaks of them."""
    return {found.id: found.name for found in session.execute(select(Segment.id, Segment.name))}


def segment(session: Session, segment_id: int) -> SegmentRow:
    row = session.get(Segment, segment_id)
    if row is None or row.deleted_at is not None:
        raise NotFound(_l("There is no such segment."))
    return _segment_row(row, _users_of_segments(session).get(row.id, ()))


def _segment_row(row: Segment, used_by: Iterable[str]) -> SegmentRow:
    constraints = readable_constraints(row.constraints)
    return SegmentRow(
        id=row.id,
        name=row.name,
        description=row.description,
        project=row.project,
        constraints=constraints or [],
        is_readable=constraints is not None,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
        revision=row.revision,
        used_by=tuple(sorted(used_by)),
    )


def _users_of_segments(session: Session) -> dict[int, set[str]]:
    query = (
        select(FlagState.flag, FlagState.strategies)
        .join(Flag, Flag.name == FlagState.flag)
        .where(FlagState.strategies.path_exists("$[*].segments[*]"), Flag.deleted_at.is_(None))
    )
    found: dict[int, set[str]] = defaultdict(set)
    for name, strategies in session.execute(query):
        for used in segments_of(strategies):
            found[used].add(name)
    return found


def rows(session: Session, now: datetime) -> list[Row]:
    """All flags that are not archived, by name."""
    found = session.scalars(select(Flag).where(Flag.archived_at.is_(None)).order_by(Flag.name)).all()
    states = _states(session, None)
    seen = _seen(session, now)
    return [_row(flag, states[flag.name], seen.get(flag.name)) for flag in found]


def one(session: Session, name: str, now: datetime) -> Row:
    """A flag by name, archived ones too. Raises `NotFound`."""
    flag = session.get(Flag, name)
    if flag is None or flag.deleted_at is not None:
        raise NotFound(_l("There is no flag of this name."))
    return _row(flag, _states(session, name)[name], _seen(session, now, name).get(name))


def archived(session: Session, now: datetime) -> list[Row]:
    """Flags that are archived and not deleted, the latest first."""
    query = select(Flag).where(Flag.archived_at.is_not(None), Flag.deleted_at.is_(None))
    states, seen = _states(session, None), _seen(session, now)
    found = session.scalars(query.order_by(Flag.archived_at.desc(), Flag.name))
    return [_row(flag, states[flag.name], seen.get(flag.name)) for flag in found]


def table(session: Session) -> list[Json]:
    """What `backroom flags list` prints: a row for each flag and environment."""
    query = (
        select(Flag, FlagState)
        .join(FlagState, FlagState.flag == Flag.name)
        .join(Environment, Environment.name == FlagState.environment)
        .where(Flag.archived_at.is_(None), Environment.archived_at.is_(None))
        .order_by(Flag.name, Environment.position)
    )
    return [
        {
            "flag": flag.name,
            "environment": state.environment,
            "enabled": state.enabled,
            "percent": _state(state).reach.percent,
            "type": flag.type,
            "owner": flag.owner,
            "changed": state.changed_at,
            "by": state.changed_by,
        }
        for flag, state in session.execute(query)
    ]


def history(session: Session, name: str) -> list[AuditEntry]:
    """The latest changes of one flag, the newest first."""
    query = (
        select(AuditEntry)
        .where(AuditEntry.subject == f"flag:{name}")
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(HISTORY)
    )
    return list(session.scalars(query))


def hours(session: Session, name: str, environment: str, start: datetime, end: datetime) -> list[Hour]:
    """Answers by hour, start <= hour < end; hours without a report are left out."""
    query = (
        select(FlagMetric.hour, func.sum(FlagMetric.yes).label("yes"), func.sum(FlagMetric.no).label("no"))
        .where(FlagMetric.flag == name, FlagMetric.environment == environment)
        .where(FlagMetric.hour >= start, FlagMetric.hour < end)
        .group_by(FlagMetric.hour)
        .order_by(FlagMetric.hour)
    )
    return [Hour(row.hour, int(row.yes), int(row.no)) for row in session.execute(query)]


def variant_counts(
    session: Session, name: str, environment: str, start: datetime, end: datetime
) -> list[tuple[str, int]]:
    """How often each variant was the answer, the most frequent first."""
    times = func.sum(FlagVariantMetric.count)
    query = (
        select(FlagVariantMetric.variant, times)
        .where(FlagVariantMetric.flag == name, FlagVariantMetric.environment == environment)
        .where(FlagVariantMetric.hour >= start, FlagVariantMetric.hour < end)
        .group_by(FlagVariantMetric.variant)
        .order_by(times.desc(), FlagVariantMetric.variant)
    )
    return [(variant, int(count)) for variant, count in session.execute(query)]


def apps(session: Session, name: str, environment: str, now: datetime) -> list[App]:
    """Applications that reported this flag in the last day, with their SDKs that are connected."""
    reported = session.execute(
        select(FlagMetric.app_name, func.max(FlagMetric.seen_at))
        .where(FlagMetric.flag == name, FlagMetric.environment == environment)
        .where(FlagMetric.hour >= now - RECENT)
        .group_by(FlagMetric.app_name)
        .order_by(FlagMetric.app_name)
    ).all()
    clients = _clients(session, environment, now)
    return [
        App(
            name=app,
            sdks=tuple(sorted({client.sdk for client in clients[app] if client.sdk})),
            connected=sum(_is_connected(client, now) for client in clients[app]),
            seen_at=seen_at,
        )
        for app, seen_at in reported
    ]


def connected(session: Session, environment: str, now: datetime) -> int:
    """SDK instances that poll this environment at the moment."""
    clients = _clients(session, environment, now)
    return sum(_is_connected(client, now) for found in clients.values() for client in found)


def unknown(session: Session, now: datetime) -> list[Unknown]:
    """Flags that SDKs asked for in the last day and that do not exist, the most asked for first."""
    query = (
        select(
            FlagMetric.flag,
            func.array_agg(FlagMetric.app_name.distinct()).label("apps"),
            func.array_agg(FlagMetric.environment.distinct()).label("environments"),
            func.sum(FlagMetric.yes + FlagMetric.no).label("asked"),
            func.max(FlagMetric.seen_at).label("seen_at"),
        )
        .outerjoin(Flag, (Flag.name == FlagMetric.flag) & Flag.archived_at.is_(None))
        .where(FlagMetric.hour >= now - RECENT, Flag.name.is_(None))
        .group_by(FlagMetric.flag)
        .order_by(func.sum(FlagMetric.yes + FlagMetric.no).desc(), FlagMetric.flag)
        .limit(HISTORY)
    )
    return [
        Unknown(
            row.flag, tuple(sorted(row.apps)), tuple(sorted(row.environments)), int(row.asked), row.seen_at
        )
        for row in session.execute(query)
    ]


def _row(flag: Flag, states: dict[str, State], seen: tuple[int, datetime] | None) -> Row:
    return Row(
        name=flag.name,
        type=flag.type,
        description=flag.description,
        owner=flag.owner,
        tags=tuple(flag.tags),
        is_stale=flag.is_stale,
        created_at=flag.created_at,
        created_by=flag.created_by,
        archived_at=flag.archived_at,
        revision=flag.revision,
        states=states,
        apps=seen[0] if seen else 0,
        seen_at=seen[1] if seen else None,
        project=flag.project,
        impression_data=flag.impression_data,
        links=flag.links,
        dependencies=flag.dependencies,
        expected_lifetime_days=flag.expected_lifetime_days,
        life=_life(flag),
    )


def _life(flag: Flag) -> Life:
    return Life(
        flag.created_at,
        flag.live_at,
        flag.completed_at,
        flag.archived_at,
        flag.outcome,
        flag.outcome_variant,
    )


def _states(session: Session, name: str | None) -> dict[str, dict[str, State]]:
    """By flag and environment, environments in the order of pages."""
    query = (
        select(FlagState)
        .join(Environment, Environment.name == FlagState.environment)
        .where(Environment.archived_at.is_(None))
    )
    if name is not None:
        query = query.where(FlagState.flag == name)
    found: dict[str, dict[str, State]] = defaultdict(dict)
    for row in session.scalars(query.order_by(Environment.position)):
        found[row.flag][row.environment] = _state(row)
    return found


def _state(row: FlagState) -> State:
    found = readable(row.strategies, row.variants, row.flag)
    strategies, variants = found or ([], [])
    return State(
        environment=row.environment,
        enabled=row.enabled,
        is_readable=found is not None,
        reach=reach(row.enabled and found is not None, strategies),
        can_move=can_move(strategies),
        strategies=strategies,
        variants=variants,
        revision=row.revision,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
        moved_at=row.moved_at,
        moved_from=row.moved_from,
        moved_by=row.moved_by,
    )


# Jumps through the index from one (flag, environment, application) to the next, and looks at the last hour
# of each: counting over all hours would read a year of them for every list.
_SEEN = text("""
    WITH RECURSIVE reporter AS (
        (SELECT flag, environment, app_name FROM flag_metrics
         WHERE CAST(:name AS text) IS NULL OR flag = :name
         ORDER BY flag, environment, app_name LIMIT 1)
        UNION ALL
        SELECT next.* FROM reporter CROSS JOIN LATERAL (
            SELECT flag, environment, app_name FROM flag_metrics AS later
            WHERE (later.flag, later.environment, later.app_name)
                > (reporter.flag, reporter.environment, reporter.app_name)
              AND (CAST(:name AS text) IS NULL OR later.flag = :name)
            ORDER BY flag, environment, app_name LIMIT 1
        ) AS next
    )
    SELECT reporter.flag, max(last.seen_at) AS seen_at,
           count(DISTINCT reporter.app_name) FILTER (WHERE last.hour >= :recent) AS apps
    FROM reporter CROSS JOIN LATERAL (
        SELECT hour, seen_at FROM flag_metrics AS counted
        WHERE counted.flag = reporter.flag AND counted.environment = reporter.environment
          AND counted.app_name = reporter.app_name
        ORDER BY hour DESC LIMIT 1
    ) AS last
    GROUP BY reporter.flag
""")


def _seen(session: Session, now: datetime, name: str | None = None) -> dict[str, tuple[int, datetime]]:
    """Per flag: applications that asked in the last day, and when the last report of all came."""
    rows = session.execute(_SEEN, {"name": name, "recent": now - RECENT})
    return {row.flag: (row.apps, row.seen_at) for row in rows}


def _clients(session: Session, environment: str, now: datetime) -> dict[str, list[FlagClient]]:
    query = select(FlagClient).where(
        FlagClient.environment == environment, FlagClient.seen_at >= now - RECENT
    )
    found: dict[str, list[FlagClient]] = defaultdict(list)
    for client in session.scalars(query):
        found[client.app_name].append(client)
    return found


def _is_connected(client: FlagClient, now: datetime) -> bool:
    interval = max(client.interval_seconds or 0, UNKNOWN_INTERVAL_SECONDS / CONNECTED_INTERVALS)
    return now - client.seen_at <= timedelta(seconds=interval * CONNECTED_INTERVALS)

"""Reads of objectives and their rows: by the hour where hours are whole, by five minutes at the edges."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from fractions import Fraction
from math import inf
from typing import Any, cast

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.slo.bucket import BUCKET, HOUR, Counts, Coverage, floor
from app.slo.budget import Hour, Step
from app.slo.burn import Measured, Tier
from app.slo.models import Slo, SloHour, SloStatus
from app.slo.objective import Objective, State, shown_state
from app.slo.policy import STANDARD_POLICY, PolicyStep
from app.ui.states import badness


@dataclass(frozen=True)
class Status:
    """What the last gathering found for one objective."""

    gathered_at: datetime
    state: State
    counts: Counts
    budget_left: float | None
    burns: dict[int, Measured]  # by window length in seconds
    forecast: dict[str, Any] | None
    spark: list[float | None]


@dataclass(frozen=True)
class Line:
    """One objective as the list and the tiles show it."""

    slo: Objective
    status: Status | None  # None: never gathered
    state: State


def lines(session: Session, now: datetime) -> list[Line]:
    """Every objective, worst first: by state, then by what is left."""
    known = statuses(session)
    found = [_line(slo, known.get(slo.id), now) for slo in objectives(session)]
    return sorted(found, key=lambda line: (-badness(line.state), _left(line.status), line.slo.key))


def line(session: Session, key: str, now: datetime) -> Line:
    slo = objective(session, key)
    return _line(slo, status(session, slo), now)


def _line(slo: Objective, found: Status | None, now: datetime) -> Line:
    if not slo.is_gathered:
        return Line(slo, found, "off")
    state = shown_state(found.state, found.gathered_at, now) if found else "nodata"
    return Line(slo, found, state)


def _left(found: Status | None) -> float:
    return found.budget_left if found and found.budget_left is not None else inf


def objectives(session: Session, archived: bool = False) -> list[Objective]:
    """All of them, a group's members too, by key."""
    wanted = select(Slo).order_by(Slo.key)
    rows = session.scalars(wanted if archived else wanted.where(Slo.archived_at.is_(None))).all()
    keys = {row.id: row.key for row in rows}
    return [_objective(row, keys.get(row.parent_id or 0, "")) for row in rows]


def gathered(session: Session) -> list[Objective]:
    return [slo for slo in objectives(session) if slo.is_gathered]


def members_of(session: Session, group: Objective) -> list[Objective]:
    rows = session.scalars(select(Slo).where(Slo.parent_id == group.id).order_by(Slo.key))
    return [_objective(row, group.key) for row in rows]


def objective(session: Session, key: str) -> Objective:
    row = session.scalar(select(Slo).where(Slo.key == key))
    if row is None:
        raise NotFound(_l("There is no SLO %(key)s.", key=key))
    parent = session.get(Slo, row.parent_id) if row.parent_id else None
    return _objective(row, parent.key if parent else "")


def openslo_of(session: Session, slo: Objective) -> dict[str, Any] | None:
    """The document that it was imported from."""
    return session.scalar(select(Slo.openslo).where(Slo.id == slo.id))


def _objective(row: Slo, parent_key: str) -> Objective:
    same = {one.name: getattr(row, one.name) for one in fields(Objective) if one.name not in MADE_OF_ROWS}
    return Objective(
        **same,
        tiers=tuple(_tier(tier) for tier in row.tiers),
        policy=STANDARD_POLICY if row.policy is None else tuple(_step(step) for step in row.policy),
        parent_key=parent_key,
    )


MADE_OF_ROWS = ("tiers", "policy", "parent_key")


def _tier(kept: dict[str, Any]) -> Tier:
    return Tier(kept["severity"], Fraction(kept["share"]), kept["long_seconds"], kept["short_seconds"])


def _step(kept: dict[str, Any]) -> PolicyStep:
    return PolicyStep(Fraction(kept["left"]), kept["action"])


def statuses(session: Session) -> dict[int, Status]:
    return {row.slo_id: _status(row) for row in session.scalars(select(SloStatus))}


def status(session: Session, slo: Objective) -> Status | None:
    row = session.get(SloStatus, slo.id)
    return None if row is None else _status(row)


def _status(row: SloStatus) -> Status:
    return Status(
        gathered_at=row.gathered_at,
        state=cast(State, row.state),
        counts=Counts(row.bad, row.total),
        budget_left=row.budget_left,
        burns={int(seconds): Measured(m["burn"], m["bad"]) for seconds, m in row.burns.items()},
        forecast=row.forecast,
        spark=row.spark,
    )


def window_start(slo: Objective, at: datetime) -> datetime:
    """The first five minutes of the window that holds `at`."""
    return slo.span.bounds(at)[0]


_COUNTS = text("""
    WITH parts AS (
        SELECT bad, total FROM slo_hours
         WHERE slo_id = :slo AND revision = :revision AND starts_at >= :first_hour AND starts_at < :last_hour
         UNION ALL
        SELECT bad, total FROM slo_buckets
         WHERE slo_id = :slo AND revision = :revision AND state = 'ok'
           AND ((starts_at >= :start AND starts_at < LEAST(:first_hour, :end))
             OR (starts_at >= GREATEST(:last_hour, :start) AND starts_at < :end))
    )
    SELECT coalesce(sum(bad), 0) AS bad, coalesce(sum(total), 0) AS total FROM parts
""")


def counts_between(session: Session, slo: Objective, start: datetime, end: datetime) -> Counts:
    """Events of all rows with start <= their start < end: exact, though mostly read by the hour."""
    first_hour, last_hour = floor(start + HOUR - timedelta.resolution, HOUR), floor(end, HOUR)
    if last_hour < first_hour:  # both ends in one hour
        first_hour = last_hour = end
    row = session.execute(
        _COUNTS,
        {
            "slo": slo.id,
            "revision": slo.revision,
            "start": start,
            "end": end,
            "first_hour": first_hour,
            "last_hour": last_hour,
        },
    ).one()
    return Counts(row.bad, row.total)


def window_counts(session: Session, slo: Objective, at: datetime) -> Counts:
    return counts_between(session, slo, window_start(slo, at), at)


_SPANS = text("""
    SELECT length.seconds,
           coalesce(sum(bad * share.of_row), 0) AS bad, coalesce(sum(total * share.of_row), 0) AS total
      FROM unnest(CAST(:lengths AS int[])) AS length(seconds)
      CROSS JOIN LATERAL (
        SELECT CAST(:at AS timestamptz) - make_interval(secs => length.seconds) AS starts_at
      ) AS span
      LEFT JOIN slo_buckets AS bucket
        ON slo_id = :slo AND revision = :revision AND state = 'ok'
       AND bucket.starts_at < :at AND bucket.starts_at > span.starts_at - interval '5 minutes'
      CROSS JOIN LATERAL (
        SELECT LEAST(1, 1 - extract(epoch FROM span.starts_at - bucket.starts_at) / 300) AS of_row
      ) AS share
     GROUP BY length.seconds
""")


def spans_before(session: Session, slo: Objective, at: datetime, lengths: Iterable[int]) -> dict[int, Counts]:
    """Events in the last so many seconds. The oldest row counts by the share of it that lies within."""
    found = session.execute(
        _SPANS, {"slo": slo.id, "revision": slo.revision, "at": at, "lengths": sorted(set(lengths))}
    )
    return {row.seconds: Counts(float(row.bad), float(row.total)) for row in found}


def hours_of(session: Session, slo: Objective, start: datetime, end: datetime) -> list[Hour]:
    rows = session.execute(
        select(SloHour.starts_at, SloHour.bad, SloHour.total)
        .where(SloHour.slo_id == slo.id, SloHour.revision == slo.revision)
        .where(SloHour.starts_at >= floor(start, HOUR), SloHour.starts_at < end)
        .order_by(SloHour.starts_at)
    ).all()
    return [Hour(row.starts_at, Counts(row.bad, row.total)) for row in rows]


_FINE_STEPS = text("""
    SELECT date_bin(make_interval(secs => :step), starts_at, 'epoch') AS at,
           coalesce(sum(bad) FILTER (WHERE state = 'ok'), 0) AS bad,
           coalesce(sum(total) FILTER (WHERE state = 'ok'), 0) AS total,
           bool_or(state IN ('ok', 'no_traffic')) AS is_known
      FROM slo_buckets
     WHERE slo_id = :slo AND revision = :revision AND starts_at >= :start AND starts_at < :end
     GROUP BY at ORDER BY at
""")
_COARSE_STEPS = text("""
    SELECT date_bin(make_interval(secs => :step), starts_at, 'epoch') AS at,
           sum(bad) AS bad, sum(total) AS total, bool_or(ok + no_traffic > 0) AS is_known
      FROM slo_hours
     WHERE slo_id = :slo AND revision = :revision AND starts_at >= :start AND starts_at < :end
     GROUP BY at ORDER BY at
""")


def steps(session: Session, slo: Objective, start: datetime, end: datetime, step_seconds: int) -> list[Step]:
    """Sums by steps of whole five minutes; from an hour on they are read from hour sums."""
    length = timedelta(seconds=step_seconds)
    found = session.execute(
        _COARSE_STEPS if length >= HOUR else _FINE_STEPS,
        {
            "slo": slo.id,
            "revision": slo.revision,
            "start": floor(start, length),
            "end": end,
            "step": step_seconds,
        },
    ).all()
    return [Step(row.at, Counts(row.bad, row.total) if row.is_known else None) for row in found]


_UNSETTLED = text("""
    SELECT wanted.at
      FROM generate_series(CAST(:first AS timestamptz), :last, interval '5 minutes') AS wanted(at)
      LEFT JOIN slo_buckets AS bucket
        ON bucket.slo_id = :slo AND bucket.revision = :revision AND bucket.starts_at = wanted.at
     WHERE bucket.starts_at IS NULL OR NOT bucket.is_complete OR bucket.state = 'no_data'
""")


def unsettled(session: Session, slo: Objective, first: datetime, last: datetime) -> list[datetime]:
    """Rows from `first` to `last` that are missing, were still running when gathered, or had no data then."""
    found = session.scalars(
        _UNSETTLED, {"slo": slo.id, "revision": slo.revision, "first": first, "last": last}
    )
    return list(found)


_COVERAGE = text("""
    SELECT count(*) FILTER (WHERE state = 'ok') AS ok,
           count(*) FILTER (WHERE state = 'no_traffic') AS no_traffic,
           count(*) FILTER (WHERE state = 'no_data') AS no_data,
           count(*) FILTER (WHERE state = 'excluded') AS excluded,
           coalesce(sum(bad) FILTER (WHERE state = 'ok'), 0) AS bad,
           coalesce(sum(total) FILTER (WHERE state = 'ok'), 0) AS total
      FROM slo_buckets
     WHERE slo_id = :slo AND revision = :revision AND starts_at >= :start AND starts_at < :at
""")


def recount(session: Session, slo: Objective, at: datetime) -> tuple[Counts, Coverage]:
    """The window once more from the five-minute rows alone, and what each of them says."""
    start = window_start(slo, at)
    row = session.execute(
        _COVERAGE, {"slo": slo.id, "revision": slo.revision, "start": start, "at": at}
    ).one()
    known = row.ok + row.no_traffic + row.no_data + row.excluded
    expected = int((floor(at) + BUCKET - start) / BUCKET)
    coverage = Coverage(row.ok, row.no_traffic, row.no_data, row.excluded, max(0, expected - known))
    return Counts(row.bad, row.total), coverage

"""Sums of rows for many objectives at once: few statements a gathering, however many objectives there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.slo.bucket import HOUR, Counts, floor
from app.slo.objective import Objective


@dataclass(frozen=True)
class WindowSum:
    counts: Counts
    excluded: Counts  # what corrections leave out

    @property
    def uncorrected(self) -> Counts:
        return self.counts + self.excluded


_WINDOWS = text("""
    SELECT wanted.slo_id, coalesce(sum(part.bad), 0) AS bad, coalesce(sum(part.total), 0) AS total,
           coalesce(sum(part.excluded_bad), 0) AS excluded_bad,
           coalesce(sum(part.excluded_total), 0) AS excluded_total
      FROM unnest(CAST(:slo AS bigint[]), CAST(:revision AS int[]), CAST(:start AS timestamptz[]),
                  CAST(:first_hour AS timestamptz[]), CAST(:last_hour AS timestamptz[]))
           AS wanted(slo_id, revision, start, first_hour, last_hour)
      LEFT JOIN LATERAL (
        SELECT bad, total, excluded_bad, excluded_total FROM slo_hours AS hour
         WHERE hour.slo_id = wanted.slo_id AND hour.revision = wanted.revision
           AND hour.starts_at >= wanted.first_hour AND hour.starts_at < wanted.last_hour
         UNION ALL
        SELECT CASE WHEN state = 'ok' THEN bad ELSE 0 END, CASE WHEN state = 'ok' THEN total ELSE 0 END,
               CASE WHEN state = 'excluded' THEN bad ELSE 0 END,
               CASE WHEN state = 'excluded' THEN total ELSE 0 END
          FROM slo_buckets AS bucket
         WHERE bucket.slo_id = wanted.slo_id AND bucket.revision = wanted.revision
           AND ((starts_at >= wanted.start AND starts_at < LEAST(wanted.first_hour, :end))
             OR (starts_at >= GREATEST(wanted.last_hour, wanted.start) AND starts_at < :end))
      ) AS part ON true
     GROUP BY wanted.slo_id
""")


def windows(
    session: Session, slos: Sequence[Objective], starts: Mapping[int, datetime], end: datetime
) -> dict[int, WindowSum]:
    """By objective: events from its start to before `end`, exact though mostly read by the hour."""
    hours = {slo.id: _whole_hours(starts[slo.id], end) for slo in slos}
    rows = session.execute(
        _WINDOWS,
        {
            "slo": [slo.id for slo in slos],
            "revision": [slo.revision for slo in slos],
            "start": [starts[slo.id] for slo in slos],
            "first_hour": [hours[slo.id][0] for slo in slos],
            "last_hour": [hours[slo.id][1] for slo in slos],
            "end": end,
        },
    )
    return {
        row.slo_id: WindowSum(Counts(row.bad, row.total), Counts(row.excluded_bad, row.excluded_total))
        for row in rows
    }


def _whole_hours(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    first, last = floor(start + HOUR - timedelta.resolution, HOUR), floor(end, HOUR)
    return (first, last) if first <= last else (end, end)


_SPANS = text("""
    SELECT wanted.slo_id, wanted.seconds,
           coalesce(sum(bad * share.of_row), 0) AS bad, coalesce(sum(total * share.of_row), 0) AS total
      FROM unnest(CAST(:slo AS bigint[]), CAST(:revision AS int[]), CAST(:seconds AS int[]))
           AS wanted(slo_id, revision, seconds)
      CROSS JOIN LATERAL (
        SELECT CAST(:at AS timestamptz) - make_interval(secs => wanted.seconds) AS starts_at
      ) AS span
      LEFT JOIN slo_buckets AS bucket
        ON bucket.slo_id = wanted.slo_id AND bucket.revision = wanted.revision AND state = 'ok'
       AND bucket.starts_at < :at AND bucket.starts_at > span.starts_at - interval '5 minutes'
      CROSS JOIN LATERAL (
        SELECT LEAST(1, 1 - extract(epoch FROM span.starts_at - bucket.starts_at) / 300) AS of_row
      ) AS share
     GROUP BY wanted.slo_id, wanted.seconds
""")


def spans(
    session: Session, wanted: Sequence[tuple[Objective, Sequence[int]]], at: datetime
) -> dict[int, dict[int, Counts]]:
    """By objective and seconds: events in the last so many seconds. The oldest row counts by its share."""
    lengths = [(slo, seconds) for slo, several in wanted for seconds in sorted(set(several))]
    rows = session.execute(
        _SPANS,
        {
            "slo": [slo.id for slo, _ in lengths],
            "revision": [slo.revision for slo, _ in lengths],
            "seconds": [seconds for _, seconds in lengths],
            "at": at,
        },
    )
    found: defaultdict[int, dict[int, Counts]] = defaultdict(dict)
    for row in rows:
        found[row.slo_id][row.seconds] = Counts(float(row.bad), float(row.total))
    return found


_UNSETTLED = text("""
    SELECT wanted.slo_id, row.at
      FROM unnest(CAST(:slo AS bigint[]), CAST(:revision AS int[]), CAST(:first AS timestamptz[]))
           AS wanted(slo_id, revision, first)
      CROSS JOIN LATERAL generate_series(wanted.first, :last, interval '5 minutes') AS row(at)
      LEFT JOIN slo_buckets AS bucket
        ON bucket.slo_id = wanted.slo_id AND bucket.revision = wanted.revision AND bucket.starts_at = row.at
     WHERE bucket.starts_at IS NULL OR NOT bucket.is_complete OR bucket.measured_state = 'no_data'
     ORDER BY wanted.slo_id, row.at
""")


def unsettled(
    session: Session, firsts: Sequence[tuple[Objective, datetime]], last: datetime
) -> dict[int, list[datetime]]:
    """Rows up to `last` that are missing, were still running when gathered, or had no data then."""
    rows = session.execute(_UNSETTLED, {**_with_firsts(firsts), "last": last})
    found: defaultdict[int, list[datetime]] = defaultdict(list)
    for row in rows:
        found[row.slo_id].append(row.at)
    return found


_THIN_HOURS = text("""
    SELECT wanted.slo_id, row.at
      FROM unnest(CAST(:slo AS bigint[]), CAST(:revision AS int[]), CAST(:first AS timestamptz[]))
           AS wanted(slo_id, revision, first)
      CROSS JOIN LATERAL generate_series(wanted.first, :last, interval '1 hour') AS row(at)
      LEFT JOIN slo_hours AS hour
        ON hour.slo_id = wanted.slo_id AND hour.revision = wanted.revision AND hour.starts_at = row.at
     WHERE hour.starts_at IS NULL OR hour.no_data > 0
        OR hour.ok + hour.no_traffic + hour.no_data + hour.excluded < 12
     ORDER BY wanted.slo_id, row.at
""")


def thin_hours(
    session: Session, firsts: Sequence[tuple[Objective, datetime]], last: datetime
) -> dict[int, list[datetime]]:
    """Hours up to `last` of which a row is missing or without data: where a closer look is worth it."""
    rows = session.execute(_THIN_HOURS, {**_with_firsts(firsts), "last": last})
    found: defaultdict[int, list[datetime]] = defaultdict(list)
    for row in rows:
        found[row.slo_id].append(row.at)
    return found


def _with_firsts(firsts: Sequence[tuple[Objective, datetime]]) -> dict[str, list[object]]:
    return {
        "slo": [slo.id for slo, _ in firsts],
        "revision": [slo.revision for slo, _ in firsts],
        "first": [first for _, first in firsts],
    }

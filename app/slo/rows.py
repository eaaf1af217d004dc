"""Writes of five-minute rows and the sums of their hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.slo.bucket import Bucket
from app.slo.correction import Span, excludes
from app.slo.objective import Objective

KEEP_ROWS = timedelta(days=100)
KEEP_HOURS = timedelta(days=800)
ROWS_PER_STATEMENT, HOURS_PER_STATEMENT = 10_000, 1_000

_SAVE = text("""
    INSERT INTO slo_buckets (slo_id, revision, starts_at, good, bad, total, state, measured_state,
                             is_complete)
    SELECT new.*
      FROM unnest(CAST(:slo AS bigint[]), CAST(:revision AS int[]), CAST(:starts_at AS timestamptz[]),
                  CAST(:good AS float8[]), CAST(:bad AS float8[]), CAST(:total AS float8[]),
                  CAST(:state AS text[]), CAST(:measured AS text[]), CAST(:is_complete AS bool[])) AS new
    ON CONFLICT (slo_id, revision, starts_at) DO UPDATE
       SET good = excluded.good, bad = excluded.bad, total = excluded.total, state = excluded.state,
           measured_state = excluded.measured_state, is_complete = excluded.is_complete
     WHERE (slo_buckets.good, slo_buckets.bad, slo_buckets.total, slo_buckets.state,
            slo_buckets.measured_state, slo_buckets.is_complete)
        IS DISTINCT FROM
           (excluded.good, excluded.bad, excluded.total, excluded.state,
            excluded.measured_state, excluded.is_complete)
    RETURNING slo_id, revision, starts_at
""")

_SUM_HOURS = text("""
    INSERT INTO slo_hours (slo_id, revision, starts_at, bad, total, ok, no_traffic, no_data, excluded,
                           excluded_bad, excluded_total)
    SELECT hour.slo_id, hour.revision, hour.at, sums.*
      FROM unnest(CAST(:slo AS bigint[]), CAST(:revision AS int[]), CAST(:hour AS timestamptz[]))
           AS hour(slo_id, revision, at)
      CROSS JOIN LATERAL (
        SELECT coalesce(sum(bad) FILTER (WHERE state = 'ok'), 0),
               coalesce(sum(total) FILTER (WHERE state = 'ok'), 0),
               count(*) FILTER (WHERE state = 'ok'), count(*) FILTER (WHERE state = 'no_traffic'),
               count(*) FILTER (WHERE state = 'no_data'), count(*) FILTER (WHERE state = 'excluded'),
               coalesce(sum(bad) FILTER (WHERE state = 'excluded'), 0),
               coalesce(sum(total) FILTER (WHERE state = 'excluded'), 0)
          FROM slo_buckets AS bucket
         WHERE bucket.slo_id = hour.slo_id AND bucket.revision = hour.revision
           AND bucket.starts_at >= hour.at AND bucket.starts_at < hour.at + interval '1 hour'
      ) AS sums
    ON CONFLICT (slo_id, revision, starts_at) DO UPDATE
       SET bad = excluded.bad, total = excluded.total, ok = excluded.ok, no_traffic = excluded.no_traffic,
           no_data = excluded.no_data, excluded = excluded.excluded,
           excluded_bad = excluded.excluded_bad, excluded_total = excluded.excluded_total
""")

_EXCLUDE = text("""
    UPDATE slo_buckets AS bucket
       SET state = CASE WHEN now_excluded.is THEN 'excluded' ELSE measured_state END
      FROM (SELECT starts_at, EXISTS (
                SELECT 1 FROM unnest(CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]))
                    AS span(starts_at, ends_at)
                 WHERE one.starts_at >= span.starts_at AND one.starts_at < span.ends_at
            ) AS is
              FROM slo_buckets AS one
             WHERE slo_id = :slo AND revision = :revision AND starts_at >= :first AND starts_at < :last
           ) AS now_excluded
     WHERE bucket.slo_id = :slo AND bucket.revision = :revision
       AND bucket.starts_at = now_excluded.starts_at
       AND bucket.state <> CASE WHEN now_excluded.is THEN 'excluded' ELSE measured_state END
    RETURNING bucket.slo_id, bucket.revision, bucket.starts_at
""")

Row = tuple[int, int, datetime]  # objective, revision, start


def save(session: Session, slo: Objective, buckets: Sequence[Bucket], excluded: Sequence[Span] = ()) -> int:
    """Rows of one objective; answers how many said something new."""
    return len(save_all(session, [(slo, buckets)], {slo.id: excluded}))


def save_all(
    session: Session,
    found: Sequence[tuple[Objective, Sequence[Bucket]]],
    excluded: Mapping[int, Sequence[Span]],
) -> list[Row]:
    """Write rows and the sums of their hours; answers the rows that said something new.

    `excluded`: by objective, the rows that corrections leave out; what was measured in them is kept.
    """
    columns: dict[str, list[Any]] = {
        name: []
        for name in (
            "slo",
            "revision",
            "starts_at",
            "good",
            "bad",
            "total",
            "state",
            "measured",
            "is_complete",
        )
    }
    for slo, buckets in found:
        spans = excluded.get(slo.id, ())
        for bucket in {bucket.starts_at: bucket for bucket in buckets}.values():
            columns["slo"].append(slo.id)
            columns["revision"].append(slo.revision)
            columns["starts_at"].append(bucket.starts_at)
            columns["good"].append(bucket.good)
            columns["bad"].append(bucket.bad)
            columns["total"].append(bucket.total)
            columns["state"].append(
                "excluded" if spans and excludes(spans, bucket.starts_at) else bucket.state
            )
            columns["measured"].append(bucket.state)
            columns["is_complete"].append(bucket.is_complete)
    changed: list[Row] = []
    for start in range(0, len(columns["slo"]), ROWS_PER_STATEMENT):
        part = {name: values[start : start + ROWS_PER_STATEMENT] for name, values in columns.items()}
        changed += [(row.slo_id, row.revision, row.starts_at) for row in session.execute(_SAVE, part)]
    sum_hours(session, changed)
    return changed


def sum_hours(session: Session, changed: Sequence[Row]) -> None:
    """The hours that hold these rows, summed anew."""
    hours = sorted({(slo, revision, at.replace(minute=0)) for slo, revision, at in changed})
    for start in range(0, len(hours), HOURS_PER_STATEMENT):
        part = hours[start : start + HOURS_PER_STATEMENT]
        slos, revisions, starts = (list(column) for column in zip(*part, strict=True))
        session.execute(_SUM_HOURS, {"slo": slos, "revision": revisions, "hour": starts})


def exclude(
    session: Session, slo: Objective, first: datetime, last: datetime, spans: Sequence[Span]
) -> list[Row]:
    """Of the rows from `first` to before `last` leave out those in `spans` and take all others back in."""
    values = {"slo": slo.id, "revision": slo.revision, "first": first, "last": last}
    found = session.execute(
        _EXCLUDE, {**values, "starts": [start for start, _ in spans], "ends": [end for _, end in spans]}
    )
    changed = [(row.slo_id, row.revision, row.starts_at) for row in found]
    sum_hours(session, changed)
    return changed


_PRUNE = text("""
    DELETE FROM slo_buckets AS bucket USING slo_revisions AS kept
     WHERE bucket.slo_id = kept.slo_id AND bucket.revision = kept.revision AND bucket.starts_at < :before
""")
_PRUNE_HOURS = text("""
    DELETE FROM slo_hours AS hour USING slo_revisions AS kept
     WHERE hour.slo_id = kept.slo_id AND hour.revision = kept.revision AND hour.starts_at < :before
""")


def prune(session: Session, now: datetime) -> int:
    """Forget five-minute rows older than 100 days and hours older than two years; answers how many rows."""
    gone: int = session.execute(_PRUNE, {"before": now - KEEP_ROWS}).rowcount  # type: ignore[attr-defined]
    session.execute(_PRUNE_HOURS, {"before": now - KEEP_HOURS})
    return gone

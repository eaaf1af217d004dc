"""Writes of five-minute rows and the sums of their hours."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.slo.bucket import Bucket
from app.slo.objective import Objective

_SAVE = text("""
    INSERT INTO slo_buckets (slo_id, revision, starts_at, good, bad, total, state, is_complete)
    SELECT :slo, :revision, new.*
      FROM unnest(CAST(:starts_at AS timestamptz[]), CAST(:good AS float8[]), CAST(:bad AS float8[]),
                  CAST(:total AS float8[]), CAST(:state AS text[]), CAST(:is_complete AS bool[])) AS new
    ON CONFLICT (slo_id, revision, starts_at) DO UPDATE
       SET good = excluded.good, bad = excluded.bad, total = excluded.total,
           state = excluded.state, is_complete = excluded.is_complete
     WHERE (slo_buckets.good, slo_buckets.bad, slo_buckets.total, slo_buckets.state, slo_buckets.is_complete)
        IS DISTINCT FROM
           (excluded.good, excluded.bad, excluded.total, excluded.state, excluded.is_complete)
    RETURNING starts_at
""")

_SUM_HOURS = text("""
    INSERT INTO slo_hours (slo_id, revision, starts_at, bad, total, ok, no_traffic, no_data, excluded)
    SELECT slo_id, revision, date_bin('1 hour', starts_at, 'epoch') AS hour,
           coalesce(sum(bad) FILTER (WHERE state = 'ok'), 0),
           coalesce(sum(total) FILTER (WHERE state = 'ok'), 0),
           count(*) FILTER (WHERE state = 'ok'), count(*) FILTER (WHERE state = 'no_traffic'),
           count(*) FILTER (WHERE state = 'no_data'), count(*) FILTER (WHERE state = 'excluded')
      FROM slo_buckets
     WHERE slo_id = :slo AND revision = :revision
       AND starts_at >= date_bin('1 hour', CAST(:first AS timestamptz), 'epoch')
       AND starts_at < date_bin('1 hour', CAST(:last AS timestamptz), 'epoch') + interval '1 hour'
     GROUP BY slo_id, revision, hour
    ON CONFLICT (slo_id, revision, starts_at) DO UPDATE
       SET bad = excluded.bad, total = excluded.total, ok = excluded.ok, no_traffic = excluded.no_traffic,
           no_data = excluded.no_data, excluded = excluded.excluded
""")


def save(session: Session, slo: Objective, buckets: Sequence[Bucket]) -> int:
    """Write rows and the sums of their hours; answers how many rows said something new."""
    if not buckets:
        return 0
    changed = session.scalars(
        _SAVE,
        {
            "slo": slo.id,
            "revision": slo.revision,
            "starts_at": [bucket.starts_at for bucket in buckets],
            "good": [bucket.good for bucket in buckets],
            "bad": [bucket.bad for bucket in buckets],
            "total": [bucket.total for bucket in buckets],
            "state": [bucket.state for bucket in buckets],
            "is_complete": [bucket.is_complete for bucket in buckets],
        },
    ).all()
    if changed:
        span = {"slo": slo.id, "revision": slo.revision, "first": min(changed), "last": max(changed)}
        session.execute(_SUM_HOURS, span)
    return len(changed)

"""Writes on behalf of SDKs: who asked, and what each flag answered how often. Nothing commits here.

Rows go in as arrays, one statement a table, in one order of keys so that two processes wait for each other
and never for themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from app.flags.models import FlagClient, FlagImpact, FlagImpactBucket, FlagMetric, FlagVariantMetric
from app.flags.reports import Instance, Report
from app.flags.sums import Sums

KEEP_METRICS = timedelta(days=400)
KEEP_CLIENTS = timedelta(days=7)

_ADD_ANSWERS = text("""
    INSERT INTO flag_metrics AS old (environment, app_name, hour, flag, yes, no, seen_at)
    SELECT * FROM unnest(CAST(:a AS text[]), CAST(:b AS text[]), CAST(:c AS timestamptz[]),
                         CAST(:d AS text[]), CAST(:e AS bigint[]), CAST(:f AS bigint[]),
                         CAST(:g AS timestamptz[]))
    ON CONFLICT (flag, environment, app_name, hour) DO UPDATE
    SET yes = old.yes + excluded.yes, no = old.no + excluded.no,
        seen_at = greatest(old.seen_at, excluded.seen_at)
""")
_ADD_VARIANTS = text("""
    INSERT INTO flag_variant_metrics AS old (environment, app_name, hour, flag, variant, count)
    SELECT * FROM unnest(CAST(:a AS text[]), CAST(:b AS text[]), CAST(:c AS timestamptz[]),
                         CAST(:d AS text[]), CAST(:e AS text[]), CAST(:f AS bigint[]))
    ON CONFLICT (flag, environment, app_name, hour, variant) DO UPDATE
    SET count = old.count + excluded.count
""")
_ADD_IMPACTS = text("""
    INSERT INTO flag_impacts AS old
      (environment, app_name, hour, metric, kind, flag, variant, samples, total)
    SELECT * FROM unnest(CAST(:a AS text[]), CAST(:b AS text[]), CAST(:c AS timestamptz[]),
                         CAST(:d AS text[]), CAST(:e AS text[]), CAST(:f AS text[]), CAST(:g AS text[]),
                         CAST(:h AS bigint[]), CAST(:i AS float8[]))
    ON CONFLICT (metric, environment, app_name, flag, variant, hour, kind) DO UPDATE
    SET samples = old.samples + excluded.samples,
        total = CASE excluded.kind WHEN 'gauge' THEN excluded.total ELSE old.total + excluded.total END
""")
_ADD_BUCKETS = text("""
    INSERT INTO flag_impact_buckets AS old
      (environment, app_name, hour, metric, flag, variant, up_to, count)
    SELECT * FROM unnest(CAST(:a AS text[]), CAST(:b AS text[]), CAST(:c AS timestamptz[]),
                         CAST(:d AS text[]), CAST(:e AS text[]), CAST(:f AS text[]), CAST(:g AS float8[]),
                         CAST(:h AS bigint[]))
    ON CONFLICT (metric, environment, app_name, flag, variant, hour, up_to) DO UPDATE
    SET count = old.count + excluded.count
""")
_NOTE_CLIENTS = text("""
    INSERT INTO flag_clients AS old
      (environment, app_name, instance_id, connection_id, sdk, interval_seconds, started_at, seen_at)
    SELECT a, b, c, d, e, f, g, g
    FROM unnest(CAST(:a AS text[]), CAST(:b AS text[]), CAST(:c AS text[]), CAST(:d AS text[]),
                CAST(:e AS text[]), CAST(:f AS bigint[]), CAST(:g AS timestamptz[]))
         AS new (a, b, c, d, e, f, g)
    ON CONFLICT (environment, app_name, instance_id, connection_id) DO UPDATE
    SET sdk = coalesce(nullif(excluded.sdk, ''), old.sdk),
        interval_seconds = coalesce(excluded.interval_seconds, old.interval_seconds),
        seen_at = greatest(old.seen_at, excluded.seen_at)
""")


@dataclass(frozen=True)
class Sighting:
    """An SDK polled, streams, registered or reported."""

    environment: str
    instance: Instance
    seen_at: datetime

    @property
    def key(self) -> tuple[str, str, str, str]:
        one = self.instance
        return self.environment, one.app_name, one.instance_id, one.connection_id

    def later(self, earlier: Sighting) -> Sighting:
        """Both of one instance, as one."""
        new, old = self.instance, earlier.instance
        interval = old.interval_seconds if new.interval_seconds is None else new.interval_seconds
        merged = Instance(*self.key[1:], new.sdk or old.sdk, interval)
        return Sighting(self.environment, merged, max(self.seen_at, earlier.seen_at))


def saw(session: Session, environment: str, instance: Instance, now: datetime) -> None:
    note(session, [Sighting(environment, instance, now)])


def note(session: Session, sightings: Collection[Sighting]) -> None:
    """At most one of each instance."""
    rows = [
        (*one.key, one.instance.sdk, one.instance.interval_seconds, one.seen_at)
        for one in sorted(sightings, key=lambda one: one.key)
    ]
    if rows:
        session.execute(_NOTE_CLIENTS, _columns(rows))


def count(session: Session, environment: str, report: Report, now: datetime) -> None:
    """Add one report to its hour. A report that is sent twice counts twice: SDKs give it no identity."""
    sums = Sums()
    sums.add(environment, report, now)
    add(session, sums)


def add(session: Session, sums: Sums) -> None:
    answers = [
        (*of, flag, yes, sums.no[of, flag], sums.seen_at[of, flag]) for (of, flag), yes in sums.yes.items()
    ]
    for statement, rows in (
        (_ADD_ANSWERS, answers),
        (_ADD_VARIANTS, [(*of, *names, times) for (of, *names), times in sums.variants.items()]),
        (_ADD_IMPACTS, [(*key[0], *key[1:], n, sums.totals[key]) for key, n in sums.samples.items()]),
        (_ADD_BUCKETS, [(*of, *names, count) for (of, *names), count in sums.buckets.items()]),
    ):
        if rows:
            session.execute(statement, _columns(sorted(rows)))


def prune(session: Session, now: datetime) -> int:
    """Forget SDK instances that are gone and counts of more than a year ago; answers how many rows went."""
    gone = 0
    for statement in (
        delete(FlagClient).where(FlagClient.seen_at < now - KEEP_CLIENTS),
        delete(FlagMetric).where(FlagMetric.hour < now - KEEP_METRICS),
        delete(FlagVariantMetric).where(FlagVariantMetric.hour < now - KEEP_METRICS),
        delete(FlagImpact).where(FlagImpact.hour < now - KEEP_METRICS),
        delete(FlagImpactBucket).where(FlagImpactBucket.hour < now - KEEP_METRICS),
    ):
        gone += session.execute(statement).rowcount  # type: ignore[attr-defined]
    return gone


def _columns(rows: Sequence[tuple[object, ...]]) -> dict[str, list[object]]:
    """a, b, c …: one array a column."""
    return {chr(ord("a") + n): list(column) for n, column in enumerate(zip(*rows, strict=True))}

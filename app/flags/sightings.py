"""Writes on behalf of SDKs: who asked, and how often each flag answered yes and no. Nothing commits here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.flags.models import FlagClient, FlagMetric, FlagVariantMetric
from app.flags.reports import Instance, Report

KEEP_METRICS = timedelta(days=400)
KEEP_CLIENTS = timedelta(days=7)


def saw(session: Session, environment: str, instance: Instance, now: datetime) -> None:
    """An SDK polled, registered or reported."""
    statement = insert(FlagClient).values(
        environment=environment,
        app_name=instance.app_name,
        instance_id=instance.instance_id,
        connection_id=instance.connection_id,
        sdk=instance.sdk,
        interval_seconds=instance.interval_seconds,
        started_at=now,
        seen_at=now,
    )
    new = statement.excluded
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["environment", "app_name", "instance_id", "connection_id"],
            set_={
                "sdk": func.coalesce(func.nullif(new.sdk, ""), FlagClient.sdk),
                "interval_seconds": func.coalesce(new.interval_seconds, FlagClient.interval_seconds),
                "seen_at": func.greatest(new.seen_at, FlagClient.seen_at),
            },
        )
    )


def count(session: Session, environment: str, report: Report, now: datetime) -> None:
    """Add one report to its hour. A report that is sent twice counts twice: SDKs give it no identity."""
    same = {"environment": environment, "app_name": report.app_name, "hour": report.hour}
    answers = [{**same, "flag": c.flag, "yes": c.yes, "no": c.no, "seen_at": now} for c in report.counts]
    variants = [
        {**same, "flag": c.flag, "variant": name, "count": times}
        for c in report.counts
        for name, times in sorted(c.variants.items())
    ]
    if answers:
        _add(session, FlagMetric, answers, ("yes", "no"), newest="seen_at")
    if variants:
        _add(session, FlagVariantMetric, variants, ("count",))


def prune(session: Session, now: datetime) -> int:
    """Forget SDK instances that are gone and counts of more than a year ago; answers how many rows went."""
    gone = 0
    for statement in (
        delete(FlagClient).where(FlagClient.seen_at < now - KEEP_CLIENTS),
        delete(FlagMetric).where(FlagMetric.hour < now - KEEP_METRICS),
        delete(FlagVariantMetric).where(FlagVariantMetric.hour < now - KEEP_METRICS),
    ):
        gone += session.execute(statement).rowcount  # type: ignore[attr-defined]
    return gone


def _add(
    session: Session,
    table: type[FlagMetric] | type[FlagVariantMetric],
    rows: list[dict[str, Any]],
    sums: Iterable[str],
    newest: str | None = None,
) -> None:
    """Insert rows or add their numbers to those that are there, in one statement and one order of locks."""
    statement = insert(table).values(rows)
    set_: dict[str, Any] = {name: getattr(table, name) + statement.excluded[name] for name in sums}
    if newest:
        set_[newest] = func.greatest(getattr(table, newest), statement.excluded[newest])
    keys = [column.name for column in table.__table__.primary_key]
    session.execute(statement.on_conflict_do_update(index_elements=keys, set_=set_))

"""Scheduled work: the shop's errors are taken in, and what is old is forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import events
from app.db import transaction
from app.error_reports import commands
from app.error_reports.models import ErrorGroup, ErrorHour, ErrorMark, ErrorSample
from app.failures import Failure, Report
from app.sources import Sources

SHOP = "shop"
AGAIN = timedelta(minutes=2)  # rows of two processes may come out of order; each is taken once
FIRST = timedelta(days=7)
MOST_ROWS = 2_000  # in one run; the next goes on from there
KEEP_SAMPLES = 50  # of one group
KEEP_YOUNG = timedelta(minutes=30)  # longer than a row could be read again
KEEP_DAYS = 90  # of groups that were not seen since, and of hours

_THERE = text("SELECT to_regclass('reporting.error_reports') IS NOT NULL")
_ROWS = text("""
    SELECT event_id, recorded_at, fingerprint, kind, message, place, traceback, source, release, first_at, at,
           count, request, people
    FROM reporting.error_reports WHERE recorded_at >= :since ORDER BY recorded_at, event_id LIMIT :most
""")


def fold(session: Session, now: datetime, sources: Sources) -> str:
    """The shop's errors into groups, each once, however often its row is read."""
    mark = session.get(ErrorMark, SHOP, with_for_update=True)
    since = (mark.upto - AGAIN) if mark else now - FIRST
    with transaction(sources.reporting, "PostgreSQL (reporting)") as shop:
        if not shop.scalar(_THERE):
            return "this shop reports no errors"
        rows = shop.execute(_ROWS, {"since": since, "most": MOST_ROWS}).mappings().all()
    taken = commands.take(session, [_report(dict(row)) for row in rows], now)
    if rows:
        upto = insert(ErrorMark).values(source=SHOP, upto=max(row["recorded_at"] for row in rows))
        session.execute(
            upto.on_conflict_do_update(index_elements=["source"], set_={"upto": upto.excluded.upto})
        )
    if taken.rows:
        events.publish_on_commit(session, sources.redis, "errors")
    return f"{taken.rows} reports, {len(taken.new)} new errors, {len(taken.regressed)} that came back"


def _report(row: Mapping[str, Any]) -> Report:
    failure = Failure(row["fingerprint"], row["kind"], row["message"], row["place"], row["traceback"])
    return Report(
        str(row["event_id"]),
        failure,
        row["source"],
        row["release"],
        row["first_at"],
        row["at"],
        row["count"],
        row["request"],
        tuple(row["people"]),
    )


def prune(session: Session, now: datetime, sources: Sources) -> str:
    """Groups that were not seen for long, and all but the newest samples of the others."""
    old = now - timedelta(days=KEEP_DAYS)
    groups = session.execute(
        delete(ErrorGroup).where(ErrorGroup.last_at < old).returning(ErrorGroup.id)
    ).all()
    session.execute(delete(ErrorHour).where(ErrorHour.hour < old))
    newest = func.row_number().over(
        partition_by=ErrorSample.group_id,
        order_by=((ErrorSample.request != {}).desc(), ErrorSample.at.desc()),
    )
    numbered = select(ErrorSample.event_id, newest.label("nth")).subquery()
    surplus = select(numbered.c.event_id).where(numbered.c.nth > KEEP_SAMPLES)
    young = ErrorSample.at >= now - KEEP_YOUNG
    gone = session.execute(
        delete(ErrorSample).where(ErrorSample.event_id.in_(surplus), ~young).returning(ErrorSample.event_id)
    ).all()
    return f"{len(groups)} errors and {len(gone)} samples were forgotten"

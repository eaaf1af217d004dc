"""Scheduled work: what the shop counted of its messages is folded into days, failures and sightings.

A day whose sums differ from what is kept is read again whole: late rows come in, rows that were removed go,
and a second run for the same moment changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from app import events
from app.db import transaction
from app.locales.insight import queries
from app.locales.insight.models import MessageDay, MessageFailure, MessageSighting
from app.locales.insight.progress import share
from app.locales.models import Locale, Message
from app.series import store
from app.timeline import commands as timeline

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.sources import Sources

AGAIN_DAYS = 3  # looked at in each run; the longer stretch once an hour
LATE_DAYS = 35
SIGHTINGS_AGAIN = timedelta(hours=1)
ROWS_PER_INSERT = 2_000
FAILURE_HOURS = 1  # before the current one, in the series of failures

_THERE = text("SELECT to_regclass('reporting.message_impressions') IS NOT NULL")
_SUMS = text("""
    SELECT day, sum(shown), sum(fell_back), sum(failed), count(*) FROM (
        SELECT (hour AT TIME ZONE 'UTC')::date AS day, locale, message_key,
               sum(shown) AS shown, sum(fell_back) AS fell_back, sum(failed) AS failed
        FROM reporting.message_impressions WHERE hour >= :since GROUP BY 1, 2, 3
    ) AS of_message GROUP BY day
""")
_DAY = text("""
    SELECT locale, message_key, sum(shown)::bigint AS shown, sum(fell_back)::bigint AS fell_back,
           sum(failed)::bigint AS failed, bool_and(is_demo) AS is_demo
    FROM reporting.message_impressions WHERE hour >= :start AND hour < :end GROUP BY locale, message_key
""")
_FAILED = text("""
    SELECT hour, locale, message_key, release, sum(failed)::bigint AS failed, bool_and(is_demo) AS is_demo
    FROM reporting.message_impressions WHERE hour >= :start AND hour < :end AND failed > 0
    GROUP BY hour, locale, message_key, release
""")
_SIGHTINGS = text("""
    SELECT message_key, locale, endpoint, path, last_seen_at
    FROM reporting.message_sightings WHERE last_seen_at >= :since
""")


def fold(session: Session, now: datetime, sources: Sources) -> str:
    """Bring in what the shop counted; then each locale's progress is recorded as points."""
    back = LATE_DAYS if now.minute == 0 else AGAIN_DAYS
    start = _midnight((now - timedelta(days=back)).astimezone(UTC).date())
    with transaction(sources.reporting, "PostgreSQL (reporting)") as reporting:
        if not reporting.scalar(_THERE):
            return "the shop counts no impressions yet"
        days = _days_that_differ(session, reporting, start)
        for day in days:
            _take_day(session, reporting, day, now)
        sighted = _take_sightings(session, reporting)
    _record(session, now)
    if days:
        events.publish_on_commit(session, sources.redis, "locales")
    return f"{len(days)} days read again, {sighted} sightings"


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _days_that_differ(session: Session, reporting: Session, start: datetime) -> list[date]:
    sums = (MessageDay.shown, MessageDay.fell_back, MessageDay.failed)
    kept = session.execute(
        select(MessageDay.day, *(func.sum(one) for one in sums), func.count())
        .where(MessageDay.day >= start.date())
        .group_by(MessageDay.day)
    )
    theirs = {row[0]: [int(one) for one in row[1:]] for row in reporting.execute(_SUMS, {"since": start})}
    ours = {row[0]: [int(one) for one in row[1:]] for row in kept}
    return sorted(day for day in theirs.keys() | ours.keys() if theirs.get(day) != ours.get(day))


def _take_day(session: Session, reporting: Session, day: date, now: datetime) -> None:
    start = _midnight(day)
    span = {"start": start, "end": start + timedelta(days=1)}
    rows = [{**row, "day": day} for row in reporting.execute(_DAY, span).mappings()]
    failed = [dict(row) for row in reporting.execute(_FAILED, span).mappings()]
    session.execute(delete(MessageDay).where(MessageDay.day == day))
    in_day = (MessageFailure.hour >= span["start"], MessageFailure.hour < span["end"])
    session.execute(delete(MessageFailure).where(*in_day))
    for table, found in ((MessageDay, rows), (MessageFailure, failed)):
        for first in range(0, len(found), ROWS_PER_INSERT):
            session.execute(insert(table), found[first : first + ROWS_PER_INSERT])
    _tell(session, failed, day, now)


def _tell(session: Session, failed: Sequence[Mapping[str, Any]], day: date, now: datetime) -> None:
    """One entry of the timeline for each string, locale and day; a later run corrects it."""
    by_string: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in failed:
        by_string.setdefault((row["locale"], row["message_key"]), []).append(row)
    keys = [key for _, key in by_string]
    known = {
        row.key: row
        for row in session.execute(
            select(Message.key, Message.id, Message.msgid).where(Message.key.in_(keys))
        )
    }
    for (locale, key), rows in by_string.items():
        message = known.get(key)
        timeline.record(
            session,
            min(min(row["hour"] for row in rows), now),
            "note",
            f"{locale}: “{message.msgid[:80] if message else key[:12]}” could not be filled in",
            f"locale:{locale}",
            detail=f"{sum(row['failed'] for row in rows)} times; shoppers saw the source text",
            url=f"/locales/{locale}/strings/{message.id}" if message else f"/locales/{locale}/progress",
            key=f"locale-failure:{locale}:{key}:{day}",
            is_demo=all(row["is_demo"] for row in rows),
        )


def _take_sightings(session: Session, reporting: Session) -> int:
    newest = session.scalar(select(func.max(MessageSighting.last_seen_at)))
    since = newest - SIGHTINGS_AGAIN if newest else datetime(1970, 1, 1, tzinfo=UTC)
    rows = [dict(row) for row in reporting.execute(_SIGHTINGS, {"since": since}).mappings()]
    for first in range(0, len(rows), ROWS_PER_INSERT):
        new = insert(MessageSighting).values(rows[first : first + ROWS_PER_INSERT])
        session.execute(
            new.on_conflict_do_update(
                index_elements=["message_key", "locale", "endpoint"],
                set_={"path": new.excluded.path, "last_seen_at": new.excluded.last_seen_at},
                where=MessageSighting.last_seen_at < new.excluded.last_seen_at,
            )
        )
    return len(rows)


def _record(session: Session, now: datetime) -> None:
    failed = _failed_lately(session, now)
    today = _today(session, now)
    readings: list[store.Reading] = []
    for row in queries.progress(session, now):
        shown, fell_back = today.get(row.locale, (0, 0))
        figures = {
            "locales.strings_share": row.by_strings,
            "locales.words_share": row.by_words,
            "locales.impressions_share": row.by_impressions,
            "locales.in_language_share": share(shown - fell_back, shown),
            "locales.fell_back_today": fell_back,
            "locales.failures": failed.get(row.locale, 0),
        }
        labels = {"locale": row.locale}
        readings += [(key, labels, now, value) for key, value in figures.items()]
    store.record_all(session, readings)


def _today(session: Session, now: datetime) -> dict[str, tuple[int, int]]:
    """Impressions since midnight (UTC), and of these the ones in the language of the source."""
    rows = session.execute(
        select(MessageDay.locale, func.sum(MessageDay.shown), func.sum(MessageDay.fell_back))
        .where(MessageDay.day == now.astimezone(UTC).date())
        .group_by(MessageDay.locale)
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in rows}


def _failed_lately(session: Session, now: datetime) -> dict[str, int]:
    hour = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=FAILURE_HOURS)
    rows = session.execute(
        select(MessageFailure.locale, func.sum(MessageFailure.failed))
        .join(Locale, Locale.code == MessageFailure.locale)
        .where(MessageFailure.hour >= hour)
        .group_by(MessageFailure.locale)
    )
    return {row[0]: int(row[1]) for row in rows}

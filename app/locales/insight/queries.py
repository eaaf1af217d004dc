"""Reads of what shoppers saw: progress, what is worth translating next, what is dead, what failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from app.locales.insight.progress import Progress
from app.locales.words import SOURCE_LOCALE
from app.series import store
from app.series.glossary import GLOSSARY, Term

DAYS = 30
MOST_ROWS = 50

_PROGRESS = text(r"""
    WITH weight AS MATERIALIZED (
        SELECT locale, message_key, sum(shown) AS shown, sum(fell_back) AS fell_back, sum(failed) AS failed
        FROM message_days WHERE day >= :since GROUP BY locale, message_key
    ), said AS MATERIALIZED (
        SELECT id, key, array_length(regexp_split_to_array(btrim(msgid), '\s+'), 1) AS words
        FROM messages WHERE obsolete_at IS NULL
    )
    SELECT locales.code AS locale, count(said.id) AS strings,
           count(said.id) FILTER (WHERE mine.approved_forms IS NOT NULL) AS strings_approved,
           count(said.id) FILTER (WHERE mine.state IN ('draft', 'review')) AS strings_begun,
           coalesce(sum(said.words), 0) AS words,
           coalesce(sum(said.words) FILTER (WHERE mine.approved_forms IS NOT NULL), 0) AS words_approved,
           coalesce(sum(weight.shown), 0) AS shown,
           coalesce(sum(weight.shown) FILTER (WHERE mine.approved_forms IS NOT NULL), 0) AS shown_approved,
           coalesce(sum(weight.fell_back), 0) AS fell_back,
           coalesce(sum(weight.failed), 0) AS failed
    FROM locales
    LEFT JOIN said ON true
    LEFT JOIN translations AS mine ON mine.message_id = said.id AND mine.locale = locales.code
    LEFT JOIN weight ON weight.locale = locales.code AND weight.message_key = said.key
    GROUP BY locales.code ORDER BY locales.code
""")


def since(now: datetime, days: int = DAYS) -> date:
    return (now.astimezone(UTC) - timedelta(days=days)).date()


def progress(session: Session, now: datetime, days: int = DAYS) -> list[Progress]:
    """Every locale, by its code."""
    rows = session.execute(_PROGRESS, {"since": since(now, days)}).mappings()
    return [_progress(row) for row in rows]


def _progress(row: RowMapping) -> Progress:
    counts = {name: int(value) for name, value in row.items() if name != "locale"}
    return Progress(locale=row["locale"], is_source=row["locale"] == SOURCE_LOCALE, **counts)


# --- worth translating next --------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """A string that shoppers saw in another language than theirs."""

    id: int
    msgid: str
    state: str
    is_approved: bool  # and waits for a release
    shown: int
    fell_back: int
    last_day: date


_WANTED = text("""
    SELECT messages.id, messages.msgid, coalesce(mine.state, 'untranslated') AS state,
           mine.approved_forms IS NOT NULL AS is_approved, weight.shown, weight.fell_back, weight.last_day
    FROM (
        SELECT message_key, sum(shown)::bigint AS shown, sum(fell_back)::bigint AS fell_back,
               max(day) FILTER (WHERE fell_back > 0) AS last_day
        FROM message_days WHERE locale = :locale AND day >= :since GROUP BY message_key
    ) AS weight
    JOIN messages ON messages.key = weight.message_key AND messages.obsolete_at IS NULL
    LEFT JOIN translations AS mine ON mine.message_id = messages.id AND mine.locale = :locale
    WHERE weight.fell_back > 0
    ORDER BY mine.approved_forms IS NOT NULL, weight.fell_back DESC, messages.id
    LIMIT :most
""")


def worth_next(
    session: Session, code: str, now: datetime, days: int = DAYS, most: int = MOST_ROWS
) -> list[Wanted]:
    """What was read most often in the language of the source; what only waits for a release comes last."""
    values = {"locale": code, "since": since(now, days), "most": most}
    return [Wanted(**row) for row in session.execute(_WANTED, values).mappings()]


# --- dead strings ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dead:
    """A string that nobody saw while its page was seen."""

    id: int
    msgid: str
    file: str
    last_seen_at: datetime | None  # None: never


_DEAD = text(r"""
    WITH seen AS MATERIALIZED (
        SELECT message_key, max(last_seen_at) AS at FROM message_sightings GROUP BY message_key
    ), places AS MATERIALIZED (
        SELECT messages.id, messages.key, regexp_replace(place.at, ':\d+$', '') AS file
        FROM messages CROSS JOIN LATERAL jsonb_array_elements_text(messages.locations) AS place(at)
        WHERE messages.obsolete_at IS NULL AND messages.origin = 'shop'
    ), alive AS MATERIALIZED (
        SELECT DISTINCT places.file FROM places JOIN seen ON seen.message_key = places.key
        WHERE seen.at >= :since AND places.file ~ '\.(html|txt)$'
    ), visited AS MATERIALIZED (
        SELECT endpoint FROM message_sightings GROUP BY endpoint HAVING max(last_seen_at) >= :since
    )
    SELECT messages.id, messages.msgid, messages.locations ->> 0 AS file, seen.at AS last_seen_at
    FROM messages
    LEFT JOIN seen ON seen.message_key = messages.key
    WHERE messages.obsolete_at IS NULL AND messages.origin = 'shop' AND messages.first_seen_at < :since
      AND (seen.at IS NULL OR seen.at < :since)
      AND (EXISTS (SELECT FROM places JOIN alive USING (file) WHERE places.id = messages.id)
        OR EXISTS (SELECT FROM message_sightings AS mine JOIN visited USING (endpoint)
                   WHERE mine.message_key = messages.key))
    ORDER BY seen.at NULLS FIRST, messages.id
    LIMIT :most
""")


def dead(session: Session, now: datetime, days: int = DAYS, most: int = 200) -> list[Dead] | None:
    """Strings in use that were not seen for so many days, though other strings of their page were.

    None where the shop has counted nothing for so long: nothing can be said then.
    """
    first = session.scalar(text("SELECT min(day) FROM message_days"))
    if first is None or first > since(now, days):
        return None
    values = {"since": now - timedelta(days=days), "most": most}
    return [Dead(**row) for row in session.execute(_DEAD, values).mappings()]


# --- what failed -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Failure:
    """An hour in which a translation could not be filled in; shoppers saw the source."""

    hour: datetime
    locale: str
    release: int  # 0: what ships
    failed: int
    is_demo: bool
    message_key: str
    id: int | None  # None: the string is not known here
    msgid: str | None


_FAILURES = text("""
    SELECT failure.hour, failure.locale, failure.release, failure.failed, failure.is_demo,
           failure.message_key, messages.id, messages.msgid
    FROM message_failures AS failure LEFT JOIN messages ON messages.key = failure.message_key
    WHERE failure.hour >= :since AND (:locale = '' OR failure.locale = :locale)
    ORDER BY failure.hour DESC, failure.failed DESC
    LIMIT :most
""")


def failures(
    session: Session, now: datetime, code: str = "", days: int = DAYS, most: int = MOST_ROWS
) -> list[Failure]:
    """Newest first; of one locale, or of all."""
    values = {"since": now - timedelta(days=days), "locale": code, "most": most}
    return [Failure(**row) for row in session.execute(_FAILURES, values).mappings()]


# --- what other features measure of a locale -----------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    term: Term
    point: store.Point


def figures(session: Session, code: str) -> Sequence[Figure]:
    """The newest points of every series that is told apart by locale, such as its conversion."""
    found = []
    for term in GLOSSARY.values():
        labels = _labels(term, code)
        point = store.latest(session, term.key, labels) if labels else None
        if point is not None:
            found.append(Figure(term, point))
    return found


def _labels(term: Term, code: str) -> dict[str, str] | None:
    if term.key.startswith("locales."):
        return None
    if term.labels == ("locale",):
        return {"locale": code}
    if term.labels == ("dimension", "member"):
        return {"dimension": "locale", "member": code}
    return None

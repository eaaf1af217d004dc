"""Counts from the shop's facts: a SELECT on the reporting views, as a role that may only read them."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError, StatementError
from sqlalchemy.orm import Session

from app.db import Sessions, transaction
from app.errors import Refused
from app.slo.bucket import BUCKET, Bucket, floor, measured, starts

STATEMENT_SECONDS = 5
MOST_ROWS = 120_000
BEGINS = re.compile(r"\s*(?:--[^\n]*\n\s*)*(select|with)\b", re.IGNORECASE)


def check_text(sql: str) -> str:
    """A single SELECT between :start and :end, without its closing semicolon. Raises `Refused`."""
    kept = sql.strip().rstrip(";").strip()
    if not BEGINS.match(kept):
        raise _refused(_l("Write a single SELECT."))
    if ";" in re.sub(r"'(?:[^']|'')*'", "", kept):
        raise _refused(_l("Write a single SELECT."))
    if set(text(kept).compile().params) != {"start", "end"}:
        raise _refused(_l("Bound the time by :start and :end, and use no other parameter."))
    return kept


def fetch(sessions: Sessions, sql: str, start: datetime, end: datetime, settled: datetime) -> list[Bucket]:
    """A row for each five minutes from `start` to before `end`. What the facts do not name had no traffic.

    Rows from `settled` on may still change, such as an order that has time left to be confirmed.
    """
    with transaction(sessions, "PostgreSQL (reporting)") as session:
        found = _run(session, sql, start, end)
    return [measured(at, *found.get(at, (0.0, 0.0)), is_complete=at < settled) for at in starts(start, end)]


def check(sessions: Sessions, sql: str, start: datetime, end: datetime) -> float:
    """A dry run. How many events it counts; raises `Refused` with what PostgreSQL says."""
    with transaction(sessions, "PostgreSQL (reporting)") as session:
        return sum(total for _, total in _run(session, check_text(sql), start, end).values())


def _run(session: Session, sql: str, start: datetime, end: datetime) -> dict[datetime, tuple[float, float]]:
    """Good and total by five minutes, in a transaction that can only read and ends in time."""
    session.execute(text("SET TRANSACTION READ ONLY"))
    session.execute(select(func.set_config("statement_timeout", f"{STATEMENT_SECONDS}s", True)))
    # Inside of another SELECT nothing but a query can stand; the line break ends a comment at its end.
    wrapped = f"SELECT bucket, good, total FROM (\n{sql}\n) AS facts LIMIT {MOST_ROWS}"  # noqa: S608 # nosec B608
    # nosemgrep: avoid-sqlalchemy-text # theirs, as it is meant to be: read only, by a role that sees views
    asked = text(wrapped)
    try:
        rows = session.execute(asked, {"start": start, "end": end}).all()
    except OperationalError as error:
        if "timeout" in str(error.orig):
            raise _refused(
                _l("It takes longer than %(seconds)s seconds.", seconds=STATEMENT_SECONDS)
            ) from error
        raise
    except (ProgrammingError, DBAPIError, StatementError) as error:
        raise _refused(_l("PostgreSQL says: %(why)s", why=_first_line(error))) from error
    found: dict[datetime, tuple[float, float]] = {}
    for bucket, good, total in rows:
        if not isinstance(bucket, datetime):
            raise _refused(_l("The column bucket must be a moment."))
        at = floor(bucket if bucket.tzinfo else bucket.replace(tzinfo=UTC))
        if start - BUCKET < at < end:
            had = found.get(at, (0.0, 0.0))
            found[at] = had[0] + _number(good), had[1] + _number(total)
    return found


def _number(value: Any) -> float:
    try:
        found = float(value or 0)
    except (TypeError, ValueError):
        found = math.nan
    if not math.isfinite(found) or found < 0:
        raise _refused(_l("The columns good and total must be counts."))
    return found


def _first_line(error: Exception) -> str:
    return str(getattr(error, "orig", error)).strip().splitlines()[0][:300]


def _refused(why: object) -> Refused:
    return Refused(_l("The SLO was not saved."), {"query": why})

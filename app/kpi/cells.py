"""Reads of sums by day, week and month. One statement a figure, so that what it shows is of one moment."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from app.kpi import calendar
from app.kpi.asking import Asked
from app.kpi.definitions import PEOPLE, TRAILING
from app.sql import statement

_SUMS = """
SELECT measure, date_trunc(:grain, start::timestamp)::date AS start, member, currency, sum(value) AS value
FROM kpi_cells
WHERE zone = :zone AND measure = ANY(:measures) AND dimension = :dimension AND grain = 'day'
  AND start BETWEEN :first AND :last {filters}
GROUP BY 1, 2, 3, 4"""

# People cannot be added up: of each bucket the number that was counted for it.
_PEOPLE = """
SELECT measure, start, member, currency, sum(value) AS value
FROM kpi_cells
WHERE zone = :zone AND measure = ANY(:measures) AND dimension = :dimension AND grain = :grain
  AND start BETWEEN :first AND :last {filters}
GROUP BY 1, 2, 3, 4"""

# What looks back counts for a bucket as it stood on its last day.
_TRAILING = """
SELECT measure, bucket AS start, member, currency, sum(value) AS value
FROM (
    SELECT *, date_trunc(:grain, start::timestamp)::date AS bucket,
           max(start) OVER (PARTITION BY measure, date_trunc(:grain, start::timestamp)) AS newest
    FROM kpi_cells
    WHERE zone = :zone AND measure = ANY(:measures) AND dimension = :dimension AND grain = 'day'
      AND start BETWEEN :first AND :last {filters}
) AS seen
WHERE start = newest
GROUP BY 1, 2, 3, 4"""


class Row(NamedTuple):
    measure: str
    start: date
    member: str
    currency: str  # "" of what is no money
    value: Decimal


def between(session: Session, asked: Asked) -> list[Row]:
    found: list[Row] = []
    for sums, measures in _statements(asked):
        rows = session.execute(sums, _values(asked, measures))
        found += [Row(row.measure, row.start, row.member, row.currency, row.value) for row in rows]
    return found


def _statements(asked: Asked) -> list[tuple[TextClause, list[str]]]:
    people = [name for name in asked.measures if name in PEOPLE and asked.grain != "day"]
    trailing = [name for name in asked.measures if name in TRAILING]
    sums = [name for name in asked.measures if name not in people and name not in trailing]
    every = ((_SUMS, sums), (_PEOPLE, people), (_TRAILING, trailing))
    return [(statement(words, filters=_filters(asked)), names) for words, names in every if names]


def _filters(asked: Asked) -> str:
    return " AND source = :source" if asked.source else ""


def _values(asked: Asked, measures: list[str]) -> dict[str, object]:
    values: dict[str, object] = {
        "zone": asked.zone,
        "measures": measures,
        "dimension": asked.dimension,
        "grain": asked.grain,
        "first": asked.first,
        "last": asked.last,
    }
    return values | ({"source": asked.source} if asked.source else {})


_COHORTS = """
SELECT measure, start, member, currency, sum(value) AS value
FROM kpi_cells
WHERE zone = :zone AND measure = ANY(:measures) AND dimension = 'cohort' AND grain = 'month'
  AND start BETWEEN :first AND :until AND member BETWEEN :from_cohort AND :to_cohort {filters}
GROUP BY measure, start, member, currency"""


def cohorts(session: Session, asked: Asked, until: date) -> list[Row]:
    """All months up to `until` of the cohorts that were asked for; a member is a month such as 2026-01."""
    values = _values(asked, list(asked.measures)) | {
        "until": until,
        "from_cohort": f"{asked.first:%Y-%m}",
        "to_cohort": f"{asked.last:%Y-%m}",
    }
    rows = session.execute(statement(_COHORTS, filters=_filters(asked)), values)
    return [Row(row.measure, row.start, row.member, row.currency, row.value) for row in rows]


_FIRST_USES = """
SELECT feature, count(*) AS uses,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM used.first_at - seen.first_at))
           AS median
FROM kpi_first_uses AS used JOIN kpi_visitors AS seen USING (source, visitor)
WHERE feature = ANY(:features) AND used.first_at >= :start AND used.first_at < :end
GROUP BY feature"""


def first_uses(
    session: Session, zone: str, first: date, last: date, features: list[str]
) -> dict[str, tuple[int, float | None]]:
    """By feature: how many browsers first used it on these days, and the median seconds since first seen."""
    span = {
        "features": features,
        "start": calendar.midnight(first, zone),
        "end": calendar.midnight(last + calendar.DAY, zone),
    }
    return {row.feature: (row.uses, row.median) for row in session.execute(text(_FIRST_USES), span)}

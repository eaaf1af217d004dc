"""Moments of what shoppers did after their first exposure. Reads the schema reporting alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.experiments.definition import DIMENSIONS
from app.experiments.metrics import DAYS_BEFORE, NUMBERS, PRODUCTS
from app.sql import statement

NAMES = (*NUMBERS, *(f"{first}*{second}" for first, second in PRODUCTS))
_SUMS = ",\n       ".join(f'coalesce(sum({name}), 0)::float8 AS "{name}"' for name in NAMES)

_WANTED = " AND ".join(
    f"(CAST(:{name}s AS text[]) IS NULL OR first[{at}] = ANY(:{name}s))"
    for at, name in enumerate(DIMENSIONS, start=2)
)

# One row a shopper. She counts from her first exposure at or after :start; orders count from then to :end.
# Who met several variants is kept apart under the variant ''. Nothing here needs its rows in order, so that a
# million of them can be summed in memory.
_SHOPPERS = """
WITH met AS (
    SELECT visitor_id, CASE WHEN min(variant) = max(variant) THEN min(variant) ELSE '' END AS variant,
           min(first_at) AS first_at, sum(pages) AS pages, sum(failed_pages) AS failed,
           sum(seconds) AS seconds,
           min(ARRAY[to_char(first_at AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS'), locale, country, device])
               AS first
    FROM reporting.exposures
    WHERE flag = :flag AND first_at >= :start AND first_at < :end
    GROUP BY visitor_id
), bought AS (
    SELECT visitor_id,
           count(*) FILTER (WHERE placed_at >= first_at) AS orders,
           sum(gross_cents - discount_cents) FILTER (WHERE placed_at >= first_at) AS revenue,
           count(*) FILTER (WHERE placed_at < first_at) AS orders_before,
           sum(gross_cents - discount_cents) FILTER (WHERE placed_at < first_at) AS revenue_before
    FROM reporting.orders JOIN met USING (visitor_id)
    WHERE paid_at IS NOT NULL AND placed_at < :end
      AND placed_at >= CAST(:start AS timestamptz) - interval '{days} days'
      AND placed_at >= first_at - interval '{days} days'
    GROUP BY visitor_id
), shopper AS (
    SELECT variant, first[2] AS locale, first[3] AS country, first[4] AS device,
           (coalesce(orders, 0) > 0)::int::float8 AS bought, coalesce(orders, 0)::float8 AS orders,
           coalesce(revenue, 0)::float8 AS revenue, pages::float8 AS pages, failed::float8 AS failed, seconds,
           (coalesce(orders_before, 0) > 0)::int::float8 AS bought_before,
           coalesce(revenue_before, 0)::float8 AS revenue_before
    FROM met LEFT JOIN bought USING (visitor_id)
    WHERE {wanted}
)"""
_PARTS = {"shoppers": _SHOPPERS.format(days=DAYS_BEFORE, wanted=_WANTED), "sums": _SUMS}

COUNTS = statement(
    """{shoppers}
SELECT variant, CASE grouping(locale, country, device) WHEN 3 THEN 'locale' WHEN 5 THEN 'country'
                WHEN 6 THEN 'device' ELSE '' END AS dimension,
       coalesce(locale, country, device, '') AS value, count(*) AS n,
       {sums}
FROM shopper
GROUP BY GROUPING SETS ((variant), (variant, locale), (variant, country), (variant, device))""",
    **_PARTS,
)

_BASELINE = statement("{shoppers}\nSELECT count(*) AS n,\n       {sums}\nFROM shopper", **_PARTS)

# Without a flag: whoever was in the shop, by her first event; pages are not timed there.
_OF_ALL = statement(
    """
WITH met AS (
    SELECT visitor_id, min(at) AS first_at FROM reporting.usage_events
    WHERE at >= :start AND at < :end GROUP BY visitor_id
), shopper AS (
    SELECT (count(order_id) > 0)::int::float8 AS bought, count(order_id)::float8 AS orders,
           coalesce(sum(gross_cents - discount_cents), 0)::float8 AS revenue, 0::float8 AS pages,
           0::float8 AS failed, 0::float8 AS seconds, 0::float8 AS bought_before, 0::float8 AS revenue_before
    FROM met LEFT JOIN reporting.orders
      ON orders.visitor_id = met.visitor_id AND paid_at IS NOT NULL AND placed_at >= first_at
     AND placed_at >= :start AND placed_at < :end
    GROUP BY met.visitor_id
)
SELECT count(*) AS n,
       {sums}
FROM shopper""",
    sums=_SUMS,
)

# Counting is a job's work, not a page's: it may take longer, and room to do it in memory.
_ROOM = text("SELECT set_config('work_mem', '64MB', true), set_config('statement_timeout', '60s', true)")

_FLAGS = text(
    "SELECT DISTINCT flag FROM reporting.exposures WHERE first_at >= :start AND first_at < :end ORDER BY flag"
)


@dataclass(frozen=True)
class Count:
    variant: str  # "": met several
    dimension: str  # "": all
    value: str
    n: int
    sums: Mapping[str, float]


def count(
    reporting: Session, flag: str, start: datetime, end: datetime, filters: Mapping[str, Sequence[str]]
) -> list[Count]:
    """Exposures with start <= first_at < end, and what those shoppers did until `end`."""
    reporting.execute(_ROOM)
    rows = reporting.execute(COUNTS, _arguments(flag, start, end, filters)).mappings()
    return [Count(row["variant"], row["dimension"], row["value"], row["n"], _sums(dict(row))) for row in rows]


def baseline(reporting: Session, flag: str, start: datetime, end: datetime) -> tuple[int, dict[str, float]]:
    """Shoppers and sums of a flag, or with "" of the whole shop."""
    reporting.execute(_ROOM)
    if flag:
        row = reporting.execute(_BASELINE, _arguments(flag, start, end, {})).mappings().one()
    else:
        row = reporting.execute(_OF_ALL, {"start": start, "end": end}).mappings().one()
    return row["n"], _sums(dict(row))


def flags_met(reporting: Session, start: datetime, end: datetime) -> list[str]:
    return list(reporting.scalars(_FLAGS, {"start": start, "end": end}))


def _arguments(
    flag: str, start: datetime, end: datetime, filters: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    wanted = {f"{name}s": list(filters[name]) if filters.get(name) else None for name in DIMENSIONS}
    return {"flag": flag, "start": start, "end": end, **wanted}


def _sums(row: Mapping[Any, Any]) -> dict[str, float]:
    return {name: float(row[name]) for name in NAMES}

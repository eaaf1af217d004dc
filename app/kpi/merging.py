"""Facts that were read become rows: what is new or different is written, and its days are marked as due.

Every statement is set-based over the stages, which hold what was read and last as long as the transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from app.sql import statement

MANY = 10_000  # rows at once, after which plans need to know of them
STAGES = """
CREATE TEMP TABLE IF NOT EXISTS stage_orders (
    source text, order_id text, customer text, ordered_at timestamptz, currency text,
    gross_cents numeric(20, 4), discount_cents numeric(20, 4), shipping_cents numeric(20, 4),
    tax_cents numeric(20, 4), units numeric(20, 4), locale text, country text, device text, flags jsonb,
    is_demo boolean, placed_at timestamptz
) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS stage_parts (
    source text, order_id text, category text, gross_cents numeric(20, 4), units numeric(20, 4)
) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS stage_refunds (
    source text, refund_id text, order_id text, customer text, refunded_at timestamptz, currency text,
    goods_cents numeric(20, 4), shipping_cents numeric(20, 4), locale text, country text, device text,
    flags jsonb
) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS stage_sessions (
    visitor bigint, began_at timestamptz, ended_at timestamptz, account bigint, depth smallint,
    is_completed boolean, kinds jsonb, locale text, country text, device text, flags jsonb, is_demo boolean
) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS touched (at timestamptz) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS touched_customers (customer text) ON COMMIT DROP
"""

ORDER_COLUMNS = """customer, ordered_at, currency, gross_cents, discount_cents, shipping_cents, tax_cents,
    units, locale, country, device, flags, is_demo"""
REFUND_COLUMNS = """order_id, customer, refunded_at, currency, goods_cents, shipping_cents, locale, country,
    device, flags"""
SESSION_COLUMNS = """visitor, began_at, ended_at, account, depth, is_completed, kinds, locale, country,
    device, flags, is_demo"""


def _of(row: str, columns: str) -> str:
    return ", ".join(f"{row}.{name.strip()}" for name in columns.split(","))


_PARTS = "array_agg((category, gross_cents, units)::text ORDER BY category) AS parts"
_ORDERS_TOUCH = statement(
    """
WITH parts AS (SELECT source, order_id, {parts} FROM stage_parts GROUP BY source, order_id),
old_parts AS (
    SELECT source, order_id, {parts} FROM kpi_order_parts
    WHERE (source, order_id) IN (SELECT source, order_id FROM stage_orders) GROUP BY source, order_id
), changed AS (
    SELECT old.ordered_at AS before, new.ordered_at AS after, old.customer AS who, new.customer AS who_now
    FROM stage_orders AS new
    LEFT JOIN kpi_orders AS old USING (source, order_id)
    LEFT JOIN parts USING (source, order_id) LEFT JOIN old_parts USING (source, order_id)
    WHERE old.order_id IS NULL OR parts.parts IS DISTINCT FROM old_parts.parts
       OR ({old}) IS DISTINCT FROM ({new})
), people AS (
    INSERT INTO touched_customers
    SELECT who FROM changed WHERE who IS NOT NULL UNION SELECT who_now FROM changed WHERE who_now IS NOT NULL
)
INSERT INTO touched SELECT before FROM changed WHERE before IS NOT NULL UNION ALL SELECT after FROM changed
""",
    parts=_PARTS,
    old=_of("old", ORDER_COLUMNS),
    new=_of("new", ORDER_COLUMNS),
)

_REFUNDS_TOUCH = statement(
    """
INSERT INTO touched
SELECT moment
FROM stage_refunds AS new LEFT JOIN kpi_refunds AS old USING (source, refund_id)
CROSS JOIN LATERAL (VALUES (old.refunded_at), (new.refunded_at)) AS both_of (moment)
WHERE moment IS NOT NULL
  AND (old.refund_id IS NULL
       OR ({old}) IS DISTINCT FROM ({new}))
""",
    old=_of("old", REFUND_COLUMNS),
    new=_of("new", REFUND_COLUMNS),
)


_UPSERT = """
INSERT INTO {table} ({key}, {columns}) SELECT {key}, {columns} FROM {stage}
ON CONFLICT ({key}) DO UPDATE SET ({columns}) = ({new}) WHERE ({old}) IS DISTINCT FROM ({new})
"""


def _upsert(table: str, stage: str, key: str, columns: str) -> TextClause:
    parts = {"table": table, "stage": stage, "key": key, "columns": columns}
    return statement(_UPSERT, new=_of("EXCLUDED", columns), old=_of(table, columns), **parts)


_WRITE_ORDERS = (
    _upsert("kpi_orders", "stage_orders", "source, order_id", ORDER_COLUMNS),
    text("""
DELETE FROM kpi_order_parts AS part USING stage_orders AS new
WHERE part.source = new.source AND part.order_id = new.order_id
  AND NOT EXISTS (SELECT FROM stage_parts AS kept WHERE kept.order_id = part.order_id
                  AND kept.category = part.category)
"""),
    _upsert("kpi_order_parts", "stage_parts", "source, order_id, category", "gross_cents, units"),
    _upsert("kpi_refunds", "stage_refunds", "source, refund_id", REFUND_COLUMNS),
)

# Whose first order moved: all their orders, for each counts as that of a new or a returning customer.
_FIRSTS = """
WITH now_first AS (
    SELECT touched_customers.customer, min(ordered_at) AS first_at
    FROM (SELECT DISTINCT customer FROM touched_customers) AS touched_customers
    LEFT JOIN kpi_orders AS one ON one.source = :source AND one.customer = touched_customers.customer
    GROUP BY touched_customers.customer
), moved AS (
    SELECT now_first.customer, now_first.first_at
    FROM now_first
    LEFT JOIN kpi_customers AS old ON old.source = :source AND old.customer = now_first.customer
    WHERE now_first.first_at IS DISTINCT FROM old.first_at
), gone AS (
    DELETE FROM kpi_customers AS old USING moved
    WHERE old.source = :source AND old.customer = moved.customer AND moved.first_at IS NULL
), written AS (
    INSERT INTO kpi_customers (source, customer, first_at)
    SELECT :source, customer, first_at FROM moved WHERE first_at IS NOT NULL
    ON CONFLICT (source, customer) DO UPDATE SET first_at = EXCLUDED.first_at
), refunds AS (
    INSERT INTO touched
    SELECT refunded_at FROM kpi_refunds JOIN moved USING (customer) WHERE source = :source
)
INSERT INTO touched
SELECT ordered_at FROM kpi_orders JOIN moved USING (customer) WHERE source = :source
"""

_DUE = """
INSERT INTO kpi_due (zone, day)
SELECT DISTINCT zone, (at AT TIME ZONE zone)::date
FROM (SELECT DISTINCT date_bin('15 minutes', at, 'epoch'::timestamptz) AS at FROM touched) AS moments
CROSS JOIN kpi_zones
ON CONFLICT DO NOTHING
"""

_SESSIONS_CHANGED = statement(
    """
CREATE TEMP TABLE changed_sessions ON COMMIT DROP AS
WITH old AS (
    SELECT {columns} FROM kpi_sessions
    WHERE source = :source AND began_at >= :start AND began_at < :end
), new AS (SELECT {columns} FROM stage_sessions)
SELECT false AS is_new, gone.* FROM (SELECT * FROM old EXCEPT SELECT * FROM new) AS gone
UNION ALL
SELECT true, came.* FROM (SELECT * FROM new EXCEPT SELECT * FROM old) AS came
""",
    columns=SESSION_COLUMNS,
)

_SESSIONS_TOUCH = """
INSERT INTO touched
SELECT began_at FROM changed_sessions UNION ALL SELECT ended_at FROM changed_sessions
UNION ALL
SELECT seen.first_at
FROM kpi_visitors AS seen
JOIN (SELECT visitor, min(began_at) AS first_at FROM changed_sessions WHERE is_new GROUP BY visitor) AS new
  USING (visitor)
WHERE seen.source = :source AND new.first_at < seen.first_at
"""

_SESSIONS_WRITE = (
    text("""
DELETE FROM kpi_sessions AS old USING changed_sessions AS gone
WHERE NOT gone.is_new AND old.source = :source AND old.visitor = gone.visitor AND old.began_at = gone.began_at
"""),
    statement(
        """
INSERT INTO kpi_sessions (source, {columns})
SELECT :source, {columns} FROM changed_sessions WHERE is_new
""",
        columns=SESSION_COLUMNS,
    ),
    text("""
INSERT INTO kpi_visitors (source, visitor, first_at)
SELECT :source, visitor, min(began_at) FROM changed_sessions WHERE is_new GROUP BY visitor
ON CONFLICT (source, visitor) DO UPDATE SET first_at = EXCLUDED.first_at
WHERE EXCLUDED.first_at < kpi_visitors.first_at
"""),
    text("""
INSERT INTO kpi_first_uses (source, visitor, feature, first_at)
SELECT :source, visitor, feature, first_at
FROM (
    SELECT visitor, feature, min(at) AS first_at
    FROM changed_sessions
    CROSS JOIN LATERAL (
        SELECT key, began_at + value::integer * interval '1 second' FROM jsonb_each_text(kinds)
        WHERE key <> 'page_view'
        UNION ALL
        SELECT key || ':' || value, began_at FROM jsonb_each_text(flags)
    ) AS used (feature, at)
    WHERE is_new
    GROUP BY visitor, feature
) AS new
WHERE NOT EXISTS (
    SELECT FROM kpi_first_uses AS known
    WHERE known.source = :source AND known.visitor = new.visitor AND known.feature = new.feature
      AND known.first_at <= new.first_at
)
ON CONFLICT (source, visitor, feature) DO UPDATE SET first_at = EXCLUDED.first_at
WHERE EXCLUDED.first_at < kpi_first_uses.first_at
"""),
)
_SESSIONS_CLEAR = (text("TRUNCATE stage_sessions"), text("DROP TABLE changed_sessions"))


_NEW_SESSIONS = "SELECT count(*), min(began_at), max(ended_at) FROM changed_sessions WHERE is_new"


def orders(session: Session, source: str) -> dict[str, int]:
    """Take in the stages of orders, their parts and refunds; answers how many were new or different."""
    for touch in (_ORDERS_TOUCH, _REFUNDS_TOUCH):
        session.execute(touch)
    orders, _, parts, refunds = (_count(session, write) for write in _WRITE_ORDERS)
    session.execute(text(_FIRSTS), {"source": source})
    if orders >= MANY:
        session.execute(text("ANALYZE kpi_orders, kpi_order_parts, kpi_refunds, kpi_customers"))
    _mark_due(session)
    session.execute(text("TRUNCATE stage_orders, stage_parts, stage_refunds, touched_customers"))
    return {"orders": orders, "parts": parts, "refunds": refunds}


def _count(session: Session, write: TextClause) -> int:
    return int(session.execute(write).rowcount)  # type: ignore[attr-defined]


def sessions(session: Session, source: str, span: Mapping[str, object]) -> tuple[datetime, datetime] | None:
    """Take in the staged sessions, which are all that began within the span.

    Answers when the first of the new ones began and the last one ended; None where there are none.
    """
    values = {"source": source, **span}
    session.execute(_SESSIONS_CHANGED, values)
    session.execute(text("ANALYZE changed_sessions"))
    session.execute(text(_SESSIONS_TOUCH), {"source": source})
    count, first, last = session.execute(text(_NEW_SESSIONS)).one()
    for write in _SESSIONS_WRITE:
        session.execute(write, {"source": source})
    for clear in _SESSIONS_CLEAR:
        session.execute(clear)
    if count >= MANY:
        session.execute(text("ANALYZE kpi_sessions, kpi_visitors, kpi_first_uses"))
    _mark_due(session)
    return (first, last) if count else None


def _mark_due(session: Session) -> None:
    session.execute(text(_DUE))
    session.execute(text("TRUNCATE touched"))

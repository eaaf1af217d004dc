"""Shoppers of both sides, from the shop's usage events and orders. Reads the schema reporting alone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.experiments.moments import Sample
from app.rollouts.guards import Facts

# Who met several variants belongs to no side. An order counts when the flag was met before it was placed.
# Orders are looked up for each shopper by their index: joined, a database without fresh statistics compares
# each with each.
_SIDES = text("""
    WITH met AS MATERIALIZED (
        SELECT visitor_id, min(flags ->> :flag) AS variant, min(at) AS first_at,
               bool_or(kind = 'checkout_start') AS was_at_checkout
        FROM reporting.usage_events
        WHERE at >= :start AND at < :end AND jsonb_exists(flags, :flag)
        GROUP BY visitor_id
        HAVING count(DISTINCT flags ->> :flag) = 1
    ), fared AS MATERIALIZED (
        SELECT variant, was_at_checkout,
               (SELECT sum(orders.total_cents)::float8 FROM reporting.orders AS orders
                WHERE orders.visitor_id = met.visitor_id AND orders.placed_at >= met.first_at
                  AND orders.placed_at >= :start AND orders.placed_at < :end
                  AND orders.status IN ('paid', 'confirmed')) AS cents
        FROM met
    )
    SELECT variant <> 'off' AS treated,
           count(*) AS shoppers,
           count(cents) AS buyers,
           coalesce(sum(cents), 0) AS cents,
           coalesce(sum(cents ^ 2), 0) AS squares,
           count(*) FILTER (WHERE was_at_checkout) AS at_checkout,
           count(cents) FILTER (WHERE was_at_checkout) AS bought_there
    FROM fared
    GROUP BY 1
""")


def sides(reporting: Session, flag: str, start: datetime, end: datetime) -> tuple[Facts, Facts]:
    """Treated and control, start <= at < end."""
    found = {
        row.treated: row for row in reporting.execute(_SIDES, {"flag": flag, "start": start, "end": end})
    }
    return _facts(found.get(True)), _facts(found.get(False))


def _facts(row: object) -> Facts:
    if row is None:
        return Facts()
    told = row._asdict()  # type: ignore[attr-defined]
    return Facts(
        shoppers=told["shoppers"],
        orders=Sample(told["shoppers"], float(told["buyers"])),
        revenue=Sample(told["shoppers"], told["cents"], told["squares"]),
        checkout=Sample(told["at_checkout"], float(told["bought_there"])),
    )


_PREVIEW = text("""
    SELECT count(DISTINCT visitor_id) AS everybody,
           count(DISTINCT visitor_id) FILTER (
               WHERE (:locales = '' OR locale = ANY (string_to_array(:locales, ',')))
                 AND (:countries = '' OR country = ANY (string_to_array(:countries, ',')))
                 AND (:devices = '' OR device = ANY (string_to_array(:devices, ',')))
                 AND (:customer = '' OR (user_id IS NULL) = (:customer = 'guest'))
           ) AS matching
    FROM reporting.usage_events
    WHERE at >= :start AND at < :end
""")


def matching(reporting: Session, audience: dict[str, str], start: datetime, end: datetime) -> tuple[int, int]:
    """Different shoppers of a time who match an audience (lists joined by commas), and all of them."""
    row = reporting.execute(_PREVIEW, {**audience, "start": start, "end": end}).one()
    return row.matching, row.everybody

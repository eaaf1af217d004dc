"""What the shop's reporting views say about days. Reads only."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kpi.measures import Facts

# Shown on the page of each KPI, word for word. :start and :end are midnights, UTC.
SQL = {
    "orders": """
SELECT day, sum(orders) AS orders, sum(revenue_cents) AS revenue_cents, sum(goods_cents) AS goods_cents
FROM (
    SELECT (paid_at AT TIME ZONE 'UTC')::date AS day, count(*) AS orders,
           sum(total_cents) AS revenue_cents, sum(gross_cents - discount_cents) AS goods_cents
    FROM reporting.orders
    WHERE paid_at >= :start AND paid_at < :end
    GROUP BY 1
    UNION ALL
    SELECT (refund.settled_at AT TIME ZONE 'UTC')::date, 0, -sum(refund.amount_cents), 0
    FROM reporting.payments AS refund
    JOIN reporting.orders USING (order_id)
    WHERE refund.outcome = 'refunded' AND orders.paid_at IS NOT NULL
      AND refund.settled_at >= :start AND refund.settled_at < :end
    GROUP BY 1
) AS booked
GROUP BY day""",
    "sessions": """
SELECT (began AT TIME ZONE 'UTC')::date AS day, count(*) AS sessions,
       count(*) FILTER (WHERE bought.session_id IS NOT NULL) AS sessions_with_order
FROM (
    SELECT session_id, min(at) AS began
    FROM reporting.usage_events
    WHERE at >= CAST(:start AS timestamptz) - interval '1 day' AND at < :end
    GROUP BY session_id
) AS visit
LEFT JOIN (
    SELECT DISTINCT session_id
    FROM reporting.orders
    WHERE paid_at IS NOT NULL AND placed_at >= CAST(:start AS timestamptz) - interval '1 day'
) AS bought USING (session_id)
WHERE began >= :start
GROUP BY 1""",
    "active_users": """
SELECT day, count(DISTINCT user_id) + count(*) FILTER (WHERE user_id IS NULL) AS active_users
FROM (
    SELECT (at AT TIME ZONE 'UTC')::date AS day, visitor_id, max(user_id) AS user_id
    FROM reporting.usage_events
    WHERE at >= :start AND at < :end
    GROUP BY 1, 2
) AS seen
GROUP BY day""",
}

_FIRST = text(
    "SELECT least((SELECT min(paid_at) FROM reporting.orders), (SELECT min(at) FROM reporting.usage_events))"
)


def first_day(reporting: Session) -> date | None:
    """The day of the first fact; None while there is none."""
    first = reporting.scalar(_FIRST)
    return first.astimezone(UTC).date() if first else None


def by_day(reporting: Session, first: date, last: date) -> dict[date, Facts]:
    """Facts of every day from `first` to `last`. The shop answered: a day without rows is a day of zeros."""
    span = {"start": _midnight(first), "end": _midnight(last + timedelta(days=1))}
    found: dict[date, dict[str, int]] = {
        first + timedelta(days=index): {} for index in range((last - first).days + 1)
    }
    for query in SQL.values():
        for row in reporting.execute(text(query), span).mappings():
            found[row["day"]] |= {name: int(value) for name, value in row.items() if name != "day"}
    return {day: Facts(**counted) for day, counted in found.items()}


_DEMO = text("""
    SELECT (paid_at AT TIME ZONE 'UTC')::date AS day
    FROM reporting.orders WHERE is_demo AND paid_at >= :start AND paid_at < :end
    UNION
    SELECT (at AT TIME ZONE 'UTC')::date
    FROM reporting.usage_events WHERE is_demo AND at >= :start AND at < :end
""")


def demo_days(reporting: Session, first: date, last: date) -> set[date]:
    """Days among whose facts are made-up ones."""
    span = {"start": _midnight(first), "end": _midnight(last + timedelta(days=1))}
    return set(reporting.scalars(_DEMO, span))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)

"""All figures anew from the facts that are kept, and made-up facts taken away."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

_FORGET_DEMO = (
    """DELETE FROM kpi_refunds AS refund USING kpi_orders AS made_up
       WHERE made_up.is_demo AND made_up.source = refund.source AND made_up.order_id = refund.order_id""",
    """DELETE FROM kpi_order_parts AS part USING kpi_orders AS made_up
       WHERE made_up.is_demo AND made_up.source = part.source AND made_up.order_id = part.order_id""",
    "DELETE FROM kpi_orders WHERE is_demo",
    "DELETE FROM kpi_sessions WHERE is_demo",
    """DELETE FROM kpi_customers AS gone WHERE NOT EXISTS (
       SELECT FROM kpi_orders AS one WHERE one.source = gone.source AND one.customer = gone.customer)""",
    """DELETE FROM kpi_visitors AS gone WHERE NOT EXISTS (
       SELECT FROM kpi_sessions AS one WHERE one.source = gone.source AND one.visitor = gone.visitor)""",
    """DELETE FROM kpi_first_uses AS gone WHERE NOT EXISTS (
       SELECT FROM kpi_sessions AS one WHERE one.source = gone.source AND one.visitor = gone.visitor)""",
)
_ENDS = """
UPDATE kpi_loads SET (first_at, last_at) = (
    SELECT min(began_at), max(ended_at) FROM kpi_sessions WHERE kpi_sessions.source = kpi_loads.source)
WHERE fact = 'events'"""


def recompute(session: Session) -> None:
    """The next run of kpi.daily computes every day of every zone."""
    session.execute(text("DELETE FROM kpi_cells"))
    session.execute(text("DELETE FROM kpi_people"))
    session.execute(text("UPDATE kpi_zones SET computed_at = NULL"))
    session.execute(text("DELETE FROM kpi_days"))


def forget_demo(session: Session) -> None:
    """Made-up orders and visits go, and everything that was computed of them."""
    for statement in (*_FORGET_DEMO, _ENDS):
        session.execute(text(statement))
    recompute(session)

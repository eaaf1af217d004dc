"""What shoppers met and did, from the shop's usage events. Reads the schema reporting alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.experiments.arms import Arm

# A shopper counts from the first event that carries the flag; an order counts when it came then or later.
# Who met several variants belongs to none of them and is counted apart.
_ARMS = text("""
    WITH met AS (
        SELECT visitor_id, min(flags ->> :flag) AS variant, min(at) AS first_at,
               count(DISTINCT flags ->> :flag) AS variants
        FROM reporting.usage_events
        WHERE at >= :start AND at < :end AND jsonb_exists(flags, :flag)
        GROUP BY visitor_id
    ), bought AS (
        SELECT visitor_id, max(at) AS last_at
        FROM reporting.usage_events
        WHERE at >= :start AND at < :end AND kind = 'order_complete'
        GROUP BY visitor_id
    )
    SELECT CASE WHEN met.variants = 1 THEN met.variant END AS variant,
           count(*) AS exposures,
           count(*) FILTER (WHERE bought.last_at >= met.first_at) AS converted
    FROM met LEFT JOIN bought USING (visitor_id)
    GROUP BY 1
    ORDER BY 1
""")


@dataclass(frozen=True)
class Counted:
    arms: tuple[Arm, ...]  # by the name of their variant
    mixed: int  # shoppers who met several variants: left out of all arms


def count_arms(reporting: Session, flag: str, start: datetime, end: datetime) -> Counted:
    rows = reporting.execute(_ARMS, {"flag": flag, "start": start, "end": end}).all()
    arms = tuple(Arm(row.variant, row.exposures, row.converted) for row in rows if row.variant is not None)
    return Counted(arms, sum(row.exposures for row in rows if row.variant is None))

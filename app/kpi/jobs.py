"""Scheduled work: facts come in, days become figures, and what the shop is doing right now."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from redis.exceptions import RedisError
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from app.db import transaction
from app.errors import Unavailable
from app.kpi import calendar, coverage, points, rollups
from app.kpi.gather import gather
from app.kpi.models import KpiDay, KpiLoad, KpiZone
from app.series import store

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.sources import Sources

VISITORS = "shop:live:visitors"
VISITOR_SECONDS = 300
ORDERS = "shop:live:orders:"
REVENUE_CENTS = "shop:live:revenue_cents:"
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(7340010)"


def daily(session: Session, now: datetime, sources: Sources) -> str:
    """Read what the sources recorded, and compute each day that this changes. Twice gives the same points."""
    session.execute(text(ONE_AT_A_TIME))
    zone = sources.config.kpi_time_zone
    coverage.ask_for(session, zone, now)
    with transaction(sources.reporting, "PostgreSQL (reporting)") as reporting:
        gather(session, reporting, now)
    first_at = session.scalar(select(func.min(KpiLoad.first_at)))
    if first_at is None:
        return "the shop has no facts yet"
    computed = {one: rollups.roll(session, one, now) for one in session.scalars(select(KpiZone.zone))}
    days = _to_show(session, computed[zone], calendar.day_of(first_at, zone), calendar.day_of(now, zone))
    points.record(session, days, zone, sources.config.kpi_currency)
    _note(session, days, zone, now)
    return f"{len(days)} days computed, from {days[0]} to {days[-1]}, in {len(computed)} time zones"


def _to_show(session: Session, computed: list[date], first: date, today: date) -> list[date]:
    """Days whose points are written: the computed ones, and those that were never or not wholly shown."""
    rows = session.execute(select(KpiDay.day, KpiDay.computed_at))
    shown = {row.day for row in rows if row.computed_at.date() > row.day + timedelta(days=1)}
    return sorted({*computed, *(day for day in calendar.days(first, today) if day not in shown)})


def _note(session: Session, days: list[date], zone: str, now: datetime) -> None:
    span = {"zone": zone, "days": days}
    demo = set(session.scalars(text(_DEMO_DAYS), span))
    for day in days:
        columns = {"computed_at": now, "is_demo": day in demo}
        row = insert(KpiDay).values(day=day, **columns)
        session.execute(row.on_conflict_do_update(index_elements=["day"], set_=columns))


_DEMO_DAYS = """
SELECT DISTINCT (at AT TIME ZONE :zone)::date AS day
FROM (SELECT began_at FROM kpi_sessions WHERE is_demo UNION ALL
      SELECT ordered_at FROM kpi_orders WHERE is_demo) AS made_up (at)
WHERE (at AT TIME ZONE :zone)::date = ANY(:days)"""


def live(session: Session, now: datetime, sources: Sources) -> str:
    """Record what the shop counts in Redis: visitors of the last five minutes, orders and revenue today."""
    day = f"{now.astimezone(UTC):%Y-%m-%d}"
    try:
        visitors = int(sources.redis.zcount(VISITORS, now.timestamp() - VISITOR_SECONDS, "+inf"))
        orders, revenue_cents = sources.redis.mget(ORDERS + day, REVENUE_CENTS + day)
    except RedisError as error:
        raise Unavailable("Redis does not answer", "Redis") from error
    store.record(session, "live.visitors", [(now, visitors)])
    store.record(session, "live.orders_today", [(now, int(orders or 0))])
    store.record(session, "live.revenue_today_cents", [(now, int(revenue_cents or 0))])
    return f"{visitors} visitors, {int(orders or 0)} orders today"

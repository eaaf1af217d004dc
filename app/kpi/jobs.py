"""Scheduled work: facts come in, days become figures, and what the shop is doing right now."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from redis.exceptions import RedisError
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from app.db import transaction
from app.errors import Unavailable
from app.kpi import coverage, erasing, partitions, points, rollups, speed
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
    speeds = [_read_speed(session, one, now, sources) for one in computed]
    days = _to_show(session, computed[zone], coverage.days(session, zone, now))
    points.record(session, days, zone, sources.config.kpi_currency)
    _note(session, days, zone, now)
    said = "" if all(speeds) else "; Prometheus does not answer, so nothing is known of speed"
    if not days:
        return f"nothing has changed{said}"
    return f"{len(days)} days computed, from {days[0]} to {days[-1]}, in {len(computed)} time zones{said}"


def _read_speed(session: Session, zone: str, now: datetime, sources: Sources) -> bool:
    """Whether Prometheus answered. Sales and visits do not wait for it."""
    try:
        speed.read(session, sources.prometheus, zone, now)
    except Unavailable:
        return False
    return True


def _to_show(session: Session, computed: list[date], known: set[date]) -> list[date]:
    """Days whose points are written: the computed ones, and those that were never or not wholly shown."""
    rows = session.execute(select(KpiDay.day, KpiDay.computed_at))
    shown = {row.day for row in rows if row.computed_at.date() > row.day + timedelta(days=1)}
    return sorted({*computed, *(known - shown)})


def _note(session: Session, days: list[date], zone: str, now: datetime) -> None:
    span = {"zone": zone, "days": days}
    demo = set(session.scalars(text(_DEMO_DAYS), span))
    if not days:
        return
    row = insert(KpiDay)
    same = {"computed_at": row.excluded.computed_at, "is_demo": row.excluded.is_demo}
    session.execute(
        row.on_conflict_do_update(index_elements=["day"], set_=same),
        [{"day": day, "computed_at": now, "is_demo": day in demo} for day in days],
    )


_DEMO_DAYS = """
SELECT DISTINCT (at AT TIME ZONE :zone)::date AS day
FROM (SELECT began_at FROM kpi_sessions WHERE is_demo UNION ALL
      SELECT ordered_at FROM kpi_orders WHERE is_demo) AS made_up (at)
WHERE (at AT TIME ZONE :zone)::date = ANY(:days)"""


def keep_partitions(session: Session, now: datetime, sources: Sources) -> str:
    """Months of imported usage events: those to come are made, old ones dropped. Figures stay."""
    made, gone = partitions.keep(session, now.astimezone(UTC).date(), sources.config.usage_keep_months)
    return f"{made} months made, {gone} dropped"


def fill_zones(session: Session, now: datetime, sources: Sources) -> str:
    """Compute the zones that somebody has asked for since kpi.daily last ran, so that nobody waits long."""
    if not session.scalar(text("SELECT pg_try_advisory_xact_lock(7340010)")):
        return "kpi.daily is running"
    new = session.scalars(select(KpiZone.zone).where(KpiZone.computed_at.is_(None))).all()
    for zone in new:
        rollups.roll(session, zone, now)
    return f"{len(new)} time zones filled"


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


def follow_erasures(session: Session, now: datetime, sources: Sources) -> str:
    """Whom the shop erased is nobody here either; figures stay."""
    session.execute(text(ONE_AT_A_TIME))
    with transaction(sources.reporting, "PostgreSQL (reporting)") as reporting:
        return f"{erasing.follow(session, reporting, now)} erasures followed"

"""Scheduled work: the figures of days, and what the shop is doing right now."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.db import transaction
from app.errors import Unavailable
from app.kpi import facts, measures
from app.kpi.models import KpiDay
from app.series import store

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.sources import Sources

# Events and payments may arrive late: today and the two days before are computed again and again.
AGAIN_DAYS = 3
LONGEST_STRETCH_DAYS = 31

VISITORS = "shop:live:visitors"
VISITOR_SECONDS = 300
ORDERS = "shop:live:orders:"
REVENUE_CENTS = "shop:live:revenue_cents:"


def daily(session: Session, now: datetime, sources: Sources) -> str:
    """Compute every day that is missing, unfinished or recent. Twice for one moment gives the same points."""
    today = now.astimezone(UTC).date()
    with transaction(sources.reporting, "PostgreSQL (reporting)") as reporting:
        first = facts.first_day(reporting)
        if first is None:
            return "the shop has no facts yet"
        days = measures.due(first, today, _computed(session), AGAIN_DAYS)
        found: dict[date, measures.Facts] = {}
        demo: set[date] = set()
        for start, end in measures.stretches(days, LONGEST_STRETCH_DAYS):
            found |= facts.by_day(reporting, start, end)
            demo |= facts.demo_days(reporting, start, end)
    _record(session, found, demo, now)
    return f"{len(found)} days computed, from {min(days)} to {max(days)}" if days else "no day is due"


def _computed(session: Session) -> dict[date, date]:
    rows = session.execute(select(KpiDay.day, KpiDay.computed_at))
    return {row.day: row.computed_at.astimezone(UTC).date() for row in rows}


def _record(session: Session, found: dict[date, measures.Facts], demo: set[date], now: datetime) -> None:
    points: dict[str, list[tuple[datetime, float | None]]] = {}
    for day, counted in found.items():
        at = datetime.combine(day, time(), UTC)
        for key, value in counted.figures().items():
            points.setdefault(key, []).append((at, value))
    for key, values in points.items():
        store.record(session, key, values)
    for day in found:
        columns = {"computed_at": now, "is_demo": day in demo}
        row = insert(KpiDay).values(day=day, **columns)
        session.execute(row.on_conflict_do_update(index_elements=["day"], set_=columns))


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

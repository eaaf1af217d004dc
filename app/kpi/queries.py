"""Reads, shaped for the pages and the exports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kpi import calendar
from app.kpi.definitions import Kpi
from app.kpi.measures import Period
from app.kpi.models import KpiDay, KpiTarget
from app.series import store
from app.series.glossary import GLOSSARY, Term
from app.sources import sources


@dataclass(frozen=True)
class Day:
    """One day of a KPI."""

    day: date
    value: float | None
    target: float | None
    is_partial: bool  # it was not over when it was computed
    is_demo: bool  # made-up facts are among those of the day


def term(kpi: Kpi) -> Term:
    return GLOSSARY[kpi.series]


def days(session: Session, kpi: Kpi, first: date, last: date) -> list[Day]:
    """Every day of the span, oldest first; a day without a figure has the value None."""
    values = _days(session, kpi.series, first, last)
    aims = targets(session, [kpi.key], first, last)[kpi.key]
    rows = _computed(session, first, last)
    span = Period(first, max(0, (last - first).days + 1))
    return [_day(day, values.get(day), aims[day], rows.get(day)) for day in span.dates()]


def _day(day: date, value: float | None, target: float | None, row: KpiDay | None) -> Day:
    is_partial = row is not None and row.computed_at.astimezone(UTC).date() <= day
    return Day(day, value, target, is_partial, row is not None and row.is_demo)


def _computed(session: Session, first: date, last: date) -> dict[date, KpiDay]:
    rows = session.scalars(select(KpiDay).where(KpiDay.day >= first, KpiDay.day <= last))
    return {row.day: row for row in rows}


def has_demo(session: Session, first: date, last: date) -> bool:
    """Whether made-up facts are among those of these days."""
    return any(row.is_demo for row in _computed(session, first, last).values())


def computed_at(session: Session) -> datetime | None:
    """When the newest day was last computed: the age of all figures."""
    return session.scalar(select(KpiDay.computed_at).order_by(KpiDay.day.desc()).limit(1))


def _days(session: Session, key: str, first: date, last: date) -> dict[date, float]:
    zone = sources().config.kpi_time_zone
    start, end = calendar.midnight(first, zone), calendar.midnight(last + timedelta(days=1), zone)
    return {calendar.day_of(point.at, zone): point.value for point in store.between(session, key, start, end)}


def target_on(session: Session, kpi: Kpi, day: date) -> float | None:
    return targets(session, [kpi.key], day, day)[kpi.key][day]


def targets(
    session: Session, keys: Sequence[str], first: date, last: date
) -> dict[str, dict[date, float | None]]:
    """The target of each KPI on each day: the newest that was set for that day or one before."""
    rows = session.execute(
        select(KpiTarget.kpi, KpiTarget.from_day, KpiTarget.value)
        .where(KpiTarget.kpi.in_(keys), KpiTarget.from_day <= last)
        .order_by(KpiTarget.from_day)
    ).all()
    found: dict[str, dict[date, float | None]] = {}
    for key in keys:
        steps = [(row.from_day, row.value) for row in rows if row.kpi == key]
        found[key] = {
            day: next((value for start, value in reversed(steps) if start <= day), None)
            for day in Period(first, max(0, (last - first).days + 1)).dates()
        }
    return found

"""The days of the shop's own zone as points of series, where alerts, costs and forecasts find them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from app.kpi import calendar, reading
from app.kpi.definitions import KPIS
from app.kpi.shapes import Bucket
from app.series import store

LONGEST_STRETCH_DAYS = 3_000
MOST_MEMBERS = 50  # of a group that gets series of its own
GROUPS = (("conversion", "kpi.conversion_by"), ("revenue", "kpi.revenue_by_cents"))
GROUPED_BY = ("locale", "variant")


def record(session: Session, days: list[date], zone: str, currency: str) -> None:
    """Points of these days at their midnights. Money in other currencies than the shop's makes no point."""
    wanted = set(days)
    for first, last in calendar.stretches(days, LONGEST_STRETCH_DAYS):
        for kpi in KPIS.values():
            read = reading.read(session, kpi, first, last, zone, currency=currency)
            for member in read.members:
                _record(session, kpi.series, member.buckets, wanted, zone, {})
                _record_parts(session, kpi.part, kpi.whole, member.buckets, wanted, zone)
        for key, series in GROUPS:
            for by in GROUPED_BY:
                read = reading.read(session, key, first, last, zone, by=by, currency=currency)
                for member in read.members[:MOST_MEMBERS]:
                    labels = {"dimension": by, "member": member.name}
                    _record(session, series, member.buckets, wanted, zone, labels)


def _record(
    session: Session,
    series: str,
    buckets: list[Bucket],
    wanted: set[date],
    zone: str,
    labels: dict[str, str],
) -> None:
    found: list[tuple[datetime, float | None]] = [
        (calendar.midnight(one.start, zone), one.value) for one in buckets if one.start in wanted
    ]
    store.record(session, series, found, labels)


def _record_parts(
    session: Session, part: str, whole: str, buckets: list[Bucket], wanted: set[date], zone: str
) -> None:
    """What a ratio divides, so that a longer time can divide the sums."""
    for series, value in ((part, "numerator"), (whole, "denominator")):
        if series:
            found = [
                (calendar.midnight(one.start, zone), getattr(one, value))
                for one in buckets
                if one.start in wanted
            ]
            store.record(session, series, found)

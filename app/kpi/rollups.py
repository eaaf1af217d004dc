"""Due days become cells. A day that is computed again gives the same cells while its facts are the same."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from app.kpi import calendar, copying, people, sums
from app.kpi.definitions import PEOPLE, TRAILING
from app.kpi.models import KpiDue, KpiLoad, KpiZone

LONGEST_STRETCH_DAYS = 92
BY_DAY = (
    sums.VISITS,
    sums.VISITS_BY_VARIANT,
    sums.ORDERS,
    sums.ORDERS_BY_VARIANT,
    sums.ORDERS_BY_CATEGORY,
)
OF_DAYS = (
    *("sessions", "completed_sessions", "funnel_cart", "funnel_checkout", "funnel_completed"),
    *("orders", "gross", "discounts", "shipping", "tax", "units"),
    *("refunds", "returns", "returned_shipping"),
)
OF_PEOPLE = (*PEOPLE, "feature_users")
OF_COHORTS = ("cohort_customers", "cohort_net")


def roll(session: Session, zone: str, now: datetime) -> list[date]:
    """Compute the days of the zone that are due; answers them, oldest first."""
    copying.make_room(session)
    today = calendar.day_of(now, zone)
    if session.scalar(select(KpiZone.computed_at).where(KpiZone.zone == zone)) is None:
        _all_due(session, zone, today)
    taken = delete(KpiDue).where(KpiDue.zone == zone, KpiDue.day <= today).returning(KpiDue.day)
    days = sorted(session.scalars(taken))
    for first, last in calendar.stretches(days, LONGEST_STRETCH_DAYS):
        _clear(session, zone, "day", first, last, OF_DAYS)
        for statement in BY_DAY:
            session.execute(text(statement), _span(zone, first, last))
    _people(session, zone, days, today)
    _distinct(session, zone, days)
    _trailing(session, zone, days, today)
    session.execute(update(KpiZone).where(KpiZone.zone == zone).values(computed_at=now))
    return days


def _all_due(session: Session, zone: str, today: date) -> None:
    """Every day from the first fact on."""
    first_at = session.scalar(select(func.min(KpiLoad.first_at)))
    if first_at is not None:
        first = {"zone": zone, "first": calendar.day_of(first_at, zone), "today": today}
        session.execute(text(_EVERY_DAY), first)


_EVERY_DAY = """
INSERT INTO kpi_due (zone, day)
SELECT DISTINCT :zone, day::date FROM (
    SELECT (began_at AT TIME ZONE :zone)::date FROM kpi_sessions
    UNION SELECT (ended_at AT TIME ZONE :zone)::date FROM kpi_sessions
    UNION SELECT (ordered_at AT TIME ZONE :zone)::date FROM kpi_orders
    UNION SELECT (refunded_at AT TIME ZONE :zone)::date FROM kpi_refunds
) AS facts (day)
WHERE day BETWEEN :first AND :today
ON CONFLICT DO NOTHING"""


def _people(session: Session, zone: str, days: list[date], today: date) -> None:
    """Whoever comes on a day was there more lately on the days after it, as far as that is told apart."""
    reached = {day + timedelta(days=ahead) for day in days for ahead in range(people.LONGEST_GAP_DAYS)}
    for first, last in calendar.stretches([day for day in reached if day <= today], LONGEST_STRETCH_DAYS):
        people.count(session, zone, first, last)


def _distinct(session: Session, zone: str, days: list[date]) -> None:
    """People of each day, week and month that a due day lies in."""
    for grain in calendar.GRAINS:
        buckets = sorted({calendar.start(day, grain) for day in days})
        for first, last in calendar.runs(buckets, grain, LONGEST_STRETCH_DAYS):
            _clear(session, zone, grain, first, last, OF_PEOPLE)
            span = _span(zone, first, last) | {"grain": grain}
            session.execute(text(sums.CUSTOMERS), span)
            session.execute(text(people.BUCKETS), span)
            if grain == "month":
                _clear(session, zone, grain, first, last, OF_COHORTS)
                session.execute(text(sums.COHORTS), _span(zone, first, last))


def _trailing(session: Session, zone: str, days: list[date], today: date) -> None:
    """A day counts in the 29 days after it too."""
    earliest = session.scalar(select(func.min(KpiLoad.first_at)).where(KpiLoad.fact == "events"))
    if earliest is None:
        return
    reached = {day + timedelta(days=ahead) for day in days for ahead in range(30)}
    for first, last in calendar.stretches([day for day in reached if day <= today], 10_000):
        _clear(session, zone, "day", first, last, tuple(TRAILING))
        span = _span(zone, first, last) | {"earliest": calendar.day_of(earliest, zone)}
        session.execute(text(people.TRAILING), span)


def _clear(
    session: Session, zone: str, grain: str, first: date, last: date, measures: tuple[str, ...]
) -> None:
    session.execute(
        text(
            "DELETE FROM kpi_cells WHERE zone = :zone AND grain = :grain AND start BETWEEN :first AND :last"
            " AND measure = ANY(:measures)"
        ),
        {"zone": zone, "grain": grain, "first": first, "last": last, "measures": list(measures)},
    )


def _span(zone: str, first: date, last: date) -> dict[str, object]:
    return {
        "zone": zone,
        "first": first,
        "last": last,
        "start": calendar.midnight(first, zone),
        "end": calendar.midnight(last + calendar.DAY, zone),
    }

"""What a review is made of: figures of series and of KPIs, and what stands on the timeline. Reads only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.kpi import growth, tile_queries
from app.kpi.definitions import KPIS
from app.kpi.measures import Period as Days
from app.kpi.selection import Selection
from app.reports.period import Period
from app.reports.report import Event, Figure, Section, worst_first
from app.series import store
from app.series.glossary import GLOSSARY
from app.timeline import queries as timeline
from app.timeline.models import TimelineEntry
from config import ControlPlaneConfig

MOST_EVENTS = 400
COSTS = (
    "cost.total_cents",
    "cost.per_active_user_cents",
    "cost.per_order_cents",
    "cost.per_thousand_requests_cents",
)
COUNTED_KINDS = ("incident", "alert", "deploy", "flag", "release", "maintenance")
USERS = ("monthly-active-users", "active-users")  # the first one that there is
GROWTH_DAYS = 7 * growth.WEEKS + growth.STEP_DAYS


@dataclass(frozen=True)
class House:
    """Whose days are the days of KPIs, and in what money they are."""

    zone: str
    currency: str


def house(config: ControlPlaneConfig) -> House:
    return House(config.kpi_time_zone, config.kpi_currency)


def sections(session: Session, period: Period, now: datetime, whose: House) -> list[Section]:
    return [
        Section("performance", worst_first(_performance(session, period))),
        Section("kpis", worst_first(_kpis(session, period, whose))),
        Section("cost", worst_first((*_cost(session, period), *_budgets(session, period)))),
        _operations(session, period, now),
        Section("growth", tuple(_growth(session, period, whose))),
    ]


@dataclass(frozen=True)
class Over:
    """A member of a series over a span of time."""

    mean: float
    last: float


_OVER = text("""
    SELECT series.labels ->> :label AS member, avg(point.value) AS mean,
           (array_agg(point.value ORDER BY point.at DESC))[1] AS last
      FROM series JOIN series_points AS point ON point.series_id = series.id
     WHERE series.key = :key AND point.at >= :start AND point.at < :end
     GROUP BY 1 ORDER BY 1
""")


def _over(session: Session, key: str, label: str, period: Period) -> dict[str, Over]:
    asked = {"key": key, "label": label, "start": period.start, "end": period.end}
    return {row.member: Over(row.mean, row.last) for row in session.execute(_OVER, asked)}


def _performance(session: Session, period: Period) -> Iterator[Figure]:
    before = period.before()
    # series, label, what is looked at, target
    for key, label, which, target in (
        ("slo.budget_left", "slo", "last", 0.0),
        ("slo.latency_p95", "slo", "mean", None),
        ("health.up", "part", "mean", None),
    ):
        now, then = (_over(session, key, label, one) for one in (period, before))
        term = GLOSSARY[key]
        unit = "ratio" if term.unit == "yes_no" else term.unit
        for member in sorted(now.keys() | then.keys()):
            yield Figure(
                key,
                member,
                unit,
                term.better,
                getattr(now[member], which) if member in now else None,
                getattr(then[member], which) if member in then else None,
                target,
                reason="" if member in now else "no data",
            )


def _chosen(now: Days, before: Days, whose: House) -> Selection:
    return Selection("custom", now, "weekdays", before, zone=whose.zone, currency=whose.currency)


def _kpis(session: Session, period: Period, whose: House) -> Iterator[Figure]:
    now = Days(period.first, (period.last - period.first).days + 1)
    chosen = _chosen(now, now.before(), whose)
    for tile in tile_queries.tiles(session, KPIS, chosen):
        is_known = tile.value.value is not None
        yield Figure(
            "kpi",
            tile.kpi.key,
            tile.term.unit,
            tile.term.better,
            tile.value.value,
            tile.before.value if tile.before.is_whole else None,
            tile.target,
            tile.verdict if tile.verdict != "unknown" else "",
            "no data" if not is_known else "" if tile.value.is_whole else "part",
            tile.currency,
        )


def _cost(session: Session, period: Period) -> Iterator[Figure]:
    before = period.before()
    for key in COSTS:
        known = {month: point.value for month, point in store.latest_by(session, key, "month").items()}
        adds_up = key == "cost.total_cents"
        value = _of_months(known, period, adds_up)
        yield Figure(
            key,
            period.months[-1] if not adds_up or period.kind == "week" else "",
            "cents",
            "down",
            value,
            None if period.kind == "week" else _of_months(known, before, adds_up),
            reason="" if value is not None else "no prices",
        )


def _budgets(session: Session, period: Period) -> Iterator[Figure]:
    """How much of each was used and is expected to be, as the last day of the period saw it."""
    for key in ("cost.budget_used", "cost.budget_forecast"):
        now, then = (_over(session, key, "budget", one) for one in (period, period.before()))
        for member, over in now.items():
            before = then[member].last if member in then else None
            yield Figure(key, member, "ratio", "down", over.last, before, target=1.0)


def _of_months(known: dict[str, float], period: Period, adds_up: bool) -> float | None:
    """A sum over the months of the period, all of which must be known; else the last one's figure."""
    months = period.months if adds_up and period.kind != "week" else period.months[-1:]
    found = [known.get(month) for month in months]
    there = [value for value in found if value is not None]
    return sum(there) if there and len(there) == len(found) else None


def _operations(session: Session, period: Period, now: datetime) -> Section:
    entries = timeline.between(session, period.start, period.end, MOST_EVENTS)
    then = timeline.between(session, period.before().start, period.before().end, MOST_EVENTS)
    first = session.scalar(select(TimelineEntry.at).order_by(TimelineEntry.at).limit(1))
    is_known = first is not None and first < period.end
    counts, counts_then = (Counter(entry.kind for entry in side) for side in (entries, then))
    figures = [
        Figure(
            f"events.{kind}",
            "",
            "count",
            "down" if kind in ("incident", "alert") else "none",
            counts[kind] if is_known else None,
            counts_then[kind] if first is not None and first < period.start else None,
            reason="" if is_known else "no data",
        )
        for kind in COUNTED_KINDS
    ]
    lasted = [
        (min(entry.ends_at or now, period.end) - max(entry.at, period.start)).total_seconds()
        for entry in entries
        if entry.kind == "incident"
    ]
    seconds = sum(lasted) if is_known else None
    figures.append(
        Figure(
            "events.incident_seconds", "", "seconds", "down", seconds, reason="" if is_known else "no data"
        )
    )
    told = [Event(entry.at.isoformat(), entry.kind, entry.title, entry.url) for entry in entries]
    return Section("operations", tuple(figures), tuple(told))


def _growth(session: Session, period: Period, whose: House) -> Iterator[Figure]:
    kpi = next((KPIS[key] for key in USERS if key in KPIS), None)
    if kpi is None:
        return
    first = period.last - timedelta(days=GROWTH_DAYS)
    now = Days(first, GROWTH_DAYS + 1)
    days = tile_queries.days(session, kpi, first, period.last, _chosen(now, now, whose))
    users = {day: found.value for day, found in days.items()}
    value, then = users.get(period.last), users.get(period.before().last)
    yield Figure(
        "growth.users", kpi.key, "count", "up", value, then, reason="" if value is not None else "no data"
    )
    if value is None:
        return
    phase = growth.phase_of(value)
    was = growth.phase_of(then).number if then is not None else None
    yield Figure("growth.phase", "", "count", "up", phase.number, was)
    if phase.to_users is not None:
        at = growth.crossing(users, phase.to_users)
        day = at.day if at else None
        reached = datetime.combine(day, time(), UTC).timestamp() if day else None
        yield Figure("growth.next", "", "unix_seconds", "none", reached, reason="" if day else "before")

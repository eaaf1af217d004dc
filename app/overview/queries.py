"""All that the first page shows, in five statements: no feature is asked, only what they recorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.audit.queries import Line, newest
from app.overview.verdict import Part, Slo
from app.series.glossary import SLO_STATES
from app.series.store import Point
from app.timeline import queries as timeline
from app.timeline.entry import Entry
from app.timeline.models import TimelineEntry
from app.ui.chart import Annotation, chart
from app.ui.timerange import TimeRange

LATEST_KEYS = (
    "slo.state",
    "slo.budget_left",
    "slo.burn_1h",
    "health.up",
    "health.last_ok",
    "live.visitors",
    "live.orders_today",
    "live.revenue_today_cents",
    "kpi.orders",
    "kpi.revenue_cents",
    "kpi.conversion",
    "cost.per_active_user_cents",
)
TREND_DAYS = 14
TREND_HOURS = 48
CHANGED_WITHIN = timedelta(days=7)
CHANGED_MOST = 9
OPEN_WITHIN = timedelta(days=90)
RANGE = "7d"
CHART_POINTS = 240
MOST_ANNOTATIONS = 100

Labelled = dict[str, Point]  # by the value of the one label, "" where a series has none


@dataclass(frozen=True)
class Seen:
    latest: Mapping[str, Labelled]
    slos: Sequence[Slo]
    parts: Mapping[str, Part]
    days: Mapping[str, Sequence[float | None]]  # of a daily series, oldest first
    changed: Sequence[Entry]
    open_alerts: Sequence[Entry]
    audited: Sequence[Line]
    has_demo: bool

    def point(self, key: str) -> Point | None:
        return self.latest.get(key, {}).get("")


# One row per series: the newest point of each, found by the primary key.
_LATEST = text("""
    SELECT series.key, coalesce((SELECT value FROM jsonb_each_text(series.labels) LIMIT 1), '') AS member,
           newest.at, newest.value
    FROM series
    CROSS JOIN LATERAL (
        SELECT at, value FROM series_points WHERE series_id = series.id ORDER BY at DESC LIMIT 1
    ) AS newest
    WHERE series.key = ANY(:keys)
    ORDER BY series.key, member, newest.at
""")

# The last point of each step, so that a month of minutes is a few hundred rows.
_STEPS = text("""
    SELECT DISTINCT ON (series.id, step) coalesce(series.labels ->> 'slo', '') AS member, series.key,
           date_bin(make_interval(secs => :seconds), point.at, 'epoch') AS step, point.value
    FROM series JOIN series_points AS point ON point.series_id = series.id
    WHERE series.key = ANY(:keys) AND point.at >= :start AND point.at < :end
    ORDER BY series.id, step, point.at DESC
""")


def gather(session: Session, now: datetime, with_audit: bool) -> Seen:
    latest: defaultdict[str, Labelled] = defaultdict(dict)
    for row in session.execute(_LATEST, {"keys": list(LATEST_KEYS)}):
        latest[row.key][row.member] = Point(row.at, row.value)
    budgets = steps(session, ["slo.budget_left"], now - timedelta(hours=TREND_HOURS), now, 3600)
    return Seen(
        latest,
        _slos(latest, budgets),
        _parts(latest),
        _days(session, now),
        timeline.between(session, now - CHANGED_WITHIN, now, CHANGED_MOST)[::-1],
        _open_alerts(session, now),
        newest(session, 5) if with_audit else [],
        _has_demo(session),
    )


Steps = dict[tuple[str, str], dict[datetime, float]]


def steps(session: Session, keys: list[str], start: datetime, end: datetime, seconds: int) -> Steps:
    """(series, member) → the last value of each step."""
    found: defaultdict[tuple[str, str], dict[datetime, float]] = defaultdict(dict)
    rows = session.execute(_STEPS, {"keys": keys, "start": start, "end": end, "seconds": seconds})
    for row in rows:
        found[row.key, row.member][row.step] = row.value
    return found


def _slos(latest: Mapping[str, Labelled], budgets: Steps) -> list[Slo]:
    found = []
    for key, point in latest.get("slo.state", {}).items():
        left, burn = (latest.get(name, {}).get(key) for name in ("slo.budget_left", "slo.burn_1h"))
        trend = _filled(budgets.get(("slo.budget_left", key), {}), timedelta(hours=1))
        found.append(
            Slo(
                key,
                SLO_STATES[int(point.value)],
                point.at,
                left.value if left else None,
                burn.value if burn and point.at - burn.at < timedelta(minutes=5) else None,
                trend,
            )
        )
    return sorted(found, key=lambda slo: slo.key)


def _filled(values: Mapping[datetime, float], step: timedelta) -> tuple[float | None, ...]:
    """Evenly spaced; a step without a value is a gap."""
    if not values:
        return ()
    at, last = min(values), max(values)
    line: list[float | None] = []
    while at <= last:
        line.append(values.get(at))
        at += step
    return tuple(line)


def _parts(latest: Mapping[str, Labelled]) -> dict[str, Part]:
    seen = latest.get("health.last_ok", {})
    return {
        name: Part(
            name,
            point.at,
            point.value >= 1,
            datetime.fromtimestamp(seen[name].value, UTC) if name in seen else None,
        )
        for name, point in latest.get("health.up", {}).items()
    }


def _days(session: Session, now: datetime) -> dict[str, Sequence[float | None]]:
    """Whole days up to yesterday: today is not over."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    first = today - timedelta(days=TREND_DAYS)
    keys = ["kpi.orders", "kpi.revenue_cents", "kpi.conversion"]
    found = steps(session, keys, first, today, 86_400)
    days = [first + timedelta(days=day) for day in range(TREND_DAYS)]
    return {key: [found.get((key, ""), {}).get(day) for day in days] for key in keys}


def _open_alerts(session: Session, now: datetime) -> list[Entry]:
    rows = session.scalars(
        select(TimelineEntry)
        .where(
            TimelineEntry.kind.in_(("alert", "incident")),
            TimelineEntry.ends_at.is_(None),
            TimelineEntry.at > now - OPEN_WITHIN,
            TimelineEntry.is_demo.is_(False),
        )
        .order_by(TimelineEntry.at.desc())
        .limit(20)
    )
    return [Entry(row.at, row.kind, row.title, row.subject, row.detail, row.url) for row in rows]


def _has_demo(session: Session) -> bool:
    return session.scalar(select(TimelineEntry.id).where(TimelineEntry.is_demo).limit(1)) is not None


def latency_chart(session: Session, span: TimeRange) -> dict[str, Any]:
    """How long shoppers waited, and what happened. Objectives on one measurement share a line."""
    step = span.step_seconds(CHART_POINTS)
    found = steps(session, ["slo.latency_p95"], span.start, span.end, step)
    lines: dict[str, list[tuple[datetime, float]]] = {}
    for (_, member), values in sorted(found.items()):
        if (line := sorted(values.items())) not in lines.values():
            lines[member] = line
    return chart(
        lines,
        start=span.start,
        end=span.end,
        step_seconds=step,
        unit="seconds",
        annotations=[
            Annotation(entry.at, entry.kind, entry.title, entry.url, entry.ends_at)
            for entry in timeline.between(session, span.start, span.end, MOST_ANNOTATIONS)
        ],
    )

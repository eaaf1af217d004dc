"""The data of an objective's charts: budget, events and latency over one range, with what happened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.series import store
from app.slo import queries
from app.slo.bucket import BUCKET_SECONDS
from app.slo.budget import Budget, burn_down
from app.slo.objective import Objective
from app.timeline import queries as timeline
from app.ui.chart import Annotation
from app.ui.chart import chart as build
from app.ui.timerange import TimeRange

DEFAULT_RANGE = "30d"
POINTS = 750  # thirty days by the hour


def budget(session: Session, slo: Objective, span: TimeRange, now: datetime) -> dict[str, Any]:
    """What was left of the present window's budget; the part of the range before the window stays empty."""
    step = _step(span)
    window = queries.window_start(slo, now)
    start = max(span.start, window)
    allowed = Budget(slo.ratio, slo.window, queries.window_counts(session, slo, now)).allowed_events
    rows = queries.steps(session, slo, start, span.end, step)
    # Anchored at its end: the last value is the tile's figure though the first hour lies half outside.
    spent = queries.counts_between(session, slo, window, min(span.end, now)).bad
    before = spent - sum(row.counts.bad for row in rows if row.counts)
    end = min(span.end, now)  # of the step that still runs
    line = [(min(at, end), left) for at, left in burn_down(rows, timedelta(seconds=step), allowed, before)]
    return build(
        {_("Budget left"): line},
        start=span.start,
        end=span.end,
        step_seconds=step,
        unit="ratio",
        target=0.0,
        annotations=_happened(session, span),
    )


def events(session: Session, slo: Objective, span: TimeRange, now: datetime) -> dict[str, Any]:
    step = _step(span)
    rows = queries.steps(session, slo, span.start, span.end, step)
    return build(
        {
            _("Good"): [(row.starts_at, row.counts.good if row.counts else None) for row in rows],
            _("Bad"): [(row.starts_at, row.counts.bad if row.counts else None) for row in rows],
        },
        start=span.start,
        end=span.end,
        step_seconds=step,
        annotations=_happened(session, span),
    )


def latency(session: Session, slo: Objective, span: TimeRange, now: datetime) -> dict[str, Any]:
    points = store.between(session, "slo.latency_p95", span.start, span.end, {"slo": slo.key})
    return build(
        {_("p95"): [(point.at, point.value) for point in points]},
        start=span.start,
        end=span.end,
        step_seconds=_step(span),
        unit="seconds",
        target=slo.threshold_seconds,
        annotations=_happened(session, span),
    )


Chart = Callable[[Session, Objective, TimeRange, datetime], dict[str, Any]]
CHARTS: dict[str, Chart] = {"budget": budget, "events": events, "latency": latency}


def _step(span: TimeRange) -> int:
    return span.step_seconds(POINTS, least=BUCKET_SECONDS)


def _happened(session: Session, span: TimeRange) -> list[Annotation]:
    return [
        Annotation(entry.at, entry.kind, entry.title, entry.url, entry.ends_at)
        for entry in timeline.between(session, span.start, span.end, most=60)
    ]

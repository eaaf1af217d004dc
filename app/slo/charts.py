"""The data of an objective's charts: budget, share, events and latency over one range, with what happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.series import store
from app.slo import detail, queries
from app.slo.bucket import BUCKET_SECONDS
from app.slo.budget import Budget, Step, burn_down
from app.slo.objective import Objective
from app.timeline import queries as timeline
from app.ui.chart import Annotation
from app.ui.chart import chart as build
from app.ui.timerange import TimeRange

DEFAULT_RANGE = "30d"
POINTS = 750  # thirty days by the hour
MOST_ANNOTATIONS = 60

Line = list[tuple[datetime, float | None]]


def budget(
    session: Session, slo: Objective, span: TimeRange, now: datetime, notes: Sequence[Annotation] = ()
) -> dict[str, Any]:
    """What was left of the present window's budget; the part of the range before the window stays empty.

    Beside it the line of a budget that is spent evenly: below it more went than should have by then.
    """
    step = _step(span)
    window, window_end = slo.span.bounds(now)
    start = max(span.start, window)
    allowed = Budget(slo.ratio, slo.window, queries.window_counts(session, slo, now)).allowed_events
    rows = queries.steps(session, slo, start, span.end, step)
    # Anchored at its end: the last value is the tile's figure though the first hour lies half outside.
    spent = queries.counts_between(session, slo, window, min(span.end, now)).bad
    before = spent - sum(row.counts.bad for row in rows if row.counts)
    end = min(span.end, now)  # of the step that still runs
    line = [(min(at, end), left) for at, left in burn_down(rows, timedelta(seconds=step), allowed, before)]
    return build(
        {_("Budget left"): line, _("Spent evenly"): _evenly(line, window, window_end)},
        start=span.start,
        end=span.end,
        step_seconds=step,
        unit="ratio",
        target=0.0,
        annotations=notes,
    )


def _evenly(line: Line, start: datetime, end: datetime) -> Line:
    return [(at, 1 - (at - start) / (end - start)) for at, _left in line]


def share(
    session: Session, slo: Objective, span: TimeRange, now: datetime, notes: Sequence[Annotation] = ()
) -> dict[str, Any]:
    """The share of good events of each step, against the objective."""
    rows = queries.steps(session, slo, span.start, span.end, _step(span))
    return build(
        {_("Share of good events"): [(row.starts_at, _share(row)) for row in rows]},
        start=span.start,
        end=span.end,
        step_seconds=_step(span),
        unit="ratio",
        zero=False,
        target=slo.ratio,
        annotations=notes,
    )


def _share(row: Step) -> float | None:
    ratio = row.counts.error_ratio if row.counts else None
    return None if ratio is None else 1 - ratio


def events(
    session: Session, slo: Objective, span: TimeRange, now: datetime, notes: Sequence[Annotation] = ()
) -> dict[str, Any]:
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
        annotations=notes,
    )


def latency(
    session: Session, slo: Objective, span: TimeRange, now: datetime, notes: Sequence[Annotation] = ()
) -> dict[str, Any]:
    points = store.between(session, "slo.latency_p95", span.start, span.end, {"slo": slo.key})
    return build(
        {_("p95"): [(point.at, point.value) for point in points]},
        start=span.start,
        end=span.end,
        step_seconds=_step(span),
        unit="seconds",
        target=slo.threshold_seconds,
        annotations=notes,
    )


CHARTS: dict[str, Callable[..., dict[str, Any]]] = {
    "budget": budget,
    "share": share,
    "events": events,
    "latency": latency,
}


def one(session: Session, slo: Objective, name: str, span: TimeRange, now: datetime) -> dict[str, Any]:
    """One chart with its annotations, as it is asked for when somebody zooms."""
    began = detail.burn_began(session, queries.line(session, slo.key, now), now)
    return CHARTS[name](session, slo, span, now, _notes(session, span, began))


def drawn(
    session: Session, slo: Objective, span: TimeRange, now: datetime, began: datetime | None
) -> dict[str, dict[str, Any]]:
    """All charts of the page: what happened stands under the first, latency only where it is counted."""
    notes = _notes(session, span, began)
    names = [name for name in CHARTS if name != "latency" or slo.durations]
    return {name: CHARTS[name](session, slo, span, now, notes if name == "budget" else ()) for name in names}


def _notes(session: Session, span: TimeRange, began: datetime | None) -> list[Annotation]:
    """What happened in the range, and when the burn began."""
    onset = [Annotation(began, "alert", _("It began to burn"))] if began and began >= span.start else []
    happened = [
        Annotation(entry.at, entry.kind, entry.title, entry.url, entry.ends_at)
        for entry in timeline.between(session, span.start, span.end, most=MOST_ANNOTATIONS)
    ]
    return happened + onset


def _step(span: TimeRange) -> int:
    return span.step_seconds(POINTS, least=BUCKET_SECONDS)

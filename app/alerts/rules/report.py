"""A replay put into words and pictures: each firing with its length and the change before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session

from app.alerts.rules.backtest import Firing
from app.alerts.rules.trial import CHART_POINTS, Replay
from app.alerts.strip import Bar, strip
from app.prometheus import SeriesData
from app.timeline import queries as timeline
from app.timeline.entry import Entry
from app.ui import formats
from app.ui.chart import chart

CHANGE_WITHIN = timedelta(hours=24)
SHOWN_FIRINGS = 20
MOST_LANES = 8


@dataclass(frozen=True)
class Fired:
    firing: Firing
    length: timedelta
    labels: str
    change: Entry | None


@dataclass(frozen=True)
class Report:
    count: int
    firing_for: timedelta  # of all alerts together
    shown: Sequence[Fired]  # the newest
    chart: dict[str, Any] | None
    strip: Markup | None


def made(session: Session, replay: Replay) -> Report:
    timing = replay.timing
    lengths = [one.length(timing.end) for one in replay.firings]
    newest = list(reversed(replay.firings))[:SHOWN_FIRINGS]
    return Report(
        count=len(replay.firings),
        firing_for=sum(lengths, timedelta()),
        shown=[_fired(session, one, replay) for one in newest],
        chart=_chart(replay) if replay.shown else None,
        strip=_strip(replay) if replay.firings else None,
    )


def _fired(session: Session, one: Firing, replay: Replay) -> Fired:
    before = timeline.changes_before(session, one.starts_at, CHANGE_WITHIN, most=1)
    return Fired(one, one.length(replay.timing.end), name_of(one.labels), before[0] if before else None)


def name_of(labels: Any) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted(labels.items()))


def _chart(replay: Replay) -> dict[str, Any]:
    timing = replay.timing
    lines: dict[str, Any] = {}
    for one in replay.shown:
        lines[_line_name(one, lines)] = one.points
    step = max(timing.every_seconds, (timing.count * timing.every_seconds) // CHART_POINTS)
    limit = replay.threshold.limit if replay.threshold else None
    return chart(lines, start=timing.start, end=timing.end, step_seconds=step, target=limit)


def _line_name(one: SeriesData, taken: dict[str, Any]) -> str:
    name = name_of(one.labels) or _("value")
    return name if name not in taken else f"{name} ({len(taken) + 1})"


def _strip(replay: Replay) -> Markup:
    lanes: dict[str, list[Bar]] = {}
    for one in replay.firings:
        name = name_of(one.labels)
        if name in lanes or len(lanes) < MOST_LANES:
            ends = one.ends_at or replay.timing.end
            when = f"{formats.moment(one.starts_at, 'short')}, {formats.span(ends - one.starts_at)}"
            title = f"{name}: {when}" if name else when
            lanes.setdefault(name, []).append(Bar(one.starts_at, ends, title))
    label = _("When it would have fired, one row for each alert")
    return strip(list(lanes.values()), replay.timing.start, replay.timing.end, label)

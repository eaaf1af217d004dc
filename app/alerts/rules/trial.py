"""Asks Prometheus about a rule before it is saved: does it parse, its cost, when it would have fired.

Bounded: one evaluation may read so many samples; a replay gets so many seconds and says how far it came.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask_babel import lazy_gettext as _l

from app.alerts.rules import promql
from app.alerts.rules.backtest import Firing, Timing, Track, doubles, firings
from app.alerts.rules.rule import Rule
from app.errors import Refused, Unavailable
from app.prometheus import Prometheus, SeriesData

MOST_SAMPLES = 5_000_000  # read by one evaluation
MOST_SECONDS = 3.0  # of one evaluation
REPLAY_SECONDS = 10.0
MOST_POINTS = 10_000  # Prometheus gives at most 11,000 for each series
LEAST_POINTS = 300
MOST_CELLS = 2_000_000  # points of all series in one answer
MOST_SERIES = 1_000
MOST_DAYS = 30
CHART_POINTS = 360


@dataclass(frozen=True)
class Trial:
    series: int  # alerts that it would give now
    samples: int  # read by one evaluation
    unmatched: tuple[str, ...]  # selectors that match no series now


@dataclass(frozen=True)
class Replay:
    timing: Timing  # what was looked at; shorter than asked for where time ran out
    asked_from: datetime
    firings: Sequence[Firing]
    series: int  # different ones in the result
    shown: Sequence[SeriesData]  # what is compared with the threshold, for a chart
    threshold: promql.Threshold | None

    @property
    def is_partial(self) -> bool:
        return self.timing.start - self.asked_from > timedelta(seconds=2 * self.timing.every_seconds)


def try_out(prometheus: Prometheus, rule: Rule, now: datetime) -> Trial:
    """One evaluation now. Raises `Refused` beside the field; `Unavailable` where Prometheus is away."""
    if rule.min_events:
        _evaluate(prometheus, "events", rule.events, now)
    series, samples = _evaluate(prometheus, "expr", rule.expr, now)
    return Trial(series, samples, unmatched(prometheus, rule.expression, now))


def _evaluate(prometheus: Prometheus, field: str, expr: str, now: datetime) -> tuple[int, int]:
    try:
        cost = prometheus.cost(expr, now, MOST_SECONDS)
    except Refused as refused:
        raise _not_saved(field, str(refused)) from refused
    except Unavailable as unavailable:
        if prometheus.ready():
            raise _not_saved(field, _too_slow()) from unavailable
        raise
    if cost.series is None:
        raise _not_saved(field, _l("It must give series; this gives a number or a range."))
    if cost.samples > MOST_SAMPLES:
        why = _l(
            "One evaluation reads %(samples)s samples, at most %(most)s are allowed.",
            samples=f"{cost.samples:,}",
            most=f"{MOST_SAMPLES:,}",
        )
        raise _not_saved(field, why)
    if cost.series > MOST_SERIES:
        raise _not_saved(field, _l("It gives %(count)s alerts at once.", count=f"{cost.series:,}"))
    return cost.series, cost.samples


def _too_slow() -> object:
    return _l("One evaluation takes longer than %(most)s seconds.", most=int(MOST_SECONDS))


def _not_saved(field: str, why: object) -> Refused:
    return Refused(_l("The rule was not saved; Prometheus keeps the rules it has."), {field: why})


def unmatched(prometheus: Prometheus, expr: str, now: datetime) -> tuple[str, ...]:
    """Selectors that match nothing now: a rule on them is silent for ever, or until they are there."""
    return tuple(
        selector for selector in promql.selectors(expr) if not prometheus.query(f"count({selector})", now)
    )


def replay(
    prometheus: Prometheus,
    rule: Rule,
    now: datetime,
    days: float,
    series: int = 1,
    clock: Callable[[], float] = time.monotonic,
) -> Replay:
    """The rule over the last days, evaluated as often as Prometheus will, newest part first.

    `series`: how many it gives now; of many series less is asked for at once.
    """
    if promql.asks_for_the_edges(rule.expression):
        raise _not_saved("expr", _l("A rule with @ start() or @ end() cannot be tried on history."))
    end = _aligned(now, rule.every_seconds)
    asked_from = _aligned(now - timedelta(days=days), rule.every_seconds)
    gives_up_at = clock() + REPLAY_SECONDS
    points = max(LEAST_POINTS, min(MOST_POINTS, MOST_CELLS // max(1, series)))
    start, found = _gather(prometheus, rule, (asked_from, end), points, lambda: gives_up_at - clock())
    timing = Timing(start, rule.every_seconds, round((end - start).total_seconds()) // rule.every_seconds + 1)
    tracks = _tracks(found, timing)
    if (labels := doubles(tracks)) is not None:
        shown = ", ".join(f"{name}={value}" for name, value in sorted(labels.items())) or "{}"
        raise _not_saved("expr", _l("Two of its series have the same labels (%(labels)s).", labels=shown))
    shape = promql.threshold(rule.expr)
    return Replay(
        timing,
        asked_from,
        firings(tracks, timing, rule.hold_seconds, rule.keep_firing_seconds),
        len(tracks),
        _drawn(prometheus, shape.measured if shape else rule.expr, timing, gives_up_at - clock()),
        shape,
    )


Found = dict[tuple[tuple[str, str], ...], list[float]]


def _gather(
    prometheus: Prometheus,
    rule: Rule,
    span: tuple[datetime, datetime],
    points: int,
    left: Callable[[], float],
) -> tuple[datetime, Found]:
    """Moments of each series, and from when on they are known. Goes back until there, or out of time."""
    found: Found = defaultdict(list)
    first, last = span
    start, chunk = last + timedelta(seconds=rule.every_seconds), points
    while start > first:
        end = start - timedelta(seconds=rule.every_seconds)
        begin = max(first, end - timedelta(seconds=(chunk - 1) * rule.every_seconds))
        try:
            rows = prometheus.presence(rule.expression, begin, end, rule.every_seconds, max(0.1, left()))
        except Refused as refused:
            raise _not_saved("expr", str(refused)) from refused
        except Unavailable as unavailable:
            if chunk > LEAST_POINTS and left() > 1 and prometheus.ready():
                chunk //= 4
                continue
            if start > last:
                raise _not_saved("expr", _too_slow()) if prometheus.ready() else unavailable from unavailable
            return start, found
        for labels, moments in rows:
            key = tuple(sorted((name, text) for name, text in labels.items() if name != "__name__"))
            found[(("__name__", labels.get("__name__", "")), *key)] += moments
        start = begin
        if left() <= 0:
            break
    return start, found


def _tracks(found: Found, timing: Timing) -> list[Track]:
    zero = timing.start.timestamp()
    return [
        Track(dict(key[1:]), sorted(round((at - zero) / timing.every_seconds) for at in moments))
        for key, moments in found.items()
    ]


def _drawn(prometheus: Prometheus, expr: str, timing: Timing, seconds_left: float) -> Sequence[SeriesData]:
    """A coarse picture is worth no wait: without time left there is none."""
    if seconds_left <= 0:
        return ()
    step = max(timing.every_seconds, (timing.count * timing.every_seconds) // CHART_POINTS)
    try:
        return prometheus.query_range(expr, timing.start, timing.end, step)[:6]
    except (Refused, Unavailable):
        return ()


def _aligned(moment: datetime, every_seconds: int) -> datetime:
    return datetime.fromtimestamp(moment.timestamp() // every_seconds * every_seconds, UTC)

"""Counts from Prometheus: few queries for many objectives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from app.prometheus import Prometheus
from app.slo.bucket import BUCKET, BUCKET_SECONDS, Bucket, floor, measured
from app.slo.objective import Objective

OBJECTIVES_PER_QUERY = 20
MOST_STEPS = 9_000  # Prometheus answers 11,000 points a series at most
LEAST_HEAD_SECONDS = 30  # a younger bucket holds too few scrapes to say anything

Span = tuple[datetime, datetime]  # first and last bucket start


def grouped(slos: Sequence[Objective], seconds: int) -> str:
    """One expression for good and total of several objectives, told apart by the labels `slo` and `kind`."""
    return " or ".join(
        f'label_replace(label_replace(sum(increase({selector}[{seconds}s])), "slo", "{slo.key}", "", ""), '
        f'"kind", "{kind}", "", "")'
        for slo in slos
        for kind, selector in (("good", slo.good), ("total", slo.total))
    )


def fetch(prometheus: Prometheus, slos: Sequence[Objective], span: Span) -> dict[str, list[Bucket]]:
    """The rows of a span for each objective's key, by range queries."""
    found: dict[tuple[str, str], dict[datetime, float]] = defaultdict(dict)
    for some in _chunks(slos):
        for first, last in _pieces(span):
            ends = first + BUCKET, last + BUCKET
            for series in prometheus.query_range(grouped(some, BUCKET_SECONDS), *ends, BUCKET_SECONDS):
                counts = found[series.labels["slo"], series.labels["kind"]]
                counts.update((at - BUCKET, value) for at, value in series.points)
    starts = list(_starts(span))
    return {
        slo.key: [
            measured(at, found[slo.key, "good"].get(at), found[slo.key, "total"].get(at)) for at in starts
        ]
        for slo in slos
    }


def fetch_head(prometheus: Prometheus, slos: Sequence[Objective], now: datetime) -> dict[str, Bucket]:
    """The bucket that is still running, so that a burn shows before its five minutes are over."""
    start = floor(now)
    seconds = int((now - start).total_seconds())
    if seconds < LEAST_HEAD_SECONDS:
        return {}
    found: dict[tuple[str, str], float] = {}
    for some in _chunks(slos):
        for sample in prometheus.query(grouped(some, seconds), now):
            found[sample.labels["slo"], sample.labels["kind"]] = sample.value
    return {
        slo.key: measured(start, found.get((slo.key, "good")), total, is_complete=False)
        for slo in slos
        if (total := found.get((slo.key, "total"))) is not None
    }


def fetch_p95(
    prometheus: Prometheus, durations: str, span: Span, step: timedelta
) -> list[tuple[datetime, float]]:
    """The 95th percentile of the hour before each step: short of traffic, five minutes would be noise."""
    expr = f"histogram_quantile(0.95, sum by (le) (increase({durations}[1h])))"
    found = prometheus.query_range(expr, span[0], span[1], int(step.total_seconds()))
    return list(found[0].points) if found else []


def _chunks(slos: Sequence[Objective]) -> Iterator[Sequence[Objective]]:
    for start in range(0, len(slos), OBJECTIVES_PER_QUERY):
        yield slos[start : start + OBJECTIVES_PER_QUERY]


def _pieces(span: Span) -> Iterator[Span]:
    first, last = span
    while first <= last:
        end = min(last, first + BUCKET * (MOST_STEPS - 1))
        yield first, end
        first = end + BUCKET


def _starts(span: Span) -> Iterable[datetime]:
    at = span[0]
    while at <= span[1]:
        yield at
        at += BUCKET

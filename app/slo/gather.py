"""Counts from Prometheus: few queries for many objectives."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.errors import Refused
from app.prometheus import Prometheus
from app.slo import slices
from app.slo.bucket import BUCKET, BUCKET_SECONDS, Bucket, floor, measured
from app.slo.expressions import BAD, GOOD, TOTAL, parts
from app.slo.objective import Objective

log = logging.getLogger(__name__)

OBJECTIVES_PER_QUERY = 20
MOST_STEPS = 9_000  # Prometheus answers 11,000 points a series at most
LEAST_HEAD_SECONDS = 30  # a younger bucket holds too few scrapes to say anything
MOST_MEMBERS = 50  # of a group: more values of its label are counted in the whole alone
WHOLE = ""  # the group itself among its members

Span = tuple[datetime, datetime]  # first and last bucket start
Counts = dict[tuple[str, str], dict[str, dict[datetime, float]]]  # (key, kind) → member → moment → count


@dataclass
class Gathered:
    """Rows by objective and member; the whole of a group, or an objective without, is member ""."""

    rows: defaultdict[str, dict[str, list[Bucket]]] = field(default_factory=lambda: defaultdict(dict))
    errors: dict[str, str] = field(default_factory=dict)  # by key: why Prometheus refuses its query

    def add(self, key: str, member: str, buckets: Sequence[Bucket]) -> None:
        self.rows[key].setdefault(member, []).extend(buckets)


def grouped(slos: Sequence[Objective], seconds: int) -> str:
    """One expression for the counts of several objectives, told apart by the labels `slo` and `kind`."""
    return " or ".join(
        f'label_replace(label_replace({expr}, "backroom_slo", "{slo.key}", "", ""), '
        f'"backroom_kind", "{kind}", "", "")'
        for slo in slos
        for kind, expr in parts(slo, seconds).items()
    )


def fetch(prometheus: Prometheus, slos: Sequence[Objective], span: Span, into: Gathered) -> None:
    """The rows of a span for each objective, by range queries in steps of its slices."""
    by_length: defaultdict[int, list[Objective]] = defaultdict(list)
    for slo in slos:
        by_length[slice_seconds(slo)].append(slo)
    for seconds, some in by_length.items():
        first, last = _whole_slices(span, seconds)
        for chunk in _chunks(some):
            for piece in _pieces((first, last), seconds):
                _fetch_piece(prometheus, chunk, piece, seconds, into)


def slice_seconds(slo: Objective) -> int:
    return BUCKET_SECONDS if slo.method == "occurrences" else slo.slice_seconds


def _fetch_piece(
    prometheus: Prometheus, slos: Sequence[Objective], piece: Span, seconds: int, into: Gathered
) -> None:
    """One query; where it is refused, one for each objective, so that a broken one stands alone."""
    try:
        counts = _ask(prometheus, slos, piece, seconds)
    except Refused as refused:
        if len(slos) == 1:
            into.errors[slos[0].key] = str(refused)
            log.warning("SLO %s: %s", slos[0].key, refused)
            return
        for slo in slos:
            _fetch_piece(prometheus, [slo], piece, seconds, into)
        return
    step = timedelta(seconds=seconds)
    starts = [piece[0] + number * step for number in range(int((piece[1] - piece[0]) / step) + 1)]
    for slo in slos:
        for member in _members(slo, counts):
            raw = [_measured(slo, counts, member, at, is_complete=True) for at in starts]
            worth = [slices.valued(slice_, slo.method, slo.slice_target) for slice_ in raw]
            into.add(slo.key, member, slices.as_rows(worth, step))


def _ask(prometheus: Prometheus, slos: Sequence[Objective], piece: Span, seconds: int) -> Counts:
    step = timedelta(seconds=seconds)
    ends = piece[0] + step, piece[1] + step
    counts: Counts = defaultdict(lambda: defaultdict(dict))
    groups = {slo.key: slo.group_label for slo in slos}
    for series in prometheus.query_range(grouped(slos, seconds), *ends, seconds):
        key = series.labels["backroom_slo"]
        of = counts[key, series.labels["backroom_kind"]]
        points = {at - step: value for at, value in series.points}
        if value := series.labels.get(groups[key], ""):
            of[value] = points
        of[WHOLE] = _added(of.get(WHOLE, {}), points) if groups[key] else points
    return counts


def fetch_head(prometheus: Prometheus, slos: Sequence[Objective], now: datetime, into: Gathered) -> None:
    """The bucket that is still running, so that a burn shows before its five minutes are over."""
    start = floor(now)
    seconds = int((now - start).total_seconds())
    if seconds < LEAST_HEAD_SECONDS:
        return
    for some in _chunks([slo for slo in slos if slo.method == "occurrences"]):
        _fetch_head_of(prometheus, some, now, start, seconds, into)


def _fetch_head_of(
    prometheus: Prometheus,
    slos: Sequence[Objective],
    now: datetime,
    start: datetime,
    seconds: int,
    into: Gathered,
) -> None:
    try:
        samples = prometheus.query(grouped(slos, seconds), now)
    except Refused as refused:
        if len(slos) == 1:
            into.errors[slos[0].key] = str(refused)
            return
        for slo in slos:
            _fetch_head_of(prometheus, [slo], now, start, seconds, into)
        return
    counts: Counts = defaultdict(lambda: defaultdict(dict))
    groups = {slo.key: slo.group_label for slo in slos}
    for sample in samples:
        key = sample.labels["backroom_slo"]
        of, point = counts[key, sample.labels["backroom_kind"]], {start: sample.value}
        if value := sample.labels.get(groups[key], ""):
            of[value] = point
        of[WHOLE] = _added(of.get(WHOLE, {}), point) if groups[key] else point
    for slo in slos:
        for member in _members(slo, counts):
            bucket = _measured(slo, counts, member, start, is_complete=False)
            if bucket.state != "no_data":
                into.add(slo.key, member, [bucket])


def fetch_p95(
    prometheus: Prometheus, durations: str, span: Span, step: timedelta
) -> list[tuple[datetime, float]]:
    """The 95th percentile of the hour before each step: short of traffic, five minutes would be noise."""
    expr = f"histogram_quantile(0.95, sum by (le) (increase({durations}[1h])))"
    found = prometheus.query_range(expr, span[0], span[1], int(step.total_seconds()))
    return list(found[0].points) if found else []


def _members(slo: Objective, counts: Counts) -> list[str]:
    """The whole, and of a group its values: those with most events where there are too many."""
    totals = counts.get((slo.key, TOTAL), {})
    values = sorted(
        (value for value in totals if value != WHOLE), key=lambda value: -sum(totals[value].values())
    )
    return [WHOLE, *values[:MOST_MEMBERS]]


def _measured(slo: Objective, counts: Counts, member: str, at: datetime, is_complete: bool) -> Bucket:
    good, bad, total = (
        counts.get((slo.key, kind), {}).get(member, {}).get(at) for kind in (GOOD, BAD, TOTAL)
    )
    return measured(at, good, total, is_complete, bad=bad, counts_bad=bool(slo.bad))


def _added(one: dict[datetime, float], other: dict[datetime, float]) -> dict[datetime, float]:
    return {at: one.get(at, 0.0) + other.get(at, 0.0) for at in one.keys() | other.keys()}


def _whole_slices(span: Span, seconds: int) -> Span:
    """First and last slice start: every slice that begins in the span's rows, or holds one of them."""
    step = timedelta(seconds=seconds)
    if step <= BUCKET:
        return span[0], span[1] + BUCKET - step
    return floor(span[0], step), floor(span[1] + BUCKET, step) - step


def _chunks(slos: Sequence[Objective]) -> Iterator[Sequence[Objective]]:
    for start in range(0, len(slos), OBJECTIVES_PER_QUERY):
        yield slos[start : start + OBJECTIVES_PER_QUERY]


def _pieces(span: Span, seconds: int) -> Iterator[Span]:
    first, last = span
    step = timedelta(seconds=seconds)
    while first <= last:
        end = min(last, first + step * (MOST_STEPS - 1))
        yield first, end
        first = end + step

"""Impact metrics: what applications count beside their flags, by variant. Pure: no I/O, no clock.

A sample carries the variant of each flag that it belongs to as a label, so that a counter or a histogram can
be compared by variant without anything built for it. One of no flag is kept under an empty name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from app.flags.flag import NAME

METRIC = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,99}", re.ASCII)
KINDS = ("counter", "gauge", "histogram")
NO_FLAGS = frozenset({"appName", "environment", "origin"})  # labels that name no flag
MOST_SAMPLES = 2_000  # of one report
MOST_BUCKETS = 50
MOST_TEXT = 100
LARGEST = 1e15


@dataclass(frozen=True)
class Impact:
    """One sample of one flag."""

    metric: str
    kind: str
    flag: str  # empty: of no flag
    variant: str  # "enabled" and "disabled" where the flag has none
    samples: int  # how many values stand behind it
    total: float  # their sum; of a gauge the last value
    buckets: Mapping[float, int] = field(default_factory=dict)  # upper limit → how many were not above it


def impacts_of(raw: object) -> tuple[Impact, ...]:
    """What can be understood of it, at most so much."""
    found: list[Impact] = []
    for metric in raw if isinstance(raw, list) else ():
        for impact in _of_metric(metric):
            if len(found) == MOST_SAMPLES:
                return tuple(found)
            found.append(impact)
    return tuple(found)


def _of_metric(metric: object) -> Iterator[Impact]:
    if not isinstance(metric, dict) or metric.get("type") not in KINDS:
        return
    name, samples = metric.get("name"), metric.get("samples")
    if isinstance(name, str) and METRIC.fullmatch(name) and isinstance(samples, list):
        for sample in samples:
            if isinstance(sample, dict):
                yield from _of_sample(name, metric["type"], sample)


def _of_sample(name: str, kind: str, sample: Mapping[str, object]) -> Iterator[Impact]:
    if kind == "histogram":
        samples, total = _number(sample.get("count")), _number(sample.get("sum"))
        buckets = _buckets(sample.get("buckets"))
    else:
        samples, total, buckets = 1.0, _number(sample.get("value")), {}
    if samples is None or total is None or samples < 0 or (kind == "counter" and total < 0):
        return
    for flag, variant in _flags(sample.get("labels")):
        yield Impact(name, kind, flag, variant, int(samples), total, buckets)


def _flags(labels: object) -> list[tuple[str, str]]:
    told = labels if isinstance(labels, dict) else {}
    found = [
        (flag, variant[:MOST_TEXT])
        for flag, variant in sorted(told.items())
        if flag not in NO_FLAGS and NAME.fullmatch(flag) and _is_text(variant)
    ]
    return found or [("", "")]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and "\x00" not in value and value.isprintable()


def _buckets(raw: object) -> dict[float, int]:
    found = {}
    for bucket in raw[:MOST_BUCKETS] if isinstance(raw, list) else ():
        if isinstance(bucket, dict):
            limit, count = _limit(bucket.get("le")), _number(bucket.get("count"))
            if limit is not None and count is not None and count >= 0:
                found[limit] = int(count)
    return found


def _limit(raw: object) -> float | None:
    return math.inf if raw == "+Inf" else _number(raw)


def _number(raw: object) -> float | None:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return None
    try:
        value = float(raw)
    except OverflowError:
        return None
    return value if math.isfinite(value) and abs(value) <= LARGEST else None

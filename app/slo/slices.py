"""Slices of time in place of events. Pure.

By `timeslices` a slice is good when its share of good events reaches the target; by `ratio_timeslices` it
counts by that share. Either way it is one event, and a slice without traffic is none. Rows are five minutes:
several short slices make one row, and a long slice is shared out among its rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby

from app.slo.bucket import BUCKET, Bucket, floor
from app.slo.definition import Method


def valued(slice_: Bucket, method: Method, target: Decimal | None) -> Bucket:
    """The slice's events turned into what the slice itself is worth."""
    if method == "occurrences" or slice_.state != "ok":
        return slice_
    good = slice_.good / slice_.total
    if method == "timeslices":
        good = 1.0 if good >= float(target or 1) else 0.0
    return replace(slice_, good=round(good, 9), bad=round(1 - good, 9), total=1.0)


def as_rows(slices: Sequence[Bucket], length: timedelta) -> list[Bucket]:
    """Rows of five minutes from slices of any length, oldest first."""
    if length == BUCKET:
        return list(slices)
    if length > BUCKET:
        return [row for slice_ in slices for row in _shared_out(slice_, round(length / BUCKET))]
    return [_joined(at, part) for at, part in groupby(slices, lambda slice_: floor(slice_.starts_at))]


def _shared_out(slice_: Bucket, rows: int) -> Iterable[Bucket]:
    part = replace(slice_, good=slice_.good / rows, bad=slice_.bad / rows, total=slice_.total / rows)
    return (replace(part, starts_at=slice_.starts_at + number * BUCKET) for number in range(rows))


def _joined(at: datetime, slices: Iterable[Bucket]) -> Bucket:
    """A row knows something as soon as one of its slices does."""
    parts = list(slices)
    states = {part.state for part in parts}
    state = next(state for state in ("ok", "no_traffic", "no_data") if state in states)
    return Bucket(
        at,
        good=sum(part.good for part in parts),
        bad=sum(part.bad for part in parts),
        total=sum(part.total for part in parts),
        state=state,
        is_complete=all(part.is_complete for part in parts),
    )

"""A quantile of what fell into buckets. Pure: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

Q = 0.75


def quantile(within: Mapping[float, float], q: float = Q) -> float | None:
    """`within`: upper bound → how many lie at or below it, infinity among them.

    Straight within a bucket, as Prometheus does; in the last one its lower bound. None where nothing counted.
    """
    total = within.get(inf, 0.0)
    if total <= 0:
        return None
    below, lower = 0.0, 0.0
    for upper in sorted(within):
        count = within[upper]
        if count >= q * total:
            if upper == inf:
                return lower
            return lower + (upper - lower) * (q * total - below) / (count - below) if count > below else upper
        below, lower = count, upper
    return lower

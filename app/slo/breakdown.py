"""Which values of a label the bad events come from. Pure.

A label of the counter itself splits its events exactly. The shop counts variants of a flag in counters of
their own (storefront/telemetry.py), so those are asked for instead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.slo.bucket import Counts
from app.slo.definition import Definition

LABELS = ("variant", "locale", "route")
MOST_VALUES = 8
MOST_OF_THEM = 0.5  # of the bad events
STANDS_OUT = 1.5  # times its share of all events
# Of a counter: the one in which the same events are counted by variant, too.
BY_VARIANT = {
    "shop_journeys_total": "shop_variant_journeys_total",
    "shop_journey_duration_seconds_bucket": "shop_variant_journey_duration_seconds_bucket",
    "shop_journey_duration_seconds_count": "shop_variant_journey_duration_seconds_count",
}
NAMES = re.compile("|".join(sorted(BY_VARIANT, key=len, reverse=True)))


@dataclass(frozen=True)
class Share:
    """One value of a label."""

    value: str
    counts: Counts
    of_bad: float | None  # of all bad events; None: there were none


@dataclass(frozen=True)
class Split:
    label: str
    shares: tuple[Share, ...]  # most bad events first; () where the label is not counted
    others: int = 0  # values that are left out

    @property
    def is_telling(self) -> bool:
        """Whether one value stands out: most bad events, of far fewer of all."""
        total = sum(share.counts.total for share in self.shares)
        if len(self.shares) < 2 or total <= 0:
            return False
        first = self.shares[0]
        of_bad = first.of_bad or 0.0
        return of_bad > MOST_OF_THEM and of_bad > STANDS_OUT * first.counts.total / total


def by_label(slo: Definition, label: str) -> Definition:
    """The same objective, counted for each value of a label."""
    if label != "variant":
        return replace(slo, group_label=label)
    good, bad, total = (_by_variant(expr) for expr in (slo.good, slo.bad, slo.total))
    return replace(slo, group_label="variant", good=good, bad=bad, total=total)


def _by_variant(expr: str) -> str:
    return NAMES.sub(lambda found: BY_VARIANT[found.group()], expr)


def can_split(slo: Definition) -> bool:
    return slo.indicator in ("events", "latency") and slo.method == "occurrences"


def split(label: str, found: Mapping[str, Counts]) -> Split:
    """`found`: by the label's value; "" is what has no such label, and alone it says that nothing has it."""
    known = {value: counts for value, counts in found.items() if counts.total > 0}
    if not known or set(known) == {""}:
        return Split(label, ())
    bad = sum(counts.bad for counts in known.values())
    order = sorted(known.items(), key=lambda item: (-item[1].bad, -item[1].total, item[0]))
    shares = tuple(Share(value, counts, counts.bad / bad if bad > 0 else None) for value, counts in order)
    return Split(label, shares[:MOST_VALUES], max(0, len(shares) - MOST_VALUES))


def labels_for(slo: Definition, own: Sequence[str] = ()) -> tuple[str, ...]:
    """What is asked for: the usual labels, and the group's own."""
    return tuple(dict.fromkeys((*LABELS, *([slo.group_label] if slo.group_label else []), *own)))

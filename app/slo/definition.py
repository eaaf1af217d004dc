"""What people say about an objective: what is counted, what is promised, when to wake somebody. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from flask_babel import lazy_gettext as _l

from app.slo.burn import Tier, duration
from app.slo.policy import STANDARD_POLICY, PolicyStep
from app.slo.window import Window, WindowKind

Indicator = Literal["events", "latency", "probe", "sql", "composite", "foreign"]
INDICATOR_NAMES = {
    "events": _l("Good and all events"),
    "latency": _l("Faster than a threshold"),
    "probe": _l("A measured value against a limit"),
    "sql": _l("Facts of the shop, by SQL"),
    "composite": _l("Several SLOs together"),
    "foreign": _l("Counted elsewhere"),
}

Method = Literal["occurrences", "timeslices", "ratio_timeslices"]
METHOD_NAMES = {
    "occurrences": _l("Each event counts"),
    "timeslices": _l("Each slice of time is good or bad"),
    "ratio_timeslices": _l("Each slice of time counts by its share of good events"),
}

Op = Literal["lte", "lt", "gte", "gt", "eq", "ne"]
OPS: Mapping[str, str] = {"lte": "<=", "lt": "<", "gte": ">=", "gt": ">", "eq": "==", "ne": "!="}

Composition = Literal["all", "weighted"]


@dataclass(frozen=True, kw_only=True)
class Definition:
    """One SLO as it is written down; every field can be edited but the key."""

    key: str
    name: str
    about: str = ""
    owner: str = ""
    runbook: str = ""  # a page under /alerts/runbooks/
    labels: Mapping[str, str] = field(default_factory=dict)

    indicator: Indicator = "events"
    good: str = ""  # PromQL of a counter of good events, or of bad ones: one of the two
    bad: str = ""
    total: str = ""  # PromQL of a counter of all events
    durations: str = ""  # selector of a histogram's buckets; "" where there is none
    threshold_seconds: float | None = None  # of a latency indicator: a bucket boundary of its histogram
    query: str = ""  # PromQL of a probe, or the SELECT of an indicator by SQL
    op: Op = "lte"  # a probe's value is good when it is … than the threshold
    threshold: float | None = None
    composition: Composition = "all"
    members: Mapping[str, float] = field(default_factory=dict)  # of a composite: key → weight

    method: Method = "occurrences"
    slice_target: Decimal | None = None  # the share of good events that makes a slice good
    slice_seconds: int = 300

    objective: Decimal = Decimal("0.995")  # the share of events that must be good
    window_kind: WindowKind = "rolling"
    window_days: int = 30
    time_zone: str = "UTC"
    group_label: str = ""  # one objective for each value of this label

    min_bad_events: int = 5  # fewer wake nobody, whatever their share
    tiers: tuple[Tier, ...] = ()  # (): the standard ones
    absent_minutes: int = 5  # how long nothing may be counted before somebody is told; 0: nobody is
    policy: tuple[PolicyStep, ...] = STANDARD_POLICY
    is_enabled: bool = True

    @property
    def span(self) -> Window:
        return Window(self.window_kind, self.window_days, self.time_zone)

    @property
    def window(self) -> timedelta:
        return timedelta(days=self.window_days)

    @property
    def ratio(self) -> float:
        return float(self.objective)

    @property
    def is_grouped(self) -> bool:
        return bool(self.group_label)

    @property
    def alerts_on_gauges(self) -> bool:
        """Whether its burn is no sum of Prometheus' counters, so that alerts look at exported figures."""
        return self.indicator not in ("events", "latency") or self.method != "occurrences"


# Another value of one of these gives the counts another meaning: a new revision begins.
MEANING = (
    *("indicator", "good", "bad", "total", "query", "op", "threshold", "composition", "members"),
    *("method", "slice_target", "slice_seconds", "group_label"),
)


def changes_meaning(before: Definition, after: Definition) -> bool:
    return any(getattr(before, name) != getattr(after, name) for name in MEANING)


def plain(definition: Definition) -> dict[str, Any]:
    """As JSON holds it: what the API answers and takes, what the audit trail and a revision keep."""
    return {one.name: _plain(getattr(definition, one.name)) for one in fields(Definition)}


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return float(value)
        case tuple():
            return [_plain(item) for item in value]
        case Tier():
            return {
                "severity": value.severity,
                "budget_share": float(value.budget_share),
                "long": duration(value.long_seconds),
                "short": duration(value.short_seconds),
            }
        case PolicyStep():
            return {"left": float(value.left), "action": value.action}
        case Mapping():
            return dict(value)
        case Fraction():
            return float(value)
        case _:
            return value

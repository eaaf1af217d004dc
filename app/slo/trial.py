"""Asks the sources whether a definition can work, and what it would have counted: for a person who waits.

Bounded in time: what Prometheus does not answer at once is said to be unknown, and nothing hangs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from difflib import get_close_matches

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.errors import Refused
from app.prometheus import Prometheus
from app.slo import composing, facts, gather, queries
from app.slo.bucket import BUCKET, Bucket, Counts, floor
from app.slo.budget import Step
from app.slo.burn import duration
from app.slo.definition import Definition
from app.slo.expressions import buckets_of
from app.slo.objective import Objective
from app.sources import Sources

TIMEOUT_SECONDS = 4.0
HISTORY = timedelta(days=84)
SEEN_WITHIN = timedelta(days=7)
FACTS_SETTLE = timedelta(hours=1)
METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
MOST_CHOICES = 20
MOST_NAMES = 200
MOST_VALUES = 8
MOST_SNIPPETS = 14
DULL = ("le", "job", "instance", "quantile")


def client(sources: Sources) -> Prometheus:
    return Prometheus(sources.config.prometheus_url, TIMEOUT_SECONDS)


def why_nothing(prometheus: Prometheus, name: str) -> object:
    """A metric that does not exist, with the nearest that do; or one that nothing has been seen of."""
    names = prometheus.metric_names()
    if name in names:
        days = SEEN_WITHIN.days
        return _l("Nothing has matched this in the last %(days)s days. Look at the labels.", days=days)
    near = ", ".join(get_close_matches(name, names, 3, 0.6))
    if near:
        return _l("Prometheus has no metric %(name)s. Near it: %(near)s.", name=name, near=near)
    return _l("Prometheus has no metric %(name)s.", name=name)


def boundaries(prometheus: Prometheus, durations: str, now: datetime) -> list[str]:
    """The bucket boundaries of a histogram as Prometheus writes them, in ascending order, +Inf left out."""
    window = duration(int(SEEN_WITHIN.total_seconds()))
    selector = buckets_of(durations)
    try:
        samples = prometheus.query(f"count by (le) (last_over_time({selector}[{window}]))", now)
    except Refused as refused:
        raise _wrong("durations", str(refused)) from None
    known = {sample.labels.get("le", "") for sample in samples} - {"", "+Inf"}
    if not known:
        raise _wrong("durations", why_nothing(prometheus, selector.partition("{")[0]))
    return sorted(known, key=float)


def history(session: Session, sources: Sources, made: Definition, now: datetime) -> list[Step]:
    """Five-minute rows of the last twelve weeks, as far as the source has them."""
    last = floor(now) - BUCKET
    first = floor(now - HISTORY)
    if made.indicator == "composite":
        by_key = {slo.key: slo for slo in queries.objectives(session)}
        return _steps(composing.rows_of(session, as_objective(made), by_key, first, last))
    if made.indicator == "sql":
        sql = facts.check_text(made.query)
        return _steps(facts.fetch(sources.reporting, sql, first, last + BUCKET, now - FACTS_SETTLE))
    slo = as_objective(replace(made, group_label=""))
    found = gather.Gathered()
    gather.fetch(client(sources), [slo], (first, last), found)
    if slo.key in found.errors:
        raise Refused(found.errors[slo.key])
    return _steps(found.rows[slo.key].get(gather.WHOLE, []))


def as_objective(made: Definition) -> Objective:
    """As if it were kept already."""
    same = {one.name: getattr(made, one.name) for one in fields(Definition)}
    return Objective(**{**same, "key": made.key or "draft"}, id=0, revision=0, version=0)


def _steps(buckets: Sequence[Bucket]) -> list[Step]:
    return [
        Step(one.starts_at, Counts(one.bad, one.total) if one.state in ("ok", "no_traffic") else None)
        for one in buckets
    ]


def _wrong(field: str, why: object) -> Refused:
    return Refused(_l("The SLO was not saved."), {field: why})


@dataclass(frozen=True)
class Metric:
    """A metric as the picker shows it."""

    name: str
    kind: str  # counter, histogram, gauge …; "" where nobody says
    help: str
    labels: Mapping[str, Sequence[str]]  # with their values, the first few
    boundaries: Sequence[str]  # of a histogram

    @property
    def is_histogram(self) -> bool:
        return bool(self.boundaries)

    @property
    def snippets(self) -> list[str]:
        """How it may be written into a field: alone, and with each value of its labels."""
        pairs = [
            f'{self.name}{{{label}="{value}"}}' for label, values in self.labels.items() for value in values
        ]
        return [self.name, *pairs][:MOST_SNIPPETS]


def about_metric(prometheus: Prometheus, name: str, now: datetime) -> Metric:
    if not METRIC.fullmatch(name):
        raise Refused(_l("Choose a metric by its name."))
    labels = prometheus.label_values(name, now - SEEN_WITHIN)
    if not labels:
        raise Refused(why_nothing(prometheus, name))
    kind, about = prometheus.metadata(name)
    found = boundaries(prometheus, name, now) if "le" in labels else []
    kept = {label: values[:MOST_VALUES] for label, values in labels.items() if label not in DULL}
    return Metric(name, kind, about, kept, found)

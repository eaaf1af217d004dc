"""What only the sources know: does a query parse, what does it cost, does it match anything.

Everything is asked before anything is written, and each answer stands beside its field.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l

from app.errors import Refused
from app.prometheus import Prometheus, Tried
from app.slo import facts, promql, trial
from app.slo.burn import windows
from app.slo.definition import Definition
from app.slo.expressions import BAD, TOTAL, buckets_of, latency_parts, parts
from app.sources import Sources

TIMEOUT_SECONDS = 5.0
MOST_SAMPLES = 5_000_000  # that one query may look at; Prometheus itself ends at 50 million
WINDOW_SECONDS = 300
FACTS_TRIED = timedelta(days=1)


@dataclass(frozen=True)
class Checked:
    """A query that parses and is not too costly."""

    series: int  # how many it matches now
    value: float | None  # where that is one
    samples: int | None  # what Prometheus looked at


@dataclass(frozen=True)
class Completed:
    """A definition that can be gathered; `warnings` by field are no reason not to save it."""

    definition: Definition
    warnings: dict[str, object]


def checked_query(
    prometheus: Prometheus, expr: str, now: datetime, field: str = "query", must_match: bool = False
) -> Checked:
    """Try a query once. Raises `Refused` beside the field where it does not parse, costs too much, or
    (`must_match`) matches nothing now.
    """
    tried = _try(prometheus, expr, now, field)
    if tried.kind not in ("vector", "scalar"):
        raise _refused({field: _l("The query must answer one number for each series.")})
    if must_match and not tried.samples:
        raise _refused({field: _nothing()})
    value = tried.samples[0].value if len(tried.samples) == 1 else None
    return Checked(len(tried.samples), value, tried.looked_at)


def complete(sources: Sources, made: Definition, now: datetime, must_match: bool = True) -> Completed:
    """The definition with what the sources fill in, such as a bucket's boundary as it is spelled there.

    Raises `Refused` beside the fields; without `must_match` what matches nothing now is only a warning.
    """
    match made.indicator:
        case "latency":
            made = _with_boundary(sources.prometheus, made, now)
            return _counters(sources.prometheus, made, now, must_match)
        case "events":
            return _counters(sources.prometheus, made, now, must_match)
        case "probe":
            return _probe(sources.prometheus, made, now, must_match)
        case "sql":
            return _facts(sources, made, now)
        case _:
            return Completed(made, {})


def _counters(prometheus: Prometheus, made: Definition, now: datetime, must_match: bool) -> Completed:
    wrong: dict[str, object] = {}
    warnings: dict[str, object] = {}
    unmatched: dict[str, object] = {}
    longest = max(window.long_seconds for window in windows(made.window_days, made.objective, made.tiers))
    for kind, expr in parts(made, WINDOW_SECONDS).items():
        field = _field(made, kind)
        try:
            # The counter itself first: its increase is empty for one that was born a moment ago.
            checked_query(prometheus, parts(made, longest)[kind], now, field)
            found = checked_query(prometheus, expr, now, field)
        except Refused as refused:
            wrong |= refused.fields
            continue
        written = _written(made, kind)
        if found.series == 0 and not _is_there(prometheus, written, now):
            if kind == BAD and _is_known(prometheus, written):
                warnings[field] = _l("No bad event has been counted yet, so all count as good.")
            else:
                unmatched[field] = _why_nothing(prometheus, written)
        elif made.group_label and kind == "total" and not _has_label(prometheus, expr, made, now):
            wrong["group_label"] = _l("No series has the label %(label)s.", label=made.group_label)
    if must_match or TOTAL not in unmatched:
        # With all events counted and none of them good it would be exhausted at once.
        wrong |= unmatched
    if wrong:
        raise _refused(wrong)
    return Completed(made, warnings | unmatched)


def _is_known(prometheus: Prometheus, written: str) -> bool:
    """Whether there is such a metric, or this is no plain counter and nobody can tell."""
    name = _metric(written)
    return not name or name in prometheus.metric_names()


def _why_nothing(prometheus: Prometheus, written: str) -> object:
    name = _metric(written)
    return trial.why_nothing(prometheus, name) if name else _nothing()


def _metric(written: str) -> str:
    """The name of a plain counter, "" of anything else."""
    return written.partition("{")[0].strip() if promql.is_selector(written) else ""


def _is_there(prometheus: Prometheus, written: str, now: datetime) -> bool:
    """Whether a plain counter exists, though it has not been seen twice yet."""
    return promql.is_selector(written) and bool(_try(prometheus, f"count({written})", now, "total").samples)


def _has_label(prometheus: Prometheus, expr: str, made: Definition, now: datetime) -> bool:
    return any(sample.labels.get(made.group_label) for sample in _try(prometheus, expr, now, "total").samples)


def _written(made: Definition, kind: str) -> str:
    return {"good": made.good, "bad": made.bad, "total": made.total}[kind]


def _field(made: Definition, kind: str) -> str:
    return "durations" if made.indicator == "latency" else kind


def _with_boundary(prometheus: Prometheus, made: Definition, now: datetime) -> Definition:
    """Prometheus counts below its buckets' boundaries alone: another threshold would find no series."""
    durations = buckets_of(made.durations)
    if not promql.is_selector(durations):
        raise _refused({"durations": _l("Give the histogram, such as request_duration_seconds_bucket.")})
    tried = _try(prometheus, f"count by (le) ({durations})", now, "durations")
    if not tried.samples:
        raise _refused({"durations": _nothing()})
    spelled = [sample.labels.get("le", "") for sample in tried.samples]
    same = [le for le in spelled if _number(le) == made.threshold_seconds]
    if not same:
        known = ", ".join(sorted(set(spelled) - {"+Inf", ""}, key=_number))
        why = _l("This is no boundary of the histogram's buckets. Choose one of: %(known)s.", known=known)
        raise _refused({"threshold_seconds": why})
    good, total = latency_parts(durations, same[0])
    return replace(made, durations=durations, good=good, total=total)


def _number(le: str) -> float:
    try:
        return float(le)
    except ValueError:
        return float("nan")


def _probe(prometheus: Prometheus, made: Definition, now: datetime, must_match: bool) -> Completed:
    checked_query(prometheus, made.query, now, "query", must_match)
    found = checked_query(prometheus, parts(made, WINDOW_SECONDS)["total"], now, "query")
    return Completed(made, {} if found.series else {"query": _nothing()})


def _facts(sources: Sources, made: Definition, now: datetime) -> Completed:
    kept = replace(made, query=facts.check_text(made.query))
    events = facts.check(sources.reporting, kept.query, now - FACTS_TRIED, now)
    return Completed(kept, {} if events else {"query": _l("It counted nothing in the last day.")})


def _try(prometheus: Prometheus, expr: str, now: datetime, field: str) -> Tried:
    try:
        tried = prometheus.try_query(expr, now, TIMEOUT_SECONDS)
    except Refused as refused:
        raise _refused({field: _l("Prometheus says: %(why)s", why=_reason(str(refused)))}) from None
    if tried.looked_at is not None and tried.looked_at > MOST_SAMPLES:
        why = _l(
            "It looks at %(samples)s samples each time, and %(most)s are allowed. Match fewer series.",
            samples=tried.looked_at,
            most=MOST_SAMPLES,
        )
        raise _refused({field: why})
    return tried


def _reason(said: str) -> str:
    return said.removeprefix("Prometheus refuses the query: ")[:300]


def _nothing() -> object:
    return _l("No series matches this now.")


def _refused(wrong: dict[str, object]) -> Refused:
    return Refused(_l("The SLO was not saved."), wrong)

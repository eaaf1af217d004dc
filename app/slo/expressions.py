"""What Prometheus is asked for an objective over a window: its good or bad events, and all. Pure."""

from __future__ import annotations

from app.slo import promql
from app.slo.burn import duration
from app.slo.definition import OPS, Definition

GOOD, BAD, TOTAL = "good", "bad", "total"
PROBE_SECONDS = 15  # how often a probe's value is looked at


def parts(slo: Definition, seconds: int) -> dict[str, str]:
    """Kind of count → its PromQL, as one number or one for each value of the group's label."""
    window = duration(seconds)
    match slo.indicator:
        case "probe":
            return _probe(slo, seconds)
        case "events" | "latency":
            kinds = {BAD: slo.bad} if slo.bad else {GOOD: slo.good}
            wanted = {**kinds, TOTAL: slo.total}
            return {kind: promql.summed(expr, window, slo.group_label) for kind, expr in wanted.items()}
        case _:
            return {}


def _probe(slo: Definition, seconds: int) -> dict[str, str]:
    """Samples of the value that keep the limit, of all. The range is a second short of its ends' double."""
    steps = f"[{seconds - 1}s:{PROBE_SECONDS}s]"
    limit = f"{slo.threshold:.17g}" if slo.threshold is not None else "0"
    query = promql.plain(slo.query)
    return {
        GOOD: f"sum(sum_over_time((({query}) {OPS[slo.op]} bool {limit}){steps}))",
        TOTAL: f"sum(count_over_time(({query}){steps}))",
    }


def latency_parts(durations: str, boundary: str) -> tuple[str, str]:
    """A histogram's buckets, as a selector, → counters of events within the boundary, and of all."""
    name, _, matchers = durations.partition("{")
    base = name.strip().removesuffix("_bucket")
    kept = matchers.rsplit("}", 1)[0].strip().rstrip(",")
    joined = f"{kept}," if kept else ""
    good = f'{base}_bucket{{{joined}le="{boundary}"}}'
    return good, f"{base}_count{{{kept}}}" if kept else f"{base}_count"


def buckets_of(durations: str) -> str:
    """The selector of all buckets, whatever of the histogram's names was given."""
    name, brace, matchers = durations.strip().partition("{")
    base = name.strip()
    for suffix in ("_bucket", "_count", "_sum"):
        base = base.removesuffix(suffix)
    return f"{base}_bucket{brace}{matchers}"

"""Burn alerts as Prometheus rules: the same objectives give the same text, byte for byte. Pure.

One YAML document (Prometheus silently ignores a second one). Sums over sums of raw counters, so that
neither a quiet hour nor a restart bends them; where no good (or bad) event was ever counted `or 0 * total`
stands in. What is no sum of Prometheus' counters (probes, SQL, slices of time, composites) is judged by the
burns that the control plane exports as gauges. Strings are JSON, which YAML reads as it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from app.slo import promql
from app.slo.burn import BurnWindow, Severity, decimal, duration, windows
from app.slo.definition import Definition
from app.slo.objective import Objective

BURN_ALERT = "ErrorBudgetBurn"
BLIND_ALERT = "MonitoringBlind"
BLIND_RUNBOOK = "monitoring-blind"
# Tickets look at days of raw samples: once a minute is soon enough and spares Prometheus.
INTERVAL: dict[Severity, str] = {"page": "", "ticket": "1m"}
GAUGE = "backroom_"  # what a series is called as a gauge: this, and its key with underscores
DIGEST = "digest"
FRESH_SECONDS = 300  # an exported figure that is older says nothing of now
OURS = ("alertname", "slo", "severity", "window", "member_of")  # labels that an objective's own cannot change

HEAD = "# Written by Backroom from its objectives, checked by promtool. Edits here are overwritten.\n"


@dataclass(frozen=True)
class Rule:
    alert: str
    expr: str
    labels: dict[str, str]
    annotations: dict[str, str]
    hold: str = ""  # Prometheus' `for`

    @property
    def digest(self) -> str:
        """Told with the rule, so that what is loaded can be compared with what was meant."""
        return hashlib.sha256(f"{self.expr}\n{self.hold}".encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Group:
    name: str
    interval: str  # "": the server's default
    rules: tuple[Rule, ...]


def groups(objectives: Iterable[Objective], control_url: str) -> list[Group]:
    """Two groups an objective: what pages, and what makes a ticket. A group's members come with it."""
    made = []
    for slo in sorted(objectives, key=lambda slo: slo.key):
        if slo.parent_id is None:
            made += _groups_of(slo, control_url)
    return made


def _groups_of(slo: Objective, control_url: str) -> list[Group]:
    found = windows(slo.window_days, slo.objective, slo.tiers)
    by_severity: dict[str, list[Rule]] = {"page": [], "ticket": []}
    for by in ("", slo.group_label) if slo.is_grouped else ("",):
        for window in found:
            by_severity[window.severity].append(_burn(slo, window, by, control_url))
    if slo.absent_minutes:
        by_severity["page"].append(_blind(slo, control_url))
    return [
        Group(f"slo-{slo.key}-{severity}", INTERVAL[severity], tuple(by_severity[severity]))
        for severity in INTERVAL
        if by_severity[severity]
    ]


def text(made: Sequence[Group]) -> str:
    return HEAD + "groups:\n" + "".join(line + "\n" for group in made for line in _group(group))


def bad(slo: Definition, window: str, by: str = "") -> str:
    total = promql.summed(slo.total, window, by)
    if slo.bad:
        return f"({promql.summed(slo.bad, window, by)} or 0 * {total})"
    return f"({total} - ({promql.summed(slo.good, window, by)} or 0 * {total}))"


def _burn_over(slo: Definition, window: str, by: str) -> str:
    if slo.alerts_on_gauges:
        return _figure("slo_burn", f'slo="{slo.key}",window="{window}"')
    allowed = decimal(1 - Fraction(slo.objective))
    return f"{bad(slo, window, by)} / {promql.summed(slo.total, window, by)} / {allowed}"


def _bad_over(slo: Definition, window: str, by: str) -> str:
    if slo.alerts_on_gauges:
        return _figure("slo_bad_events", f'slo="{slo.key}",window="{window}"')
    return bad(slo, window, by)


def _figure(name: str, matchers: str) -> str:
    """An exported figure while it is fresh: without traffic, or without us, the last one stays exported."""
    value, moment = (f"{GAUGE}{name}{suffix}{{{matchers}}}" for suffix in ("", "_timestamp_seconds"))
    return f"max by (slo) ({value} and {moment} > time() - {FRESH_SECONDS})"


def _burn(slo: Objective, window: BurnWindow, by: str, control_url: str) -> Rule:
    long, short = duration(window.long_seconds), duration(window.short_seconds)
    factor = decimal(window.factor)
    expr = (
        f"{_burn_over(slo, long, by)} > {factor}\n"
        f"and {_burn_over(slo, short, by)} > {factor}\n"
        f"and {_bad_over(slo, long, by)} >= {slo.min_bad_events}"
    )
    share = decimal(window.budget_share * 100)
    member = f" ({by} {{{{ $labels.{by} }}}})" if by else ""
    return Rule(
        BURN_ALERT,
        expr,
        _labels(slo, window.severity, long, by),
        {
            "summary": f"{slo.name}{member} burns its error budget "
            '{{ $value | printf "%.1f" }} times too fast',
            "description": f"Kept up for {long} it spends {share} % of the {slo.window_days}-day budget.",
            **_links(slo, slo.runbook, control_url),
        },
    )


def _blind(slo: Objective, control_url: str) -> Rule:
    hold = duration(slo.absent_minutes * 60)
    watched = _watched(slo)
    return Rule(
        BLIND_ALERT,
        f"absent({watched})",
        _labels(slo, "page", hold),
        {
            "summary": f"{slo.name} cannot be measured: its events are not counted any more",
            "description": f"No series matches {_literal(watched)}. The service or its scrape is down.",
            **_links(slo, BLIND_RUNBOOK, control_url),
        },
        hold,
    )


def _watched(slo: Definition) -> str:
    """What must exist for the objective to be measured at all."""
    match slo.indicator:
        case "events" | "latency":
            plain = promql.is_selector(slo.total)
            return f"sum({slo.total})" if plain else promql.summed(slo.total, "5m")
        case "probe":
            return f"sum({promql.plain(slo.query)})"
        case _:
            return _figure("slo_state", f'slo="{slo.key}"')


def _literal(text: str) -> str:
    """Text that Prometheus' templates must not read as their own."""
    return text.replace("{{", "{ {").replace("}}", "} }")


def _labels(slo: Objective, severity: Severity, window: str, by: str = "") -> dict[str, str]:
    """`member_of` tells the rule for each value of a label from the one for all of them together."""
    own = {name: value for name, value in sorted(slo.labels.items()) if name not in OURS}
    each = {"member_of": by} if by else {}
    return {**own, "slo": slo.key, "severity": severity, "window": window, **each}


def _links(slo: Objective, runbook: str, control_url: str) -> dict[str, str]:
    return {
        "runbook_url": f"{control_url}/alerts/runbooks/{runbook}",
        "dashboard_url": f"{control_url}/slo/{slo.key}",
    }


def _group(group: Group) -> Iterator[str]:
    yield f"  - name: {json.dumps(group.name)}"
    if group.interval:
        yield f"    interval: {group.interval}"
    yield "    rules:"
    for rule in group.rules:
        yield from _rule(rule)


def _rule(rule: Rule) -> Iterator[str]:
    yield f"      - alert: {rule.alert}"
    yield "        expr: |-"
    yield from (f"          {line}" for line in rule.expr.split("\n"))
    if rule.hold:
        yield f"        for: {rule.hold}"
    yield "        labels:"
    yield from (f"          {name}: {json.dumps(value)}" for name, value in rule.labels.items())
    yield "        annotations:"
    yield from (
        f"          {name}: {json.dumps(value, ensure_ascii=False)}"
        for name, value in {**rule.annotations, DIGEST: rule.digest}.items()
    )

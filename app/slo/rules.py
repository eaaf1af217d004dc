"""Burn alerts as Prometheus rules: the same objectives give the same text, byte for byte. Pure.

One YAML document (Prometheus silently ignores a second one). Sums over sums of raw counters, so that
neither a quiet hour nor a restart bends them; where no good event was ever counted `or 0 * total` stands in.
Strings are JSON, which YAML reads as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from app.slo.burn import BurnWindow, Severity, decimal, duration, windows
from app.slo.objective import Objective

BURN_ALERT = "ErrorBudgetBurn"
BLIND_ALERT = "MonitoringBlind"
BLIND_FOR = "5m"
BLIND_RUNBOOK = "monitoring-blind"
# Tickets look at days of raw samples: once a minute is soon enough and spares Prometheus.
INTERVAL: dict[Severity, str] = {"page": "", "ticket": "1m"}

HEAD = "# Written by Backroom from its objectives, checked by promtool. Edits here are overwritten.\n"


@dataclass(frozen=True)
class Rule:
    alert: str
    expr: str
    labels: dict[str, str]
    annotations: dict[str, str]
    hold: str = ""  # Prometheus' `for`


@dataclass(frozen=True)
class Group:
    name: str
    interval: str  # "": the server's default
    rules: tuple[Rule, ...]


def groups(objectives: Iterable[Objective], control_url: str) -> list[Group]:
    """Two groups an objective: what pages, and what makes a ticket."""
    made = []
    for slo in sorted(objectives, key=lambda slo: slo.key):
        found = windows(slo.window_days, slo.objective, slo.tiers)
        pages = tuple(_burn(slo, window, control_url) for window in found if window.severity == "page")
        tickets = tuple(_burn(slo, window, control_url) for window in found if window.severity == "ticket")
        made.append(Group(f"slo-{slo.key}-page", INTERVAL["page"], (*pages, _blind(slo, control_url))))
        made.append(Group(f"slo-{slo.key}-ticket", INTERVAL["ticket"], tickets))
    return made


def text(made: Sequence[Group]) -> str:
    return HEAD + "groups:\n" + "".join(line + "\n" for group in made for line in _group(group))


def bad(slo: Objective, window: str) -> str:
    total = f"sum(increase({slo.total}[{window}]))"
    return f"({total} - (sum(increase({slo.good}[{window}])) or 0 * {total}))"


def _burn_over(slo: Objective, window: str) -> str:
    allowed = decimal(1 - Fraction(slo.objective))
    return f"{bad(slo, window)} / sum(increase({slo.total}[{window}])) / {allowed}"


def _burn(slo: Objective, window: BurnWindow, control_url: str) -> Rule:
    long, short = duration(window.long_seconds), duration(window.short_seconds)
    factor = decimal(window.factor)
    expr = (
        f"{_burn_over(slo, long)} > {factor}\n"
        f"and {_burn_over(slo, short)} > {factor}\n"
        f"and {bad(slo, long)} >= {slo.min_bad_events}"
    )
    share = decimal(window.budget_share * 100)
    return Rule(
        BURN_ALERT,
        expr,
        _labels(slo, window.severity, long),
        {
            "summary": f'{slo.name} burns its error budget {{{{ $value | printf "%.1f" }}}} times too fast',
            "description": f"Kept up for {long} it spends {share} % of the {slo.window_days}-day budget.",
            **_links(slo, slo.runbook, control_url),
        },
    )


def _blind(slo: Objective, control_url: str) -> Rule:
    return Rule(
        BLIND_ALERT,
        f"absent(sum({slo.total}))",
        _labels(slo, "page", BLIND_FOR),
        {
            "summary": f"{slo.name} cannot be measured: its events are not counted any more",
            "description": f"No series matches {slo.total}. The service or its scrape is down.",
            **_links(slo, BLIND_RUNBOOK, control_url),
        },
        BLIND_FOR,
    )


def _labels(slo: Objective, severity: Severity, window: str) -> dict[str, str]:
    return {"slo": slo.key, "severity": severity, "window": window}


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
    yield from (f"          {line}" for line in rule.expr.splitlines())
    if rule.hold:
        yield f"        for: {rule.hold}"
    yield "        labels:"
    yield from (f"          {name}: {json.dumps(value)}" for name, value in rule.labels.items())
    yield "        annotations:"
    yield from (
        f"          {name}: {json.dumps(value, ensure_ascii=False)}"
        for name, value in rule.annotations.items()
    )

"""Definitions as OpenSLO v1. Pure.

What the specification has no field for (an owner, a runbook, the policy) stands in annotations of ours, which
the import reads again. An objective that is counted elsewhere is given back as it came.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from app.slo.burn import decimal, duration, windows
from app.slo.definition import Definition
from app.slo.openslo_import import ANNOTATION, NO_SERVICE, SOURCE_SQL
from app.slo.openslo_rules import V1
from app.slo.policy import STANDARD_POLICY

PROMETHEUS = "Prometheus"
CALENDARS = {
    "week": ("1w", "2024-01-01 00:00:00"),  # a Monday
    "month": ("1M", "2024-01-01 00:00:00"),
    "quarter": ("1Q", "2024-01-01 00:00:00"),
}
METHODS = {"occurrences": "Occurrences", "timeslices": "Timeslices", "ratio_timeslices": "RatioTimeslices"}
SPECIFIED_OPS = ("lte", "lt", "gte", "gt")
LONGEST_NAME, LONGEST_DESCRIPTION = 63, 1_050


def as_yaml(documents: Iterable[Mapping[str, Any]]) -> str:
    """Without aliases, which our own import refuses."""
    made: str = yaml.dump_all(
        documents, Dumper=_Plain, sort_keys=False, allow_unicode=True, explicit_start=True
    )
    return made


class _Plain(yaml.SafeDumper):  # type: ignore[misc]
    def ignore_aliases(self, data: object) -> bool:
        return True


def document(slo: Definition, original: Mapping[str, Any] | None = None) -> dict[str, Any]:
    if slo.indicator == "foreign" and original:
        return dict(original)
    spec: dict[str, Any] = {
        "description": slo.about[:LONGEST_DESCRIPTION],
        "service": slo.labels.get("service") or NO_SERVICE,
        "timeWindow": [_window(slo)],
        "budgetingMethod": METHODS[slo.method],
    }
    if slo.indicator == "composite":
        spec["objectives"] = [
            {"indicatorRef": key, "compositeWeight": weight, "target": float(slo.objective)}
            for key, weight in slo.members.items()
        ]
    else:
        spec["indicator"] = {"metadata": {"name": slo.key}, "spec": _sli(slo)}
        spec["objectives"] = [_objective(slo)]
    if slo.tiers:
        spec["alertPolicies"] = list(_policies(slo))
    return {"apiVersion": V1, "kind": "SLO", "metadata": _metadata(slo), "spec": spec}


def _metadata(slo: Definition) -> dict[str, Any]:
    made: dict[str, Any] = {"name": slo.key, "displayName": slo.name[:LONGEST_NAME]}
    labels = {name: [text] for name, text in slo.labels.items() if name != "service" and name[0] != "_"}
    if labels:
        made["labels"] = labels
    kept = {
        "owner": slo.owner,
        "runbook": slo.runbook,
        "min-bad-events": str(slo.min_bad_events),
        "absent-minutes": str(slo.absent_minutes),
        "group-label": slo.group_label,
        "composition": slo.composition if slo.indicator == "composite" else "",
        "policy": "" if slo.policy == STANDARD_POLICY else _policy(slo),
        "indicator": slo.indicator if slo.indicator == "latency" else "",
        "durations": slo.durations,
        "threshold-seconds": "" if slo.threshold_seconds is None else f"{slo.threshold_seconds:.17g}",
        "op": slo.op if slo.op not in SPECIFIED_OPS else "",
        "is-enabled": "" if slo.is_enabled else "false",
    }
    made["annotations"] = {f"{ANNOTATION}{name}": text for name, text in kept.items() if text}
    return made


def _policy(slo: Definition) -> str:
    return "\n".join(f"{decimal(step.left * 100)}% {step.action}" for step in slo.policy)


def _window(slo: Definition) -> dict[str, Any]:
    if slo.window_kind == "rolling":
        return {"duration": f"{slo.window_days}d", "isRolling": True}
    length, start = CALENDARS[slo.window_kind]
    return {
        "duration": length,
        "isRolling": False,
        "calendar": {"startTime": start, "timeZone": slo.time_zone},
    }


def _sli(slo: Definition) -> dict[str, Any]:
    if slo.indicator == "probe":
        return {"thresholdMetric": _metric(PROMETHEUS, slo.query)}
    if slo.indicator == "sql":
        good, total = (_metric(SOURCE_SQL, slo.query) for _ in ("good", "total"))
        return {"ratioMetric": {"counter": False, "good": good, "total": total}}
    part = {"bad": slo.bad} if slo.bad else {"good": slo.good}
    metrics = {name: _metric(PROMETHEUS, query) for name, query in {**part, "total": slo.total}.items()}
    return {"ratioMetric": {"counter": True, **metrics}}


def _metric(kind: str, query: str) -> dict[str, Any]:
    return {"metricSource": {"type": kind, "spec": {"query": query}}}


def _objective(slo: Definition) -> dict[str, Any]:
    made: dict[str, Any] = {"displayName": slo.name[:LONGEST_NAME], "target": float(slo.objective)}
    if slo.indicator == "probe":
        made |= {"op": slo.op if slo.op in SPECIFIED_OPS else "gte", "value": slo.threshold}
    if slo.method != "occurrences":
        made["timeSliceWindow"] = f"{slo.slice_seconds // 60}m"
    if slo.method == "timeslices":
        made["timeSliceTarget"] = float(slo.slice_target or 1)
    return made


def _policies(slo: Definition) -> Iterable[dict[str, Any]]:
    """One for each alert of its own: the specification has one condition a policy."""
    for window in windows(slo.window_days, slo.objective, slo.tiers):
        length = _duration(window.long_seconds)
        name = re.sub(r"[^a-z0-9-]", "-", f"{slo.key[:40]}-{window.severity}-{length.lower()}")
        condition = {
            "kind": "burnrate",
            "op": "gt",
            "threshold": float(window.factor),
            "lookbackWindow": length,
            "alertAfter": _duration(window.short_seconds),
        }
        yield {
            "kind": "AlertPolicy",
            "metadata": {"name": name},
            "spec": {
                "alertWhenNoData": slo.absent_minutes > 0,
                "alertWhenBreaching": True,
                "conditions": [
                    {
                        "kind": "AlertCondition",
                        "metadata": {"name": name},
                        "spec": {"severity": window.severity, "condition": condition},
                    }
                ],
                "notificationTargets": [{"targetRef": "alertmanager"}],
            },
        }


def _duration(seconds: int) -> str:
    """In one unit, as the specification wants: 1h30m is 90m."""
    text = duration(seconds)
    return text if re.fullmatch(r"\d+[mhd]", text) else f"{max(1, seconds // 60)}m"

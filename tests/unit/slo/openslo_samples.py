"""OpenSLO objects to change bit by bit."""

from __future__ import annotations

import copy
from typing import Any


def prometheus(query: str) -> dict[str, Any]:
    return {"metricSource": {"type": "Prometheus", "spec": {"query": query}}}


RATIO: dict[str, Any] = {
    "apiVersion": "openslo/v1",
    "kind": "SLO",
    "metadata": {"name": "pay", "displayName": "Paying", "labels": {"team": ["shop", "money"]}},
    "spec": {
        "description": "Payments are taken",
        "service": "payments",
        "indicator": {
            "metadata": {"name": "pay-ratio"},
            "spec": {
                "ratioMetric": {
                    "counter": True,
                    "good": prometheus('pays_total{outcome="good"}'),
                    "total": prometheus("pays_total"),
                }
            },
        },
        "timeWindow": [{"duration": "28d", "isRolling": True}],
        "budgetingMethod": "Occurrences",
        "objectives": [{"displayName": "Good", "target": 0.995}],
    },
}
CONDITION: dict[str, Any] = {
    "kind": "AlertCondition",
    "metadata": {"name": "fast"},
    "spec": {
        "severity": "page",
        "condition": {"kind": "burnrate", "op": "gt", "threshold": 13.44, "lookbackWindow": "1h"},
    },
}
POLICY: dict[str, Any] = {
    "kind": "AlertPolicy",
    "metadata": {"name": "fast-burn"},
    "spec": {"conditions": [CONDITION], "notificationTargets": [{"targetRef": "on-call"}]},
}
OLD: dict[str, Any] = {
    "apiVersion": "openslo/v1alpha",
    "kind": "SLO",
    "metadata": {"name": "old"},
    "spec": {
        "budgetingMethod": "Occurrences",
        "service": "shop",
        "timeWindows": [{"count": 4, "unit": "Week", "isRolling": True}],
        "objectives": [
            {
                "displayName": "Good",
                "value": 1,
                "target": 0.98,
                "ratioMetrics": {
                    "good": {"source": "prometheus", "queryType": "promql", "query": "good_total"},
                    "total": {"source": "prometheus", "queryType": "promql", "query": "all_total"},
                    "incremental": True,
                },
            }
        ],
    },
}
GONE = object()


def changed(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """`changed(RATIO, "spec.objectives.0.target", 2)`; GONE takes the field away."""
    made = copy.deepcopy(document)
    *way, last = (int(step) if step.isdecimal() else step for step in path.split("."))
    inner: Any = made
    for step in way:
        inner = inner[step]
    if value is GONE:
        del inner[last]
    else:
        inner[last] = value
    return made

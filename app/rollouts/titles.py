"""A decision in one line for charts, which have one language. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.rollouts.machine import Decision

TITLES = {
    "finish": "rollout finished",
    "roll_back": "rollout rolled back",
    "off": "rollout switched it off",
    "halt": "rollout stopped",
    "let_go": "rollout paused, changed by hand",
    "expire": "rollout ran out of time",
    "ask": "rollout waits for approval",
    "freeze": "rollout frozen",
    "abort": "rollout ended",
    "pause": "rollout paused",
    "resume": "rollout resumed",
}
FREEZES = {
    "both_suffer": "both sides suffer",
    "frozen": "all rollouts are frozen",
    "budget_gone": "the error budget is gone",
    "policy": "the error-budget policy says so",
}


def title(flag: str, decision: Decision, evidence: Mapping[str, Any]) -> str:
    words = f"{flag}: {TITLES.get(decision.action, 'rollout ' + decision.action)}"
    if why := FREEZES.get(decision.code) if decision.action == "freeze" else _harm(decision, evidence):
        words += f" ({why})"
    return words[:200]


def _harm(decision: Decision, evidence: Mapping[str, Any]) -> str:
    guards = decision.about.get("guards") or ()
    found = next((one for one in evidence.get("verdicts", ()) if one["key"] in guards), None)
    if decision.code != "harm" or found is None:
        return ""
    return f"{found['key']}: {_number(found, 'treated')} with it, {_number(found, 'control')} without"


def _number(verdict: Mapping[str, Any], side: str) -> str:
    value = verdict.get(side)
    if value is None:
        return "no data"
    if verdict["kind"] == "latency":
        return f"{value:.2f} s"
    if verdict["kind"] in ("burn", "cost", "revenue"):
        return f"{value:.3g}"
    return f"{value:.1%}"

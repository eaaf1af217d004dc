"""A step of a plan as a strategy that SDKs read. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.rollouts.plan import Audience, Plan

Json = dict[str, Any]

# Our words → what the shop tells the SDK of a shopper.
CONTEXT = {"locales": "locale", "countries": "country", "devices": "device"}


def strategies(plan: Plan, step: int, before: Sequence[Mapping[str, Any]], flag: str) -> list[Json]:
    """One strategy. How shoppers are drawn stays as it was, so that nobody changes sides between steps."""
    wanted = plan.steps[step]
    audience = plan.audience if wanted.scope == "audience" else Audience()
    drawn = before[0].get("parameters", {}) if before and before[0]["name"] == "flexibleRollout" else {}
    parameters = {"stickiness": "default", "groupId": flag} | drawn | {"rollout": str(wanted.percent)}
    return [
        {
            "name": "flexibleRollout",
            "parameters": parameters,
            "constraints": constraints(audience),
            "segments": [int(segment) for segment in audience.segments],
            "variants": list(before[0].get("variants", [])) if before else [],
        }
    ]


def constraints(audience: Audience) -> list[Json]:
    found = [
        _is_one_of(context, values)
        for name, context in CONTEXT.items()
        if (values := list(getattr(audience, name)))
    ]
    if audience.customer:
        found.append(_is_one_of("customer", [audience.customer]))
    return found


def _is_one_of(context: str, values: list[str]) -> Json:
    return {"contextName": context, "operator": "IN", "values": values}

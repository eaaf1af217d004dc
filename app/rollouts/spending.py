"""How much of an error budget the next step could use, and whether that much is left for it. Pure.

    expected spend  =  exposure × expected excess error × duration

in bad journeys: exposure is the journeys of the treated side by the second at the next percentage; the excess
is what is expected of its errors beyond the control group's, which with little evidence is much (half a bad
journey on top of those that were seen); the duration is the step's least time. What a rollout may use is the
share that its plan allows it, less what it has used, and never more than is left at all.
"""

from __future__ import annotations

from app.rollouts.counts import Count, Sides
from app.rollouts.guards import Memory, Slo, spent_share
from app.rollouts.plan import Guard, Plan

LEAST_SECONDS = 600.0  # a step without a least time is reckoned with ten minutes


def is_too_large(
    plan: Plan, step: int, memory: Memory, recent: Sides, recent_seconds: float, slos: dict[str, Slo]
) -> bool:
    """Whether the step after `step` could use more than is left of a budget that guards the rollout."""
    return any(
        is_over(plan, step, guard, memory, recent, recent_seconds, slos.get(guard.slo, Slo()))
        for guard in plan.guards
        if guard.kind == "budget"
    )


def is_over(
    plan: Plan, step: int, guard: Guard, memory: Memory, recent: Sides, recent_seconds: float, slo: Slo
) -> bool:
    """False where nothing is known: that is for the guard itself to say."""
    room = room_left(guard, memory, slo)
    spend = expected_spend(plan, step, guard.journey, memory, recent, recent_seconds)
    return room is not None and spend is not None and spend > room


def room_left(guard: Guard, memory: Memory, slo: Slo) -> float | None:
    """Bad journeys that the rollout may still cause."""
    spent = spent_share(memory, guard.journey, slo)
    if spent is None or slo.budget_left is None or slo.budget_events is None:
        return None
    return max(0.0, min(slo.budget_left, guard.limit - spent)) * slo.budget_events


def expected_spend(
    plan: Plan, step: int, journey: str, memory: Memory, recent: Sides, recent_seconds: float
) -> float | None:
    """Bad journeys too many that the next step is expected to make. None: no traffic to reckon with."""
    treated, control = recent.of(journey)
    if step >= plan.last or recent_seconds <= 0 or not treated.journeys + control.journeys:
        return None
    following = plan.steps[step + 1]
    exposure = (treated.journeys + control.journeys) / recent_seconds * following.percent / 100
    duration = max(following.minutes * 60.0, LEAST_SECONDS)
    return exposure * expected_excess(*memory.total.of(journey)) * duration


def expected_excess(treated: Count, control: Count) -> float:
    """Share of journeys; half a bad one is added, so that few good ones prove little."""
    expected = (treated.bad + 0.5) / (treated.journeys + 1)
    return max(0.0, expected - (control.error_share or 0.0))

"""Statistics without an experiment of ours: moments in, the answer of the page out."""

from __future__ import annotations

from typing import Any

from app.experiments import answers, reading
from app.experiments.analysis import Analysis, Plan, Question, analyse
from app.experiments.money import Gain, gain
from app.experiments.power import arms_of, chance_to_see, days_needed, shoppers_needed, smallest_effect
from app.experiments.stats import compare


def evaluate(body: object) -> dict[str, Any]:
    """Raises Refused with the path of each wrong field."""
    asked = reading.read(body)
    found = analyse(asked.plan, asked.questions, asked.users)
    answer = answers.analysis(found, _gains(asked))
    comparisons = [row for metric in answer["metrics"] for row in metric["comparisons"]]
    return {
        **answer,
        "result": comparisons[0] if len(comparisons) == 1 else None,  # for the simplest question
        "power": {row.variant: _power(found, row.variant) for row in found.goal.rows},
    }


def _gains(asked: reading.Asked) -> dict[str, Gain | None]:
    if asked.money is None:
        return {}
    revenue = next(question for question in asked.questions if question.key == asked.money.metric)
    return {
        variant: gain(_absolute(asked.plan, revenue, variant), asked.money.margin, asked.money.exposure_cents)
        for variant in revenue.statistics
        if variant != asked.plan.control
    }


def _absolute(plan: Plan, question: Question, variant: str) -> Any:
    return compare(
        question.statistics[plan.control],
        question.statistics[variant],
        test=plan.test,
        difference="absolute",
        alpha=plan.alpha,
        tuning=plan.tuning,
    )


def _power(found: Analysis, variant: str) -> dict[str, Any]:
    """Of control and one variant together: what the expected effect takes, and what is there already."""
    plan, statistics = found.plan, found.goal.question.statistics
    control, treatment = statistics[plan.control], statistics[variant]
    weights = plan.weights or {}
    both = weights.get(plan.control, 1.0) + weights.get(variant, 1.0)
    arms = arms_of(control, plan.expected_effect, weights.get(plan.control, 1.0) / both)
    how: dict[str, Any] = {"test": plan.test, "alpha": plan.alpha, "tuning": plan.tuning}
    needed = shoppers_needed(arms, plan.expected_effect, power=plan.power, **how)
    n = control.n + treatment.n
    a_day = None
    if plan.shoppers_a_day is not None:
        a_day = plan.shoppers_a_day * both / (sum(weights.values()) or len(statistics))
    more = None if needed is None else max(0, needed - n)
    return {
        "shoppers_needed": needed,
        "shoppers_more": more,
        "days_needed": days_needed(needed, a_day),
        "days_more": days_needed(more, a_day),
        "power_now": chance_to_see(arms, plan.expected_effect, n, **how) if arms and n else None,
        "smallest_effect_now": smallest_effect(arms, n, power=plan.power, **how),
    }

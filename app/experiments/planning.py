"""How long it would take: the plan in the form beside what shoppers did lately. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from app.experiments.definition import Definition
from app.experiments.metrics import METRICS, statistic
from app.experiments.power import arms_of, days_needed, shoppers_needed

EFFECTS = (0.02, 0.05, 0.1, 0.2)  # what else one might hope for


@dataclass(frozen=True)
class Line:
    effect: float  # relative
    shoppers: int | None  # of all variants; None: no answer
    days: int | None


@dataclass(frozen=True)
class Preview:
    shoppers_a_day: float
    mean: float | None  # of the goal, lately
    lines: list[Line]  # the planned effect first


def preview(definition: Definition, days: int, n: int, sums: Mapping[str, float]) -> Preview:
    """`n` shoppers in so many days, with their sums. Planned for the pair of variants with the fewest."""
    now = statistic(METRICS[definition.goal], n, defaultdict(float, sums), definition.costs)
    weights = definition.weights
    control = weights[definition.control]
    smallest = min(weight for name, weight in weights.items() if name != definition.control)
    both = (control + smallest) / sum(weights.values())
    a_day = n / days
    sign = -1 if definition.expected_effect < 0 else 1
    hoped = [definition.expected_effect, *(sign * effect for effect in EFFECTS)]
    lines = []
    for effect in dict.fromkeys(hoped):
        pair = shoppers_needed(
            arms_of(now, effect, control / (control + smallest)) if n else None,
            effect,
            alpha=definition.alpha,
            power=definition.power,
            tuning=definition.tuning,
        )
        shoppers = None if pair is None else round(pair / both)
        lines.append(Line(effect, shoppers, days_needed(shoppers, a_day)))
    return Preview(a_day, now.unadjusted_mean if n else None, lines)

"""From moments to findings and a verdict: what the page shows and the API answers. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from app.experiments.moments import Statistic
from app.experiments.power import POWER, arms_of, days_needed, shoppers_needed
from app.experiments.stats import (
    ALPHA,
    FLAT,
    TUNING,
    Belief,
    Comparison,
    Difference,
    Prior,
    Side,
    Test,
    benjamini_hochberg,
    chance_to_beat,
    compare,
    holm,
    is_mismatch,
    non_inferiority,
    sample_ratio_p,
)

Correction = Literal["holm", "benjamini_hochberg", "none"]
Role = Literal["goal", "guard"]
CORRECTIONS: Mapping[str, Callable[[Sequence[float | None]], list[float | None]]] = {
    "holm": holm,
    "benjamini_hochberg": benjamini_hochberg,
    "none": list,
}
MARGIN = 0.05  # a guard may be worse by this share of the control, unless said otherwise
EXPECTED_EFFECT = 0.05


@dataclass(frozen=True)
class Question:
    """One metric of every variant."""

    key: str
    statistics: Mapping[str, Statistic]  # by variant; all of one kind
    role: Role = "goal"
    less_is_better: bool = False
    margin: float = MARGIN  # of a guard, in the unit of the difference


@dataclass(frozen=True)
class Plan:
    """How questions are answered, fixed before the first answer is seen."""

    control: str
    test: Test = "always_valid"
    side: Side = "two_sided"
    difference: Difference = "relative"
    alpha: float = ALPHA
    tuning: float = TUNING
    correction: Correction = "holm"
    prior: Prior = FLAT
    weights: Mapping[str, float] | None = None  # configured split; None: not checked
    expected_effect: float = EXPECTED_EFFECT  # relative, that one wants to see
    power: float = POWER
    shoppers_a_day: float | None = None  # exposed, of all variants


@dataclass(frozen=True)
class Row:
    """One variant beside the control."""

    variant: str
    n: int
    mean: float | None
    comparison: Comparison
    p_adjusted: float | None
    belief: Belief
    guard: Literal["holds", "broken", "open"] | None  # None: not a guard, or no interval


@dataclass(frozen=True)
class Finding:
    question: Question
    control_n: int
    control_mean: float | None
    rows: Sequence[Row]  # in the order of the variants, without the control


Kind = Literal[
    "no_exposures",
    "mismatch",
    "meaningless",
    "worse",
    "guard_broken",
    "better_open",
    "better",
    "too_small",
    "too_early",
]


ANSWERS: tuple[Kind, ...] = ("worse", "guard_broken", "better", "too_small")
UNDECIDED: tuple[Kind, ...] = ("better_open", "too_early")


@dataclass(frozen=True)
class Verdict:
    kind: Kind
    variant: str | None = None  # the one that it is about
    row: Row | None = None  # its answer to the goal
    guards: Sequence[str] = ()  # those that are broken, or still open
    shoppers_more: int | None = None  # too early: how many more, in days
    days_more: int | None = None


@dataclass(frozen=True)
class Analysis:
    plan: Plan
    findings: Sequence[Finding]
    users: Mapping[str, int]
    split_p: float | None
    verdict: Verdict

    @property
    def is_mismatch(self) -> bool:
        return is_mismatch(self.split_p)

    @property
    def goal(self) -> Finding:
        return next(finding for finding in self.findings if finding.question.role == "goal")


def analyse(plan: Plan, questions: Sequence[Question], users: Mapping[str, int]) -> Analysis:
    """The first goal decides; with several goals all of them are corrected together."""
    answers = [_compare_all(plan, question) for question in questions]
    goals = [at for at, question in enumerate(questions) if question.role == "goal"]
    p_values = [comparison.p_value for at in goals for comparison in answers[at].values()]
    adjusted = iter(CORRECTIONS[plan.correction](p_values))
    findings = [
        _finding(plan, question, answers[at], adjusted if at in goals else None)
        for at, question in enumerate(questions)
    ]
    split_p = _split_p(plan, users)
    goal = next(finding for finding in findings if finding.question.role == "goal")
    verdict = _verdict(plan, goal, findings, users, split_p)
    return Analysis(plan, findings, users, split_p, verdict)


def _compare_all(plan: Plan, question: Question) -> dict[str, Comparison]:
    control = question.statistics[plan.control]
    return {
        variant: compare(
            control,
            treatment,
            test=plan.test,
            side=plan.side if question.role == "goal" else "two_sided",
            difference=plan.difference,
            alpha=plan.alpha,
            tuning=plan.tuning,
        )
        for variant, treatment in question.statistics.items()
        if variant != plan.control
    }


def _finding(
    plan: Plan, question: Question, answers: Mapping[str, Comparison], adjusted: Iterator[float | None] | None
) -> Finding:
    control = question.statistics[plan.control]
    rows = []
    for variant, comparison in answers.items():
        treatment = question.statistics[variant]
        belief = chance_to_beat(
            control,
            treatment,
            difference=plan.difference,
            alpha=plan.alpha,
            less_is_better=question.less_is_better,
            prior=plan.prior,
        )
        guard = None
        if question.role == "guard":
            guard = non_inferiority(comparison, question.margin, less_is_better=question.less_is_better)
        p = next(adjusted) if adjusted is not None else comparison.p_value
        rows.append(Row(variant, treatment.n, _mean(treatment), comparison, p, belief, guard))
    return Finding(question, control.n, _mean(control), rows)


def _mean(statistic: Statistic) -> float | None:
    return statistic.unadjusted_mean if statistic.n else None


def _split_p(plan: Plan, users: Mapping[str, int]) -> float | None:
    if plan.weights is None:
        return None
    return sample_ratio_p([users[name] for name in plan.weights], list(plan.weights.values()))


def _verdict(
    plan: Plan, goal: Finding, findings: Sequence[Finding], users: Mapping[str, int], split_p: float | None
) -> Verdict:
    """What matters most comes first: groups that cannot be compared, then harm, then gain."""
    if not any(users.values()):
        return Verdict("no_exposures")
    if is_mismatch(split_p):
        return Verdict("mismatch")
    row = _most_telling(plan, goal)
    if row.comparison.effect is None:
        return Verdict("meaningless", row.variant, row)
    if broken := _guards(findings, row.variant, ("broken",)):
        return Verdict("guard_broken", row.variant, row, broken)
    if _is_proven(plan, row):
        if not _is_good(goal, row):
            return Verdict("worse", row.variant, row)
        unproven = _guards(findings, row.variant, ("open", None))
        return Verdict("better_open" if unproven else "better", row.variant, row, unproven)
    if _is_too_small(plan, goal, row):
        return Verdict("too_small", row.variant, row)
    return _too_early(plan, goal, row, users)


def _most_telling(plan: Plan, goal: Finding) -> Row:
    """A proven gain before everything else, then what looks best."""

    def rank(row: Row) -> tuple[bool, float]:
        gain = row.comparison.effect or 0.0
        gain = -gain if goal.question.less_is_better else gain
        return _is_proven(plan, row) and gain > 0, gain

    return max(goal.rows, key=rank)


def _is_proven(plan: Plan, row: Row) -> bool:
    return row.p_adjusted is not None and row.p_adjusted < plan.alpha


def _is_good(goal: Finding, row: Row) -> bool:
    return ((row.comparison.effect or 0.0) > 0) != goal.question.less_is_better


def _guards(findings: Sequence[Finding], variant: str, states: Sequence[str | None]) -> tuple[str, ...]:
    return tuple(
        finding.question.key
        for finding in findings
        if finding.question.role == "guard"
        for row in finding.rows
        if row.variant == variant and row.guard in states
    )


def _is_too_small(plan: Plan, goal: Finding, row: Row) -> bool:
    """Even the better end of the interval is less than what was hoped for."""
    if row.comparison.ci is None or not goal.control_mean:
        return False
    low, high = row.comparison.ci
    best = -low if goal.question.less_is_better else high
    hoped = abs(plan.expected_effect)
    return best < (hoped if plan.difference == "relative" else hoped * abs(goal.control_mean))


def _too_early(plan: Plan, goal: Finding, row: Row, users: Mapping[str, int]) -> Verdict:
    more = shoppers_more(plan, goal, row.variant, users)
    return Verdict("too_early", row.variant, row, (), more, days_needed(more, plan.shoppers_a_day))


def shoppers_more(plan: Plan, goal: Finding, variant: str, users: Mapping[str, int]) -> int | None:
    """Of all variants together, until the expected effect would be seen with the planned power.

    0 where they have been there already: the effect is likely smaller than expected.
    """
    weights = plan.weights or dict.fromkeys(users, 1.0)
    both = weights[plan.control] + weights[variant]
    if both <= 0:
        return None
    arms = arms_of(goal.question.statistics[plan.control], plan.expected_effect, weights[plan.control] / both)
    needed = shoppers_needed(
        arms,
        plan.expected_effect,
        test=plan.test,
        alpha=plan.alpha,
        power=plan.power,
        tuning=plan.tuning,
    )
    if needed is None:
        return None
    return max(0, round(needed * sum(weights.values()) / both) - sum(users.values()))


def is_ready(found: Analysis) -> bool:
    """There is enough to decide by: an answer, or as many shoppers as were planned."""
    verdict = found.verdict
    if verdict.kind not in UNDECIDED or verdict.variant is None:
        return verdict.kind in ANSWERS
    return shoppers_more(found.plan, found.goal, verdict.variant, found.users) == 0

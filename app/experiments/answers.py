"""Findings as JSON and CSV: the same for an experiment of ours and for moments that somebody sent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from app import spreadsheets
from app.experiments import words
from app.experiments.analysis import Analysis, Finding, Row
from app.experiments.definition import plain
from app.experiments.money import Gain
from app.experiments.queries import Results
from app.experiments.stats import MISMATCH_THRESHOLD

COLUMNS = (
    "metric", "role", "variant", "shoppers", "mean", "control_shoppers", "control_mean", "effect", "ci_low",
    "ci_high", "p_value", "p_adjusted", "stddev", "chance_to_beat_control", "guard", "error",
)  # fmt: skip


def analysis(found: Analysis, gains: Mapping[str, Gain | None] | None = None) -> dict[str, Any]:
    """Figures are null where a question has no answer, and `error` says why."""
    verdict = found.verdict
    return {
        "verdict": {
            "kind": verdict.kind,
            "sentence": words.sentence(found),
            "variant": verdict.variant,
            "guards": list(verdict.guards),
            "shoppers_more": verdict.shoppers_more,
            "days_more": verdict.days_more,
        },
        "split": {
            "users": dict(found.users),
            "weights": found.plan.weights,
            "p_value": found.split_p,
            "threshold": MISMATCH_THRESHOLD,
            "is_mismatch": found.is_mismatch,
        },
        "plan": {
            "control": found.plan.control,
            "test": found.plan.test,
            "side": found.plan.side,
            "difference": found.plan.difference,
            "alpha": found.plan.alpha,
            "tuning": found.plan.tuning,
            "correction": found.plan.correction,
            "expected_effect": found.plan.expected_effect,
            "power": found.plan.power,
        },
        "metrics": [_finding(finding) for finding in found.findings],
        "money": {variant: _gain(one) for variant, one in (gains or {}).items()},
    }


def _finding(finding: Finding) -> dict[str, Any]:
    question = finding.question
    return {
        "metric": question.key,
        "role": question.role,
        "less_is_better": question.less_is_better,
        "margin": question.margin if question.role == "guard" else None,
        "control": {"shoppers": finding.control_n, "mean": finding.control_mean},
        "comparisons": [_row(row) for row in finding.rows],
    }


def _row(row: Row) -> dict[str, Any]:
    comparison, belief = row.comparison, row.belief
    return {
        "variant": row.variant,
        "shoppers": row.n,
        "mean": row.mean,
        "effect": comparison.effect,
        "ci": None if comparison.ci is None else [_finite(end) for end in comparison.ci],
        "p_value": comparison.p_value,
        "p_adjusted": row.p_adjusted,
        "stddev": comparison.stddev,
        "error": comparison.error,
        "guard": row.guard,
        "bayesian": {
            "chance_to_beat_control": belief.chance_to_beat,
            "effect": belief.effect,
            "ci": None if belief.ci is None else list(belief.ci),
            "stddev": belief.stddev,
            "risk_of_control": belief.risk_of_control,
            "risk_of_treatment": belief.risk_of_treatment,
        },
    }


def _finite(end: float) -> float | None:
    """An open side of an interval has no number in JSON."""
    return end if math.isfinite(end) else None


def _gain(one: Gain | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {"cents_a_shopper": one.cents, "low": one.low, "high": one.high, "line": one.line}


def experiment(results: Results) -> dict[str, Any]:
    """Its plan and where it stands."""
    one = results.experiment
    moments = {
        name: at.isoformat() if (at := getattr(one, name)) else None
        for name in (
            "created_at",
            "started_at",
            "stopped_at",
            "decided_at",
            "counted_from",
            "counted_at",
            "ready_at",
        )
    }
    _state, sentence = words.headline(results)
    return {
        "id": one.id,
        "state": one.state,
        "revision": one.revision,
        **plain(results.definition),
        **moments,
        "created_by": one.created_by,
        "decision": one.decision,
        "shipped": one.shipped or None,
        "reason": one.reason,
        "demo": one.is_demo,
        "headline": sentence,
    }


def with_results(results: Results) -> dict[str, Any]:
    """The plan, what was counted, and what comes of it; `results` is null before the first count."""
    counted = results.counted
    found = None
    if results.analysis is not None and counted is not None:
        found = {
            **analysis(results.analysis, results.gains),
            "stale": results.is_stale,
            "shoppers_a_day": results.shoppers_a_day,
            "mixed": counted.mixed,
            "unexpected": dict(counted.unexpected),
            "moments": {name: {"n": counted.n[name], "sums": dict(counted.sums[name])} for name in counted.n},
        }
    return {**experiment(results), "results": found}


def as_csv(found: Analysis) -> str:
    """One line a metric and variant, at full precision; empty where there is no answer."""
    lines = (_line(finding, row) for finding in found.findings for row in finding.rows)
    return spreadsheets.written([COLUMNS, *lines], line_end="\n")


def _line(finding: Finding, row: Row) -> list[object]:
    comparison = row.comparison
    low, high = comparison.ci or (None, None)
    return [
        finding.question.key, finding.question.role, row.variant, row.n, row.mean, finding.control_n,
        finding.control_mean, comparison.effect, low, high, comparison.p_value, row.p_adjusted,
        comparison.stddev, row.belief.chance_to_beat, row.guard, comparison.error,
    ]  # fmt: skip

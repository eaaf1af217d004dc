"""What the numbers come to, in a sentence that a product manager reads first."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext, ngettext

from app.experiments.analysis import Analysis, Finding, Row, Verdict
from app.experiments.metrics import METRICS
from app.experiments.queries import Results
from app.experiments.stats import Comparison
from app.ui.formats import money, number, percent, seconds, signed_percent, unit_money


def _(text: str, **values: object) -> str:
    """gettext, typed."""
    return str(gettext(text, **values))


SALES = ("conversion", "revenue", "order_value")
STATE_OF_VERDICT = {
    "no_exposures": "nodata",
    "meaningless": "nodata",
    "mismatch": "failed",
    "worse": "failed",
    "guard_broken": "failed",
    "better": "ok",
    "better_open": "risk",
    "too_small": "info",
    "too_early": "running",
}


def headline(results: Results) -> tuple[str, str]:
    """The state (of app/ui/states.py) and the sentence of one experiment."""
    experiment = results.experiment
    if experiment.state == "draft":
        return "draft", _("A draft: nothing is counted before the start.")
    if experiment.state == "decided":
        return "info", _decision(results)
    if results.analysis is None:
        return "nodata", _("Nothing is counted yet. Counting runs every five minutes.")
    verdict = results.analysis.verdict
    return STATE_OF_VERDICT[verdict.kind], sentence(results.analysis)


def sentence(analysis: Analysis) -> str:
    """The verdict in words."""
    return _SENTENCES[analysis.verdict.kind](analysis, analysis.verdict)


def _decision(results: Results) -> str:
    experiment = results.experiment
    if experiment.decision == "ship":
        return _("Decided: ship %(variant)s.", variant=experiment.shipped)
    if experiment.decision == "keep":
        return _("Decided: keep %(control)s.", control=results.definition.control)
    return _("Decided: nothing can be said.")


def metric_name(key: str) -> str:
    return str(METRICS[key].name) if key in METRICS else key


def effect_words(analysis: Analysis, comparison: Comparison) -> str:
    """+4.2% between +1.1% and +7.4%."""
    if comparison.effect is None or comparison.ci is None:
        return _("no answer")
    how = _change(analysis)
    low, high = comparison.ci
    return _(
        "%(effect)s, between %(low)s and %(high)s",
        effect=how(comparison.effect),
        low=how(low),
        high=how(high),
    )


def value_words(key: str, value: float | None) -> str:
    """A mean in the unit of its metric."""
    if value is None or key not in METRICS:
        return number(value)
    unit = METRICS[key].unit
    if unit == "cents":
        return unit_money(value)
    return seconds(value) if unit == "seconds" else percent(value, 2)


def gain_words(cents: float) -> str:
    """Per 1,000 shoppers, with its sign."""
    return ("+" if cents > 0 else "") + money(round(cents * 1000))


def _change(analysis: Analysis) -> Callable[[float], str]:
    if analysis.plan.difference == "absolute":
        return lambda value: f"{'+' if value > 0 else ''}{value:.4g}"
    return lambda value: f"{value:+.0f}" if abs(value) == float("inf") else signed_percent(value, 1)


def _row(verdict: Verdict) -> Row:
    if verdict.row is None:
        raise ValueError(f"a verdict without a variant: {verdict.kind}")
    return verdict.row


def _does(goal: Finding, is_better: bool) -> str:
    if goal.question.key in SALES:
        return _("sells more") if is_better else _("sells less")
    return _("does better") if is_better else _("does worse")


def _told(analysis: Analysis, verdict: Verdict, is_better: bool) -> str:
    goal = analysis.goal
    return _(
        "Variant %(variant)s %(does)s: %(metric)s %(effect)s",
        variant=verdict.variant,
        does=_does(goal, is_better),
        metric=metric_name(goal.question.key),
        effect=effect_words(analysis, _row(verdict).comparison),
    )


def _better(analysis: Analysis, verdict: Verdict) -> str:
    return _("%(what)s; safe to ship.", what=_told(analysis, verdict, True))


def _better_open(analysis: Analysis, verdict: Verdict) -> str:
    return _(
        "%(what)s. Not safe to ship yet, these guards are not proven: %(guards)s.",
        what=_told(analysis, verdict, True),
        guards=_guards(verdict),
    )


def _worse(analysis: Analysis, verdict: Verdict) -> str:
    return _(
        "%(what)s. Keep %(control)s.", what=_told(analysis, verdict, False), control=analysis.plan.control
    )


def _guard_broken(_analysis: Analysis, verdict: Verdict) -> str:
    return _(
        "Do not ship %(variant)s: worse than allowed in %(guards)s.",
        variant=verdict.variant,
        guards=_guards(verdict),
    )


def _guards(verdict: Verdict) -> str:
    return ", ".join(map(metric_name, verdict.guards))


def _too_small(analysis: Analysis, verdict: Verdict) -> str:
    return _(
        "No effect as large as the %(expected)s hoped for: %(metric)s %(effect)s.",
        expected=signed_percent(analysis.plan.expected_effect, 1),
        metric=metric_name(analysis.goal.question.key),
        effect=effect_words(analysis, _row(verdict).comparison),
    )


def _too_early(_analysis: Analysis, verdict: Verdict) -> str:
    more, days = verdict.shoppers_more, verdict.days_more
    if more is None:
        return _("Too early, and it cannot be said how many shoppers it takes.")
    if more == 0:
        return _("Not clear, though enough shoppers came: the effect is likely smaller than expected.")
    if days is None:
        return _("Too early: about %(shoppers)s more shoppers.", shoppers=about(more))
    many = ngettext(
        "Too early: about %(shoppers)s more shoppers, %(num)s day.",
        "Too early: about %(shoppers)s more shoppers, %(num)s days.",
        days,
        shoppers=about(more),
    )
    return str(many)


def about(count: int) -> str:
    """Two significant digits: an estimate that looks exact is believed too much."""
    step = 10 ** max(0, len(str(count)) - 2)
    return number(-(-count // step) * step)


_SENTENCES: dict[str, Callable[[Analysis, Verdict], str]] = {
    "no_exposures": lambda _a, _v: _("Nobody has met the flag yet."),
    "mismatch": lambda _a, _v: _("Do not trust this: the groups are not as large as they should be."),
    "meaningless": lambda _a, _v: _(
        "Nothing to compare yet: too few shoppers on a side, or all of them alike."
    ),
    "better": _better,
    "better_open": _better_open,
    "worse": _worse,
    "guard_broken": _guard_broken,
    "too_small": _too_small,
    "too_early": _too_early,
}

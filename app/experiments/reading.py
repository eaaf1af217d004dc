"""The body of `POST /api/v1/experiments/evaluate`, from JSON to questions and a plan. Pure.

Moments are checked for what moments can be: whole counts, finite sums, no more buyers than shoppers, sums of
squares and of products within the bounds of Cauchy and Schwarz. Every wrong field is told, by its path.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, get_args

from flask_babel import lazy_gettext as _l

from app.errors import Refused
from app.experiments.analysis import CORRECTIONS, EXPECTED_EFFECT, MARGIN, Plan, Question, Role
from app.experiments.moments import Adjusted, Ratio, Sample, Statistic
from app.experiments.power import POWER
from app.experiments.stats import ALPHA, TUNING, Difference, Prior, Side, Test

KINDS = ("proportion", "mean", "ratio", "mean_cuped")
MOST_SHOPPERS = 10**12
MOST = 1e30  # of a sum: beyond it the squares of sums would not be numbers any more
MOST_METRICS, MOST_VARIANTS = 50, 50
SLACK = 1e-9  # how far rounding may carry sums past their bounds
FIELDS = {
    "metric", "control", "treatment", "variants", "metrics", "users", "test", "side", "difference", "alpha",
    "tuning", "correction", "prior", "split", "expected_effect", "power", "shoppers_a_day", "less_is_better",
    "role", "margin", "name", "money",
}  # fmt: skip
OF_METRIC = {"name", "metric", "control", "treatment", "variants", "role", "margin", "less_is_better"}
T = TypeVar("T")


@dataclass(frozen=True)
class Money:
    margin: float  # share of revenue that is kept
    exposure_cents: float  # what showing the variant to one shopper costs
    metric: str  # the metric that is revenue per shopper, in cents


@dataclass(frozen=True)
class Asked:
    plan: Plan
    questions: Sequence[Question]
    users: Mapping[str, int]  # by variant, for the check of the split
    money: Money | None


def read(body: object) -> Asked:
    """Raises Refused with the path of each wrong field, such as `variants.b.n`."""
    if not isinstance(body, Mapping):
        raise Refused(_l("Send a JSON object."), {"": _l("This is not an object.")})
    reader = _Reader(body)
    metrics = reader.metrics()
    control = reader.control(metrics)
    users = reader.users(metrics)
    plan = reader.plan(control, users)
    money = reader.money([question.key for question in metrics])
    reader.finish()
    return Asked(plan, metrics, users, money)


class _Reader:
    def __init__(self, body: Mapping[str, Any]) -> None:
        self.body = body
        self.wrong: dict[str, object] = {}
        self._only(body, FIELDS, "")

    def finish(self) -> None:
        if self.wrong:
            raise Refused(_l("These numbers cannot be evaluated."), self.wrong)

    # One question a metric.

    def metrics(self) -> list[Question]:
        rows = self.body.get("metrics", [self.body])
        if not isinstance(rows, list) or not 0 < len(rows) <= MOST_METRICS:
            self.wrong["metrics"] = _l("Give a list of 1 to %(most)s metrics.", most=MOST_METRICS)
            return []
        single = "metrics" not in self.body
        found = [
            question
            for at, row in enumerate(rows)
            if (question := self._question(row, "" if single else f"metrics.{at}.")) is not None
        ]
        if len({question.key for question in found}) < len(found):
            self.wrong["metrics"] = _l("Each metric needs a name of its own.")
        if found and not any(question.role == "goal" for question in found):
            self.wrong["metrics"] = _l("One metric must be the goal.")
        if len({tuple(sorted(question.statistics)) for question in found}) > 1:
            self.wrong["metrics"] = _l("Every metric needs the same variants.")
        return found

    def _question(self, row: object, path: str) -> Question | None:
        if not isinstance(row, Mapping):
            self.wrong[path.rstrip(".") or "metrics"] = _l("This is not an object.")
            return None
        if path:
            self._only(row, OF_METRIC, path)
        kind = self._choice(row, "metric", KINDS, None, path)
        groups = self._groups(row, path)
        if kind is None or groups is None:
            return None
        name = row.get("name", kind)
        if not isinstance(name, str) or not 0 < len(name) <= 100:
            self.wrong[f"{path}name"] = _l("Give at most %(most)s characters.", most=100)
            return None
        statistics = {
            variant: self._statistic(kind, group, f"{path}{where}.")
            for variant, (where, group) in groups.items()
        }
        known = {variant: one for variant, one in statistics.items() if one is not None}
        if len(known) < len(statistics):
            return None
        return Question(
            name,
            known,
            role=self._choice(row, "role", get_args(Role), "goal", path) or "goal",
            less_is_better=self._yes_no(row, "less_is_better", path),
            margin=self._number(row, "margin", 0, 1e6, MARGIN, path),
        )

    def _groups(self, row: Mapping[str, Any], path: str) -> dict[str, tuple[str, object]] | None:
        """By variant: where it stands in the body, and what stands there."""
        variants = row.get("variants")
        if variants is None:
            if {"control", "treatment"} <= set(row):
                return {name: (name, row[name]) for name in ("control", "treatment")}
            self.wrong[f"{path}variants"] = _l("Give variants, or control and treatment.")
            return None
        if not isinstance(variants, Mapping) or not 2 <= len(variants) <= MOST_VARIANTS:
            self.wrong[f"{path}variants"] = _l(
                "Give 2 to %(most)s variants by their name.", most=MOST_VARIANTS
            )
            return None
        return {str(name): (f"variants.{name}", group) for name, group in variants.items()}

    # Moments of one group.

    def _statistic(self, kind: str, group: object, path: str) -> Statistic | None:
        if not isinstance(group, Mapping):
            self.wrong[path.rstrip(".")] = _l("This is not an object.")
            return None
        before = len(self.wrong)
        n = self._count(group, "n", path)
        found: Statistic
        if kind == "proportion":
            found = Sample(n, self._share(group, n, path))
        elif kind == "mean":
            found = self._sample(group, n, path)
        elif kind == "ratio":
            above = self._sample(group.get("numerator"), n, f"{path}numerator.")
            below = self._sample(group.get("denominator"), n, f"{path}denominator.")
            found = Ratio(above, below, self._product(group, "sum_of_products", above, below, path))
        else:
            post = self._sample(group.get("post"), n, f"{path}post.")
            pre = self._sample(group.get("pre"), n, f"{path}pre.")
            found = Adjusted(post, pre, self._product(group, "post_pre_sum_of_products", post, pre, path))
        return found if len(self.wrong) == before else None

    def _count(self, group: Mapping[str, Any], name: str, path: str) -> int:
        value: Any = group.get(name)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not 0 <= value <= MOST_SHOPPERS or value != int(value):
            self.wrong[f"{path}{name}"] = _l("Give a whole number from 0 to %(most)s.", most=MOST_SHOPPERS)
            return 0
        return int(value)

    def _share(self, group: Mapping[str, Any], n: int, path: str) -> float:
        total = self._number(group, "sum", 0, MOST, None, path)
        if total > n and f"{path}n" not in self.wrong:
            self.wrong[f"{path}sum"] = _l("More shoppers did it than there are.")
        return total

    def _sample(self, group: object, n: int, path: str) -> Sample:
        if not isinstance(group, Mapping):
            self.wrong[path.rstrip(".")] = _l("This is not an object.")
            return Sample(n, 0.0, 0.0)
        total = self._number(group, "sum", -MOST, MOST, None, path)
        squares = self._number(group, "sum_squares", 0, MOST, None, path)
        if squares * n < total**2 * (1 - SLACK):
            self.wrong[f"{path}sum_squares"] = _l("Squares that sum up to so little do not go with this sum.")
        return Sample(n, total, squares)

    def _product(
        self, group: Mapping[str, Any], name: str, first: Sample, second: Sample, path: str
    ) -> float:
        value = self._number(group, name, -MOST, MOST, None, path)
        bound = math.sqrt(first.squares or 0.0) * math.sqrt(second.squares or 0.0)
        if abs(value) > bound * (1 + SLACK):
            self.wrong[f"{path}{name}"] = _l("Products cannot sum up to more than the squares allow.")
        return value

    # The plan.

    def control(self, metrics: Sequence[Question]) -> str:
        names = list(metrics[0].statistics) if metrics else []
        value = self.body.get("control", "control")
        if isinstance(value, Mapping):  # the moments of a group of this name
            value = "control"
        if names and value not in names:
            self.wrong["control"] = _l("Choose one of: %(choices)s.", choices=", ".join(names))
        return str(value)

    def users(self, metrics: Sequence[Question]) -> dict[str, int]:
        """Said apart where the split is of other units; else the shoppers of the first metric."""
        said = self.body.get("users")
        if said is None:
            return {name: one.n for name, one in metrics[0].statistics.items()} if metrics else {}
        if not isinstance(said, Mapping) or (metrics and set(said) != set(metrics[0].statistics)):
            self.wrong["users"] = _l("Give a number for every variant.")
            return {}
        return {str(name): self._count(said, name, "users.") for name in said}

    def plan(self, control: str, users: Mapping[str, int]) -> Plan:
        body = self.body
        return Plan(
            control=control,
            test=self._choice(body, "test", get_args(Test), "always_valid") or "always_valid",
            side=self._choice(body, "side", get_args(Side), "two_sided") or "two_sided",
            difference=self._choice(body, "difference", get_args(Difference), "relative") or "relative",
            alpha=self._number(body, "alpha", 1e-9, 1 - 1e-9, ALPHA),
            tuning=self._number(body, "tuning", 1e-3, 1e12, TUNING),
            correction=self._choice(body, "correction", tuple(CORRECTIONS), "holm") or "holm",  # type: ignore[arg-type]
            prior=self._prior(),
            weights=self._split(users),
            expected_effect=self._number(body, "expected_effect", -0.99, 100, EXPECTED_EFFECT),
            power=self._number(body, "power", 0.01, 0.999, POWER),
            shoppers_a_day=self._number(body, "shoppers_a_day", 0, MOST_SHOPPERS, 0.0) or None,
        )

    def _prior(self) -> Prior:
        said = self.body.get("prior")
        if said is None:
            return Prior()
        if not isinstance(said, Mapping):
            self.wrong["prior"] = _l("This is not an object.")
            return Prior()
        self._only(said, {"mean", "variance", "difference"}, "prior.")
        return Prior(
            self._number(said, "mean", -MOST, MOST, 0.0, "prior."),
            self._number(said, "variance", 1e-30, MOST, None, "prior."),
            is_proper=True,
            difference=self._choice(said, "difference", get_args(Difference), "relative", "prior.")
            or "relative",
        )

    def _split(self, users: Mapping[str, int]) -> dict[str, float] | None:
        said = self.body.get("split")
        if said is None:
            return None
        if not isinstance(said, Mapping) or (users and set(said) != set(users)):
            self.wrong["split"] = _l("Give a number for every variant.")
            return None
        return {str(name): self._number(said, name, 1e-9, 1e9, None, "split.") for name in said}

    def money(self, metrics: Sequence[str]) -> Money | None:
        said = self.body.get("money")
        if said is None:
            return None
        if not isinstance(said, Mapping):
            self.wrong["money"] = _l("This is not an object.")
            return None
        self._only(said, {"margin", "exposure_cents", "metric"}, "money.")
        metric = said.get("metric", metrics[0] if metrics else "")
        if metrics and metric not in metrics:
            self.wrong["money.metric"] = _l("Choose one of: %(choices)s.", choices=", ".join(metrics))
        return Money(
            self._number(said, "margin", 0, 1, 1.0, "money."),
            self._number(said, "exposure_cents", -MOST, MOST, 0.0, "money."),
            str(metric),
        )

    # Single values.

    def _only(self, group: Mapping[str, Any], allowed: set[str], path: str) -> None:
        for name in group:
            if name not in allowed:
                self.wrong[f"{path}{str(name)[:60]}"] = _l("There is no such field.")

    def _number(
        self,
        group: Mapping[str, Any],
        name: str,
        low: float,
        high: float,
        default: float | None,
        path: str = "",
    ) -> float:
        value = group.get(name, default)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not low <= value <= high:  # NaN and infinity lie nowhere between
            self.wrong[f"{path}{name}"] = _l(
                "Give a number from %(low)s to %(high)s.", low=f"{low:g}", high=f"{high:g}"
            )
            return 0.0 if default is None else default
        return float(value)

    def _yes_no(self, group: Mapping[str, Any], name: str, path: str) -> bool:
        value = group.get(name, False)
        if not isinstance(value, bool):
            self.wrong[f"{path}{name}"] = _l("Say true or false.")
            return False
        return value

    def _choice(
        self, group: Mapping[str, Any], name: str, allowed: Sequence[T], default: T | None, path: str = ""
    ) -> T | None:
        value = group.get(name, default)
        for one in allowed:
            if one == value:
                return one
        self.wrong[f"{path}{name}"] = _l("Choose one of: %(choices)s.", choices=", ".join(map(str, allowed)))
        return None

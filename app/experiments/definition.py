"""What an experiment is: its plan, the states it goes through, and what may be said of both. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from flask_babel import lazy_gettext as _l

from app.errors import Conflict, Refused
from app.experiments.analysis import CORRECTIONS, EXPECTED_EFFECT, MARGIN, Plan
from app.experiments.metrics import METRICS, Costs
from app.experiments.power import POWER
from app.experiments.stats import ALPHA, TUNING

State = Literal["draft", "running", "stopped", "decided"]
Decision = Literal["ship", "keep", "inconclusive"]
DECISIONS: tuple[Decision, ...] = ("ship", "keep", "inconclusive")
DIMENSIONS = ("locale", "country", "device")
STATE_NAMES = {
    "draft": _l("a draft"),
    "running": _l("running"),
    "stopped": _l("stopped"),
    "decided": _l("decided"),
}
# From which state each action leads where.
ACTIONS: dict[str, tuple[State, State]] = {
    "start": ("draft", "running"),
    "stop": ("running", "stopped"),
    "decide": ("stopped", "decided"),
}
FLAG_NAME = re.compile(r"[A-Za-z0-9._~-]{1,100}")
MOST_VARIANTS = 20
SHARES = ("expected_effect", "power", "alpha", "margin")
LONGEST_NAME, LONGEST_TEXT = 120, 4_000


@dataclass(frozen=True)
class Variant:
    name: str  # as the flag names it; "on" and "off" where the flag has a percentage alone
    weight: float  # its share is this over the sum of all


@dataclass(frozen=True)
class Guard:
    metric: str  # a key of METRICS
    margin: float  # may be worse by this share of the control


@dataclass(frozen=True)
class Definition:
    name: str
    flag: str
    hypothesis: str
    variants: Sequence[Variant]
    control: str
    environment: str = "production"
    goal: str = "conversion"
    guards: Sequence[Guard] = ()
    filters: Mapping[str, Sequence[str]] | None = None  # dimension → the values that count; none: all
    expected_effect: float = EXPECTED_EFFECT  # relative
    power: float = POWER
    alpha: float = ALPHA
    tuning: float = TUNING
    correction: str = "holm"
    adjusted: bool = True  # by what shoppers did before (CUPED), where the metric can be
    margin: float = 1.0  # share of revenue that is kept
    exposure_cents: float = 0.0  # what showing the variant to one shopper costs
    page_cents: float = 0.0
    order_cents: float = 0.0
    ends_at: datetime | None = None  # stops by itself then

    @property
    def weights(self) -> dict[str, float]:
        return {variant.name: variant.weight for variant in self.variants}

    @property
    def costs(self) -> Costs:
        return Costs(self.page_cents, self.order_cents)

    def plan(self, shoppers_a_day: float | None) -> Plan:
        return Plan(
            control=self.control,
            alpha=self.alpha,
            tuning=self.tuning,
            correction=self.correction,  # type: ignore[arg-type] # read() has checked it
            weights=self.weights,
            expected_effect=self.expected_effect,
            power=self.power,
            shoppers_a_day=shoppers_a_day,
        )


def read(said: Mapping[str, Any]) -> Definition:
    """From JSON, or a form brought into its shape. Refused with every wrong field at once."""
    reader = _Reader(said)
    variants = reader.variants()
    names = [variant.name for variant in variants]
    definition = Definition(
        name=reader.words("name", LONGEST_NAME, required=True),
        flag=reader.flag(),
        hypothesis=reader.words("hypothesis", LONGEST_TEXT),
        variants=variants,
        control=reader.one_of("control", names, names[0] if names else ""),
        environment=reader.words("environment", LONGEST_NAME) or "production",
        goal=reader.one_of("goal", METRICS, "conversion"),
        guards=reader.guards(),
        filters=reader.filters(),
        expected_effect=reader.number("expected_effect", EXPECTED_EFFECT, -0.99, 10, zero=False),
        power=reader.number("power", POWER, 0.5, 0.99),
        alpha=reader.number("alpha", ALPHA, 0.0001, 0.2),
        tuning=reader.number("tuning", TUNING, 10, 1e9),
        correction=reader.one_of("correction", CORRECTIONS, "holm"),
        adjusted=reader.yes_no("adjusted", True),
        margin=reader.number("margin", 1.0, 0, 1),
        exposure_cents=reader.number("exposure_cents", 0.0, 0, 1e6),
        page_cents=reader.number("page_cents", 0.0, 0, 1e6),
        order_cents=reader.number("order_cents", 0.0, 0, 1e6),
        ends_at=reader.moment("ends_at"),
    )
    reader.finish()
    return definition


class _Reader:
    """Collects what is wrong, so that all of it is told at once."""

    def __init__(self, said: Mapping[str, Any]) -> None:
        self.said = said
        self.wrong: dict[str, object] = {}

    def finish(self) -> None:
        if unknown := set(self.said) - set(Definition.__dataclass_fields__):
            self.wrong |= {str(name)[:60]: _l("There is no such field.") for name in unknown}
        if self.wrong:
            raise Refused(_l("The experiment was not saved."), self.wrong)

    def words(self, name: str, longest: int, *, required: bool = False) -> str:
        value = self.said.get(name, "")
        if not isinstance(value, str) or "\x00" in value or len(value) > longest:
            self.wrong[name] = _l("Give at most %(most)s characters.", most=longest)
            return ""
        if required and not value.strip():
            self.wrong[name] = _l("Fill this in.")
        return value.strip()

    def flag(self) -> str:
        value = self.said.get("flag", "")
        if not isinstance(value, str) or not FLAG_NAME.fullmatch(value):
            self.wrong["flag"] = _l("Choose a flag.")
            return ""
        return value

    def one_of(self, name: str, allowed: Any, default: str) -> str:
        value = self.said.get(name, default)
        if not isinstance(value, str) or value not in allowed:
            self.wrong[name] = _l("Choose one of: %(choices)s.", choices=", ".join(allowed))
            return default
        return value

    def number(self, name: str, default: float, low: float, high: float, *, zero: bool = True) -> float:
        value = self.said.get(name, default)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not low <= value <= high or (value == 0 and not zero):
            self.wrong[name] = _range(name, low, high)
            return default
        return float(value)

    def yes_no(self, name: str, default: bool) -> bool:
        value = self.said.get(name, default)
        if not isinstance(value, bool):
            self.wrong[name] = _l("Say true or false.")
            return default
        return value

    def moment(self, name: str) -> datetime | None:
        value = self.said.get(name)
        if value in (None, ""):
            return None
        try:
            at = datetime.fromisoformat(value)
        except (ValueError, TypeError):
            at = None
        if at is None or at.tzinfo is None:
            self.wrong[name] = _l("Give the time with its zone, such as 2026-01-31T14:02:00Z.")
            return None
        return at

    def variants(self) -> list[Variant]:
        value = self.said.get("variants")
        rows = value if isinstance(value, list) else []
        found = [variant for row in rows if (variant := _variant(row)) is not None]
        names = {variant.name for variant in found}
        if len(found) != len(rows) or not 2 <= len(found) <= MOST_VARIANTS or len(names) != len(found):
            self.wrong["variants"] = _l(
                "Give two or more variants, each with a name of its own and a weight above 0."
            )
            return []
        return found

    def guards(self) -> list[Guard]:
        value = self.said.get("guards", [])
        rows = value if isinstance(value, list) else [None]
        found = [guard for row in rows if (guard := _guard(row)) is not None]
        metrics = {guard.metric for guard in found}
        if len(found) != len(rows) or len(metrics) != len(found) or self.said.get("goal") in metrics:
            self.wrong["guards"] = _l(
                "Each guard is a metric other than the goal, once, with a margin between 0 and 1."
            )
        return found

    def filters(self) -> dict[str, list[str]]:
        value = self.said.get("filters") or {}
        if not isinstance(value, Mapping):
            value = {"": None}
        for name, wanted in value.items():
            known = name in DIMENSIONS and isinstance(wanted, list) and len(wanted) <= 100
            if not known or not all(isinstance(word, str) and 0 < len(word) <= 40 for word in wanted):
                self.wrong["filters"] = _l("Filter by locale, country or device, each with a list of values.")
                return {}
        return {name: wanted for name, wanted in value.items() if wanted}


def _range(name: str, low: float, high: float) -> object:
    """Shares are told in percent, as forms show them; 0.05 is 5 %."""
    if name in SHARES:
        low, high = low * 100, high * 100
        return _l("Give a share from %(low)s to %(high)s percent.", low=f"{low:g}", high=f"{high:g}")
    return _l("Give a number from %(low)s to %(high)s.", low=f"{low:g}", high=f"{high:g}")


def _variant(row: object) -> Variant | None:
    if not isinstance(row, Mapping):
        return None
    name, weight = row.get("name"), row.get("weight")
    if not isinstance(name, str) or not FLAG_NAME.fullmatch(name) or isinstance(weight, bool):
        return None
    if not isinstance(weight, int | float) or not 0 < weight <= 1e6:
        return None
    return Variant(name, float(weight))


def _guard(row: object) -> Guard | None:
    if not isinstance(row, Mapping) or row.get("metric") not in METRICS:
        return None
    margin = row.get("margin", MARGIN)
    if isinstance(margin, bool) or not isinstance(margin, int | float) or not math.isfinite(margin):
        return None
    return Guard(str(row["metric"]), float(margin)) if 0 <= margin <= 1 else None


def plain(definition: Definition) -> dict[str, Any]:
    """As JSON says it: what `read` takes."""
    return {
        **{name: getattr(definition, name) for name in Definition.__dataclass_fields__},
        "variants": [{"name": variant.name, "weight": variant.weight} for variant in definition.variants],
        "guards": [{"metric": guard.metric, "margin": guard.margin} for guard in definition.guards],
        "filters": {name: list(values) for name, values in (definition.filters or {}).items()},
        "ends_at": definition.ends_at.isoformat() if definition.ends_at else None,
    }


# What may still be changed once it runs: words and money, never what decides.
ALWAYS_OPEN = ("name", "hypothesis", "margin", "exposure_cents", "page_cents", "order_cents", "ends_at")


def check_edit(state: State, before: Definition, after: Definition) -> None:
    """A plan that could be changed after a look at the results would not be one."""
    if state == "draft":
        return
    fixed = [name for name in Definition.__dataclass_fields__ if name not in ALWAYS_OPEN]
    old, new = plain(before), plain(after)
    wrong = {name: _l("Fixed since the start.") for name in fixed if old[name] != new[name]}
    if wrong:
        raise Refused(_l("The plan is fixed once the experiment has started."), wrong)


def next_state(action: str, state: str) -> State:
    needed, leads_to = ACTIONS[action]
    if state != needed:
        raise Conflict(_l("This cannot be done now: the experiment is %(state)s.", state=STATE_NAMES[state]))
    return leads_to


def read_decision(said: Mapping[str, Any], variants: Sequence[str]) -> tuple[Decision, str, str]:
    """The decision, the variant that is shipped ("" otherwise) and the reason."""
    decision, variant, reason = (said.get(name) or "" for name in ("decision", "variant", "reason"))
    wrong: dict[str, object] = {}
    if decision not in DECISIONS:
        wrong["decision"] = _l("Choose one of: %(choices)s.", choices=", ".join(DECISIONS))
    if decision == "ship" and variant not in variants:
        wrong["variant"] = _l("Say which variant is shipped.")
    if not isinstance(reason, str) or not 0 < len(reason.strip()) <= LONGEST_TEXT:
        wrong["reason"] = _l("Say why, in at most %(most)s characters.", most=LONGEST_TEXT)
    if wrong:
        raise Refused(_l("The decision was not saved."), wrong)
    return cast(Decision, decision), str(variant) if decision == "ship" else "", str(reason).strip()

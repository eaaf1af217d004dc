"""Rules that say who bears a cost, as somebody writes them. Pure: no I/O, no clock, no Flask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from app.cost.driver import DRIVERS, SERVICES
from app.cost.money import read_amount
from app.cost.month import Position
from app.errors import Refused

METHODS: dict[str, LazyString] = {
    "direct": _l("Borne by one"),
    "driver": _l("By what was measured"),
    "even": _l("In equal parts"),
    "shared": _l("Shared, not divided"),
}
MATCHED = ("key", "name", "vendor", "component", "service", "feature")
MOST_RULES = 200
LONGEST = 200


@dataclass(frozen=True)
class Rule:
    """The first rule that matches a position holds. Patterns: * is anything; empty matches all."""

    name: str
    method: str  # a key of METHODS
    key: str = ""  # patterns of the position
    vendor: str = ""
    component: str = ""
    service: str = ""
    feature: str = ""
    line: str = ""  # the position's name
    target: str = ""  # direct: a service, or feature:<name>
    driver: str = ""  # driver: by what; in every method: what it is divided by among locales and variants
    idle_driver: str = ""  # what is paid for whether used or not
    paid_for: Decimal | None = None  # of idle_driver, a day

    def matches(self, position: Position) -> bool:
        pairs = (
            (self.key, position.key),
            (self.line, position.name),
            (self.vendor, position.vendor),
            (self.component, position.component),
            (self.service, position.service),
            (self.feature, position.feature),
        )
        return all(not pattern or fnmatchcase(value.lower(), pattern.lower()) for pattern, value in pairs)

    def as_words(self) -> dict[str, Any]:
        told = asdict(self)
        told["paid_for"] = None if self.paid_for is None else f"{self.paid_for:f}"
        return told


NAMES = tuple(field.name for field in fields(Rule))
# Of a new installation: what is the payment provider's goes with orders, all else with the work done.
DEFAULTS = (
    Rule("Payment fees", "direct", component="payments", target="payments", driver="orders"),
    Rule("Metered by orders", "direct", key="line:*", line="*fee*", target="payments", driver="orders"),
    Rule("Servers", "driver", component="hosting", driver="actions"),
    Rule("Databases", "driver", component="database", driver="actions"),
    Rule("Caches", "driver", component="cache", driver="actions"),
    Rule("Everything else", "shared"),
)


def first_of(rules: Sequence[Rule], position: Position) -> Rule | None:
    return next((rule for rule in rules if rule.matches(position)), None)


def from_words(told: Mapping[str, Any]) -> Rule:
    """A rule from the form or JSON. Refuses with what is wrong beside each field."""
    wrong: dict[str, object] = {}
    unknown = sorted(set(told) - {*NAMES, "csrf_token"})
    if unknown:
        wrong[unknown[0]] = _l("There is no such field.")
    texts = {name: _text(told, name, wrong) for name in NAMES if name != "paid_for"}
    paid_for = _paid_for(told.get("paid_for"), wrong)
    rule = Rule(**texts, paid_for=paid_for)
    _check(rule, wrong)
    if wrong:
        raise Refused(_l("The rule was not saved."), wrong)
    return rule


def _text(told: Mapping[str, Any], name: str, wrong: dict[str, object]) -> str:
    value = told.get(name) or ""
    if not isinstance(value, str) or len(value) > LONGEST or "\x00" in value:
        wrong[name] = _l("Give a text of at most %(most)s characters.", most=LONGEST)
        return ""
    return value.strip()


def _paid_for(value: object, wrong: dict[str, object]) -> Decimal | None:
    if value in (None, ""):
        return None
    found = read_amount(str(value))
    if found is None or found <= 0:
        wrong["paid_for"] = _l("Write how much a day is paid for.")
    return found


def _check(rule: Rule, wrong: dict[str, object]) -> None:
    if not rule.name:
        wrong["name"] = _l("Give a name.")
    if rule.method not in METHODS:
        wrong["method"] = _l("Choose one of the list.")
    if rule.method == "direct" and not is_target(rule.target):
        wrong["target"] = _l("Name a service, or a feature as feature:name.")
    if rule.driver and rule.driver not in DRIVERS:
        wrong["driver"] = _l("Choose one of the drivers.")
    if rule.method == "driver" and "service" not in DRIVERS.get(rule.driver, DRIVERS["orders"]).by:
        wrong["driver"] = _l("Choose a driver that is measured for each service.")
    if rule.idle_driver and rule.idle_driver not in DRIVERS:
        wrong["idle_driver"] = _l("Choose one of the drivers.")
    if bool(rule.idle_driver) != (rule.paid_for is not None):
        wrong.setdefault("paid_for", _l("Give both: what is used, and how much of it is paid for."))


def is_target(target: str) -> bool:
    return target in SERVICES or (target.startswith("feature:") and len(target) > len("feature:"))


def read_all(told: object) -> tuple[Rule, ...]:
    """A list of rules from JSON."""
    if not isinstance(told, list) or len(told) > MOST_RULES:
        raise Refused(_l("Send a list of at most %(most)s rules.", most=MOST_RULES))
    found = []
    for number, one in enumerate(told, start=1):
        if not isinstance(one, Mapping):
            raise Refused(_l("Rule %(number)s is no object.", number=number))
        try:
            found.append(from_words(one))
        except Refused as refused:
            fields_ = {f"rules[{number - 1}].{name}": why for name, why in refused.fields.items()}
            raise Refused(_l("The rules were not saved."), fields_) from refused
    return tuple(found)

"""Constraints: what a value of the context is compared with, and how. Pure: no I/O, no clock.

`strict` is for what people write; without it everything passes that the engines of SDKs take, also values
that never hold. A list's values and names go into the rules of these engines between quotes, the single
values as they are, so what could be read there as something else never passes.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, NoReturn

from flask_babel import lazy_gettext as _l

from app.flags.evaluator import takes_regex
from app.flags.regex import is_catastrophic
from app.flags.shape import Wrong, bool_of, list_of, name_of, object_of, text_of

Json = dict[str, Any]
MAX_CONSTRAINTS = 30
MAX_VALUES = 5_000
# Constraints that hold for nobody: stands for a segment that cannot be read.
NOBODY: list[Json] = [
    {"contextName": "userId", "operator": "IN", "values": [], "inverted": False, "caseInsensitive": False}
]

# The single values that the engines of SDKs read, tried in this order whatever the operator says.
DATE = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?(Z|[+-]\d\d:\d\d)",
    re.ASCII,
)
SEMVER = re.compile(
    r"\d+\.\d+\.\d+(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?", re.ASCII
)
NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?", re.ASCII)
RULE_WORDS = re.compile(r"and|or|[\s\"()\[\]|!<>=,%]")


def _number(text: str) -> object:
    return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text, re.ASCII) else _fail()


def _moment(text: str) -> object:
    return datetime.fromisoformat(text) if DATE.fullmatch(text) else _fail()


def _version(text: str) -> object:
    numbers = text.partition("+")[0].partition("-")[0].split(".")
    if not SEMVER.fullmatch(text) or any(len(n) > 18 or (n[0] == "0" and n != "0") for n in numbers):
        return _fail()
    return text


def _network(text: str) -> object:
    return ipaddress.ip_network(text, strict=False)


def _regex(text: str) -> object:
    """Matched in linear time by most SDKs, so no lookaround and no back reference; and by all in some."""
    if not takes_regex(text):
        return _fail()
    if is_catastrophic(text):
        raise Slow
    return text


class Slow(ValueError):
    """A pattern that some engines never finish on."""


def _fail() -> NoReturn:
    raise ValueError


MAY_BE_EMPTY = ("IN", "NOT_IN")  # the engines read no empty list of anything else

# operator: (takes several values, what each value must be read by)
OPERATORS: dict[str, tuple[bool, Callable[[str], object]]] = {
    "IN": (True, str),
    "NOT_IN": (True, str),
    "STR_CONTAINS": (True, str),
    "STR_STARTS_WITH": (True, str),
    "STR_ENDS_WITH": (True, str),
    "IN_CIDR": (True, _network),
    "NUM_EQ": (False, _number),
    "NUM_GT": (False, _number),
    "NUM_GTE": (False, _number),
    "NUM_LT": (False, _number),
    "NUM_LTE": (False, _number),
    "DATE_BEFORE": (False, _moment),
    "DATE_AFTER": (False, _moment),
    "SEMVER_EQ": (False, _version),
    "SEMVER_GT": (False, _version),
    "SEMVER_GTE": (False, _version),
    "SEMVER_LT": (False, _version),
    "SEMVER_LTE": (False, _version),
    "REGEX": (False, _regex),
}


def checked_list(raw: object, where: str, strict: bool) -> list[Json]:
    items = list_of(raw, where, MAX_CONSTRAINTS)
    return [checked(item, f"{where}[{n}]", strict) for n, item in enumerate(items)]


def checked(raw: object, where: str, strict: bool = True) -> Json:
    """One constraint, normalised. Raises `Wrong`."""
    item = object_of(raw, where)
    operator = text_of(item.get("operator"), f"{where}.operator")
    if strict and operator not in OPERATORS:
        raise Wrong(where, _l("no such operator: %(name)s", name=operator))
    several, read = OPERATORS.get(operator, (True, str))
    found: Json = {
        "contextName": name_of(item.get("contextName"), f"{where}.contextName"),
        "operator": operator,
    }
    if several:
        values = list_of(item.get("values"), f"{where}.values", MAX_VALUES)
        if strict and not values and operator not in MAY_BE_EMPTY:
            raise Wrong(f"{where}.values", _l("name at least one value"))
        found["values"] = [
            _one_value(value, f"{where}.values[{n}]", read if strict else str)
            for n, value in enumerate(values)
        ]
    elif strict or item.get("value") is not None:
        found["value"] = _single(item.get("value"), f"{where}.value", operator, read if strict else None)
    for option in ("inverted", "caseInsensitive"):
        found[option] = bool_of(item.get(option), f"{where}.{option}")
    return found


def _single(raw: object, where: str, operator: str, read: Callable[[str], object] | None) -> str:
    if read is not None or operator == "REGEX":
        return _one_value(raw, where, read or str)
    text = text_of(raw, where, least=0).strip(" \t")
    is_read = any(form.fullmatch(text) for form in (DATE, SEMVER, NUMBER))
    if not is_read and RULE_WORDS.search(text):
        raise _incomparable(text, where)
    return text


def _one_value(raw: object, where: str, read: Callable[[str], object]) -> str:
    text = text_of(raw, where, least=0)
    try:
        read(text)
    except Slow:
        raise Wrong(where, _l("this pattern may never end: it repeats what repeats itself")) from None
    except ValueError:
        raise _incomparable(text, where) from None
    if text.endswith("\\"):
        raise _incomparable(text, where)
    return text


def _incomparable(text: str, where: str) -> Wrong:
    return Wrong(where, _l("%(value)s cannot be compared this way", value=text[:60]))

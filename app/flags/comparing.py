"""Whether a constraint holds for a value, as the engines of SDKs see it. Pure: no I/O, no clock.

Their rules are written down as text, so a single value is read as what it looks like: a date, else a version,
else a number, whatever the operator is called. What looks like none of them keeps the whole flag off.
"""

from __future__ import annotations

import ipaddress
import re
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

from app.flags.constraint import DATE, MAY_BE_EMPTY, NUMBER, OPERATORS, SEMVER
from app.flags.evaluator import regex_holds

Json = dict[str, Any]
# How a context may write a number and a date; the engines read a little more than they write.
CONTEXT_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(inf|infinity|nan)", re.ASCII | re.I)
CONTEXT_DATE = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?\s*([Zz]|[+-]\d\d:?\d\d)",
    re.ASCII,
)
ORDINAL: dict[str, Callable[[int], bool]] = {
    "EQ": lambda order: order == 0,
    "GT": lambda order: order > 0,
    "GTE": lambda order: order >= 0,
    "LT": lambda order: order < 0,
    "LTE": lambda order: order <= 0,
    "AFTER": lambda order: order > 0,
    "BEFORE": lambda order: order < 0,
}


def compiles(constraint: Json) -> bool:
    """Whether the engines can read it at all; one that they cannot read keeps its whole flag off."""
    operator = constraint["operator"]
    if operator not in OPERATORS:
        return False
    if OPERATORS[operator][0]:
        return operator in MAY_BE_EMPTY or bool(constraint.get("values"))
    if operator == "REGEX" or _is_broken_version(constraint):
        return True
    return _read(constraint.get("value")) is not None


def holds(constraint: Json, value: str | None) -> bool:
    """For a constraint that compiles; `value` is what the context says, None where it says nothing."""
    if _is_broken_version(constraint):
        return False  # inverted as well
    return _matches(constraint, value) != bool(constraint.get("inverted"))


def _is_broken_version(constraint: Json) -> bool:
    """SDKs of old sent "v1.2.3"; the engines let it hold for nobody."""
    value = constraint.get("value")
    return constraint["operator"].startswith("SEMVER_") and isinstance(value, str) and value.startswith("v")


def _matches(constraint: Json, value: str | None) -> bool:
    operator: str = constraint["operator"]
    if operator == "NOT_IN":
        return value is None or value not in (constraint.get("values") or ())
    if value is None:
        return False
    ignores_case = constraint.get("caseInsensitive", False)
    if operator == "REGEX":
        return regex_holds(constraint.get("value") or "", value, ignores_case)
    if operator in OPERATORS and OPERATORS[operator][0]:
        return _matches_list(operator, constraint.get("values") or [], value, ignores_case)
    return _matches_order(operator.partition("_")[2], constraint["value"], value)


def _matches_list(operator: str, values: list[str], value: str, ignores_case: bool) -> bool:
    if operator == "IN":
        return value in values
    if operator == "IN_CIDR":
        return in_networks(values, value)
    if ignores_case:
        values, value = [one.lower() for one in values], value.lower()
    match operator:
        case "STR_CONTAINS":
            return any(one in value for one in values)
        case "STR_STARTS_WITH":
            return any(value.startswith(one) for one in values)
        case _:
            return any(value.endswith(one) for one in values)


def in_networks(networks: list[str], address: str) -> bool:
    """Networks that are none are passed over."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(_contains(network, ip) for network in networks)


def _contains(network: str, ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    try:
        return ip in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _matches_order(comparison: str, wanted: str, value: str) -> bool:
    read = _read(wanted)
    if read is None:
        return False
    kind, right = read
    left = _READ_CONTEXT[kind](value)
    if left is None:
        return False
    order = _version_order(left, right) if kind == "version" else _order(left, right)
    return order is not None and ORDINAL[comparison](order)


def _order(left: Any, right: Any) -> int | None:
    if isinstance(left, float):
        if left != left or right != right:
            return None
        if abs(left - right) < sys.float_info.epsilon:
            return 0
    return int(left > right) - int(left < right)


def _read(value: object) -> tuple[str, Any] | None:
    """A constraint's single value: what kind it is, and as such."""
    text = value.strip(" \t") if isinstance(value, str) else ""
    if DATE.fullmatch(text):
        return _of_kind("date", _date(text))
    if SEMVER.fullmatch(text):
        return _of_kind("version", version(text))
    return ("number", float(text)) if NUMBER.fullmatch(text) else None


def _of_kind(kind: str, value: Any) -> tuple[str, Any] | None:
    return None if value is None else (kind, value)


def _number(text: str) -> float | None:
    return float(text) if CONTEXT_NUMBER.fullmatch(text) else None


def _date(text: str) -> datetime | None:
    if not CONTEXT_DATE.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(re.sub(r"\s+(?=[Zz+-])", "", text).upper())
    except ValueError:
        return None


def version(text: str) -> tuple[tuple[int, ...], tuple[str, ...]] | None:
    """Numbers and what stands behind the dash; what is behind a plus does not count."""
    if not SEMVER.fullmatch(text):
        return None
    core, _dash, pre = text.partition("+")[0].partition("-")
    marks = tuple(pre.split(".")) if pre else ()
    numbers = core.split(".")
    if any(_has_leading_zero(part) for part in (*numbers, *(m for m in marks if m.isdigit()))):
        return None
    if any(int(number) >= 2**64 for number in numbers):
        return None
    return tuple(int(number) for number in numbers), marks


def _has_leading_zero(digits: str) -> bool:
    return len(digits) > 1 and digits[0] == "0"


def _version_order(left: Any, right: Any) -> int:
    """Precedence of Semantic Versioning 2.0.0, section 11."""
    if left[0] != right[0]:
        return 1 if left[0] > right[0] else -1
    if not left[1] or not right[1]:
        return (not left[1]) - (not right[1])
    keys = [[_mark_key(mark) for mark in marks] for marks in (left[1], right[1])]
    return (keys[0] > keys[1]) - (keys[0] < keys[1])


def _mark_key(mark: str) -> tuple[bool, int, str]:
    return (False, int(mark), "") if mark.isdigit() else (True, 0, mark)


_READ_CONTEXT: dict[str, Callable[[str], Any]] = {"date": _date, "version": version, "number": _number}

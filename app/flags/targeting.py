"""Strategies, constraints and variants as they travel to SDKs, checked before they are stored.

One value of a wrong type makes an SDK drop the whole set of flags, so what comes out of here has exactly
the types of the wire: every parameter and every value to compare with is a string. Pure: no I/O, no clock.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, NoReturn

from flask_babel import lazy_gettext as _l

from app.errors import Refused
from app.flags.percent import checked_percent

Json = dict[str, Any]

# Most that one flag may hold in one environment; SDKs keep all flags in memory and download all on a change.
MAX_BYTES = 200_000
MAX_STRATEGIES = 30
MAX_CONSTRAINTS = 30
MAX_SEGMENTS = 30
MAX_VALUES = 5_000
MAX_VARIANTS = 50
MAX_TEXT = 10_000
MAX_ID = 2**31 - 1  # SDKs read a segment's number into 32 bits
WEIGHT_TOTAL = 1_000

# Constraints that hold for nobody: stands for a segment that cannot be read.
NOBODY: list[Json] = [{"contextName": "userId", "operator": "IN", "values": []}]

STRATEGIES = (
    "default",
    "flexibleRollout",
    "userWithId",
    "remoteAddress",
    "applicationHostname",
    "gradualRolloutUserId",
    "gradualRolloutSessionId",
    "gradualRolloutRandom",
)
PAYLOAD_TYPES = ("string", "json", "csv", "number")
WEIGHT_TYPES = ("fix", "variable")
SEMVER = re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?", re.ASCII)


def _number(text: str) -> object:
    return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text, re.ASCII) else _fail()


def _moment(text: str) -> object:
    return datetime.fromisoformat(text)


def _version(text: str) -> object:
    return SEMVER.fullmatch(text) or _fail()


def _network(text: str) -> object:
    return ipaddress.ip_network(text, strict=False)


def _regex(text: str) -> object:
    """SDKs match in linear time (Rust's regex), so only the syntax can be wrong."""
    try:
        return re.compile(text)
    except (re.error, RecursionError, OverflowError):
        return _fail()


def _fail() -> NoReturn:
    raise ValueError


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


class _Wrong(Exception):
    def __init__(self, where: str, what: object) -> None:
        super().__init__(where, what)
        self.where, self.what = where, what


def checked_strategies(raw: object, flag: str) -> list[Json]:
    """The strategies of one flag in one environment, normalised. Raises `Refused` on the field strategies."""
    return _checked("strategies", raw, MAX_STRATEGIES, lambda item, where: _strategy(item, where, flag))


def checked_variants(raw: object) -> list[Json]:
    """Variants, normalised; their weights add up to 1000. Raises `Refused` on the field variants."""
    return _checked("variants", raw, MAX_VARIANTS, _variant, _weights_add_up)


def checked_constraints(raw: object) -> list[Json]:
    """The constraints of a segment, normalised. Raises `Refused` on the field constraints."""
    return _checked("constraints", raw, MAX_CONSTRAINTS, _constraint)


def segments_of(strategies: object) -> set[int]:
    """The ids of all segments that these strategies name; of what cannot be read none."""
    if not isinstance(strategies, list):
        return set()
    named = [one.get("segments") for one in strategies if isinstance(one, dict)]
    return {segment for ids in named if isinstance(ids, list) for segment in ids if isinstance(segment, int)}


def readable(strategies: object, variants: object, flag: str) -> tuple[list[Json], list[Json]] | None:
    """What is stored, when SDKs can read it. None: somebody wrote past this file; the flag counts as off."""
    try:
        return checked_strategies(strategies, flag), checked_variants(variants)
    except Refused:
        return None


def readable_constraints(constraints: object) -> list[Json] | None:
    """What a segment holds, when SDKs can read it. None: it holds for nobody."""
    try:
        return checked_constraints(constraints)
    except Refused:
        return None


def parsed(text: str, field: str) -> object:
    """JSON as typed into a form; empty is an empty list."""
    try:
        if len(text) > MAX_BYTES:
            raise _Wrong(field, _l("use at most %(most)s bytes", most=MAX_BYTES))
        return json.loads(text) if text.strip() else []
    except _Wrong as wrong:
        _refuse(field, wrong)
    except (ValueError, RecursionError) as error:
        _refuse(field, _Wrong(field, _l("this is not JSON: %(error)s", error=str(error)[:100])))


def _checked(
    field: str,
    raw: object,
    most: int,
    check: Callable[[object, str], Json],
    together: Callable[[list[Json], str], None] | None = None,
) -> list[Json]:
    try:
        found = [check(item, f"{field}[{n}]") for n, item in enumerate(_list(raw, field, most))]
        if together is not None:
            together(found, field)
        if len(json.dumps(found)) > MAX_BYTES:
            raise _Wrong(field, _l("use at most %(most)s bytes", most=MAX_BYTES))
    except _Wrong as wrong:
        _refuse(field, wrong)
    return found


def _refuse(field: str, wrong: _Wrong) -> NoReturn:
    what = _l("%(where)s: %(what)s", where=wrong.where, what=wrong.what)
    raise Refused(_l("The flag was not saved."), {field: what})


def _strategy(raw: object, where: str, flag: str) -> Json:
    item = _object(raw, where)
    name = _text(item.get("name"), f"{where}.name")
    if name not in STRATEGIES:
        raise _Wrong(where, _l("no such strategy: %(name)s", name=name))
    found: Json = {
        "name": name,
        "parameters": _parameters(item.get("parameters"), f"{where}.parameters", name, flag),
        "constraints": [
            _constraint(constraint, f"{where}.constraints[{n}]")
            for n, constraint in enumerate(
                _list(item.get("constraints"), f"{where}.constraints", MAX_CONSTRAINTS)
            )
        ],
        "variants": _strategy_variants(item.get("variants"), f"{where}.variants"),
    }
    if segments := _segments(item.get("segments"), f"{where}.segments"):
        found["segments"] = segments
    if item.get("title"):
        found["title"] = _text(item["title"], f"{where}.title")
    if _bool(item.get("disabled"), f"{where}.disabled"):
        found["disabled"] = True
    return found


def _segments(raw: object, where: str) -> list[int]:
    """Ids; whether there are such segments is for the database to say."""
    ids = _list(raw, where, MAX_SEGMENTS)
    for one in ids:
        if not isinstance(one, int) or isinstance(one, bool) or not 0 < one <= MAX_ID:
            raise _Wrong(where, _l("name segments by their numbers"))
    return list(dict.fromkeys(int(str(one)) for one in ids))


def _parameters(raw: object, where: str, strategy: str, flag: str) -> dict[str, str]:
    found = {
        _text(key, where): _text(_plain(value), f"{where}.{key}")
        for key, value in _object({} if raw is None else raw, where).items()
    }
    if strategy == "flexibleRollout":
        found = {"rollout": "100", "stickiness": "default", "groupId": flag} | found
    for share in ("rollout", "percentage"):
        if share in found:
            found[share] = _share(found[share], f"{where}.{share}")
    return found


def _share(text: str, where: str) -> str:
    try:
        return str(checked_percent(text))
    except Refused as refused:
        raise _Wrong(where, refused.fields["percent"]) from None


def _constraint(raw: object, where: str) -> Json:
    item = _object(raw, where)
    operator = _text(item.get("operator"), f"{where}.operator")
    if operator not in OPERATORS:
        raise _Wrong(where, _l("no such operator: %(name)s", name=operator))
    several, read = OPERATORS[operator]
    found: Json = {
        "contextName": _text(item.get("contextName"), f"{where}.contextName"),
        "operator": operator,
    }
    if several:
        values = _list(item.get("values"), f"{where}.values", MAX_VALUES)
        found["values"] = [_value(value, f"{where}.values[{n}]", read) for n, value in enumerate(values)]
    else:
        found["value"] = _value(item.get("value"), f"{where}.value", read)
    for option in ("inverted", "caseInsensitive"):
        found[option] = _bool(item.get(option), f"{where}.{option}")
    return found


def _value(raw: object, where: str, read: Callable[[str], object]) -> str:
    text = _text(_plain(raw), where, least=0)
    try:
        read(text)
    except ValueError:
        raise _Wrong(where, _l("%(value)s cannot be compared this way", value=text[:60])) from None
    return text


def _strategy_variants(raw: object, where: str) -> list[Json]:
    found = [_variant(item, f"{where}[{n}]") for n, item in enumerate(_list(raw, where, MAX_VARIANTS))]
    _weights_add_up(found, where)
    return found


def _variant(raw: object, where: str) -> Json:
    item = _object(raw, where)
    weight = item.get("weight")
    if not isinstance(weight, int) or isinstance(weight, bool) or not 0 <= weight <= WEIGHT_TOTAL:
        raise _Wrong(f"{where}.weight", _l("use a whole number from 0 to %(most)s", most=WEIGHT_TOTAL))
    found: Json = {
        "name": _text(item.get("name"), f"{where}.name"),
        "weight": weight,
        "weightType": _one_of(item.get("weightType", "variable"), f"{where}.weightType", WEIGHT_TYPES),
        "stickiness": _text(item.get("stickiness", "default"), f"{where}.stickiness"),
    }
    if item.get("payload") is not None:
        found["payload"] = _payload(item["payload"], f"{where}.payload")
    if item.get("overrides"):
        found["overrides"] = _overrides(item["overrides"], f"{where}.overrides")
    return found


def _payload(raw: object, where: str) -> Json:
    item = _object(raw, where)
    kind = _one_of(item.get("type"), f"{where}.type", PAYLOAD_TYPES)
    return {"type": kind, "value": _text(_plain(item.get("value")), f"{where}.value", least=0)}


def _overrides(raw: object, where: str) -> list[Json]:
    found = []
    for n, override in enumerate(_list(raw, where, MAX_CONSTRAINTS)):
        item = _object(override, f"{where}[{n}]")
        values = _list(item.get("values"), f"{where}[{n}].values", MAX_VALUES)
        name = _text(item.get("contextName"), f"{where}[{n}].contextName")
        found.append({"contextName": name, "values": [_text(_plain(value), where) for value in values]})
    return found


def _weights_add_up(variants: list[Json], where: str) -> None:
    names = [variant["name"] for variant in variants]
    if len(set(names)) < len(names):
        raise _Wrong(where, _l("two variants have the same name"))
    total = sum(variant["weight"] for variant in variants)
    if variants and total != WEIGHT_TOTAL:
        raise _Wrong(where, _l("the weights add up to %(total)s, not 1000", total=total))


def _object(raw: object, where: str) -> Json:
    if not isinstance(raw, dict):
        raise _Wrong(where, _l("this must be an object"))
    return raw


def _list(raw: object, where: str, most: int) -> list[object]:
    if raw is None:
        return []
    if not isinstance(raw, list):
        raise _Wrong(where, _l("this must be a list"))
    if len(raw) > most:
        raise _Wrong(where, _l("use at most %(most)s entries", most=most))
    return raw


def _plain(raw: object) -> object:
    """Numbers and booleans are written as the text that SDKs compare with."""
    if isinstance(raw, bool):
        return str(raw).lower()
    return str(raw) if isinstance(raw, int | float) else raw


def _text(raw: object, where: str, least: int = 1) -> str:
    if not isinstance(raw, str) or not least <= len(raw) <= MAX_TEXT or "\x00" in raw:
        raise _Wrong(where, _l("use a text of at most %(most)s characters", most=MAX_TEXT))
    if any("\ud800" <= letter <= "\udfff" for letter in raw):
        raise _Wrong(where, _l("this text has letters that cannot be stored"))
    return raw


def _bool(raw: object, where: str) -> bool:
    if raw is None:
        return False
    if not isinstance(raw, bool):
        raise _Wrong(where, _l("this must be true or false"))
    return raw


def _one_of(raw: object, where: str, allowed: tuple[str, ...]) -> str:
    if raw not in allowed:
        raise _Wrong(where, _l("use one of: %(allowed)s", allowed=", ".join(allowed)))
    return str(raw)

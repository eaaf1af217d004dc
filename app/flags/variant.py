"""Variants: which of several answers somebody gets, and with what payload. Pure: no I/O, no clock."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.flags.constraint import MAX_CONSTRAINTS, MAX_VALUES
from app.flags.shape import Wrong, list_of, object_of, one_of, text_of

Json = dict[str, Any]
MAX_VARIANTS = 50
WEIGHT_TOTAL = 1_000  # in what people write; SDKs take any other sum
MAX_WEIGHT = 1_000_000
PAYLOAD_TYPES = ("string", "json", "csv", "number")
WEIGHT_TYPES = ("fix", "variable")


def checked_list(raw: object, where: str, strict: bool = True) -> list[Json]:
    """Variants, normalised; their weights add up. Raises `Wrong`."""
    items = list_of(raw, where, MAX_VARIANTS)
    found = [_checked(item, f"{where}[{n}]", strict) for n, item in enumerate(items)]
    names = [variant["name"] for variant in found]
    if len(set(names)) < len(names):
        raise Wrong(where, _l("two variants have the same name"))
    total = sum(variant["weight"] for variant in found)
    if found and (total != WEIGHT_TOTAL if strict else total == 0):
        raise Wrong(where, _l("the weights add up to %(total)s, not 1000", total=total))
    return found


def _checked(raw: object, where: str, strict: bool) -> Json:
    item = object_of(raw, where)
    kind = item.get("weightType")
    found: Json = {
        "name": text_of(item.get("name"), f"{where}.name"),
        "weight": _weight(item.get("weight"), f"{where}.weight", WEIGHT_TOTAL if strict else MAX_WEIGHT),
        "weightType": "variable" if kind is None else one_of(kind, f"{where}.weightType", WEIGHT_TYPES),
        "stickiness": text_of(item.get("stickiness") or "default", f"{where}.stickiness"),
    }
    if item.get("payload") is not None:
        found["payload"] = _payload(item["payload"], f"{where}.payload", strict)
    if item.get("overrides"):
        found["overrides"] = _overrides(item["overrides"], f"{where}.overrides")
    return found


def _weight(raw: object, where: str, most: int) -> int:
    if not isinstance(raw, int) or isinstance(raw, bool) or not 0 <= raw <= most:
        raise Wrong(where, _l("use a whole number from 0 to %(most)s", most=most))
    return raw


def _payload(raw: object, where: str, strict: bool) -> Json:
    item = object_of(raw, where)
    kind = item.get("type")
    kind = one_of(kind, f"{where}.type", PAYLOAD_TYPES) if strict else text_of(kind, f"{where}.type")
    return {"type": kind, "value": text_of(item.get("value"), f"{where}.value", least=0)}


def _overrides(raw: object, where: str) -> list[Json]:
    found = []
    for n, override in enumerate(list_of(raw, where, MAX_CONSTRAINTS)):
        item = object_of(override, f"{where}[{n}]")
        values = list_of(item.get("values"), f"{where}[{n}].values", MAX_VALUES)
        name = text_of(item.get("contextName"), f"{where}[{n}].contextName")
        found.append({"contextName": name, "values": [text_of(value, where) for value in values]})
    return found

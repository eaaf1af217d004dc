"""The targeting editor's form: read into strategies and variants, and its buttons. Pure: no I/O, no clock.

A field is called by its place, `strategies-0-constraints-1-values`, as targeting.py says where a mistake is.
Nothing is checked here: what was typed wrong comes out as it was typed, so that the page shows it again and
targeting.py refuses it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.flags.targeting import OPERATORS, WEIGHT_TOTAL

Json = dict[str, Any]

# The parameter of a strategy that holds a list, and the one that holds its percentage.
LISTS = {"userWithId": "userIds", "remoteAddress": "IPs", "applicationHostname": "hostNames"}
SHARES = {
    "flexibleRollout": "rollout",
    "gradualRolloutUserId": "percentage",
    "gradualRolloutSessionId": "percentage",
    "gradualRolloutRandom": "percentage",
}
GROUPED = ("flexibleRollout", "gradualRolloutUserId", "gradualRolloutSessionId")
MOST_PARTS = 6
MOST_NUMBER = 10_000
STEP = re.compile(r"([A-Za-z]+)|\[(\d{1,4})\]")


@dataclass(frozen=True)
class Draft:
    """What is being edited, as on the wire as far as it makes sense."""

    strategies: list[Any]
    variants: list[Any]

    def as_lists(self) -> Json:
        return {"strategies": self.strategies, "variants": self.variants}


def read(form: Mapping[str, Sequence[str]], flag: str) -> Draft:
    """From the fields of the form, each with all values that were sent for it."""
    tree = _tree(form)
    return Draft(
        [_strategy(one, flag) for one in _items(tree.get("strategies"))],
        [_variant(one) for one in _items(tree.get("variants"))],
    )


def pressed(draft: Draft, button: str, flag: str) -> Draft:
    """The draft after one of its buttons: add:<list>, remove:<item>, up:, down:, copy:, split:<variants>."""
    verb, _, place = button.partition(":")
    kind, _, place = place.partition(":") if place.count(":") else (place, "", place)
    root = json.loads(json.dumps(draft.as_lists()))
    found = _found(root, place)
    if found is None:
        return draft
    _press(verb, kind, found, flag)
    return Draft(root["strategies"], root["variants"])


def new_strategy(kind: str, flag: str) -> Json:
    """A strategy as it stands in the form first: for everybody, or for nobody who was not named."""
    parameters: dict[str, str] = {}
    if kind in SHARES:
        parameters[SHARES[kind]] = "100"
    if kind == "flexibleRollout":
        parameters |= {"stickiness": "default"}
    if kind in GROUPED:
        parameters["groupId"] = flag
    if kind in LISTS:
        parameters[LISTS[kind]] = ""
    return {"name": kind, "parameters": parameters, "constraints": [], "segments": [], "variants": []}


def new_constraint() -> Json:
    return {"contextName": "locale", "operator": "IN", "values": []}


def split_evenly(variants: Sequence[Any]) -> None:
    """Give each variant that is not fixed the same part of what the fixed ones leave."""
    loose = [one for one in variants if one.get("weightType") != "fix"]
    fixed = sum(int(one["weight"]) for one in variants if one not in loose and isinstance(one["weight"], int))
    left = max(0, WEIGHT_TOTAL - fixed)
    for place, one in enumerate(loose):
        one["weight"] = left // len(loose) + (1 if place < left % len(loose) else 0)


def weight_left(variants: Sequence[Any]) -> int | None:
    """What the weights are short of the whole, in thousandths; None where one of them is no number."""
    weights = [one.get("weight") for one in variants]
    return WEIGHT_TOTAL - sum(weights) if all(isinstance(one, int) for one in weights) else None


def percent_of(weight: object) -> str:
    """A weight as its field shows it: 333 → 33.3; what was typed wrong stays as it is."""
    return f"{weight / 10:g}" if isinstance(weight, int) else str(weight or "")


def field_of(where: str, fields: Sequence[str]) -> str:
    """The field that a mistake stands beside: "strategies[0].constraints[1].values[2]" → its input."""
    parts = [part for part in re.split(r"[\[\].]+", where) if part]
    while len(parts) > 1 and not _is_field("-".join(parts), fields):
        parts.pop()
    name = "-".join(parts)
    return f"{name}s" if name.endswith("-value") else name


def _is_field(name: str, fields: Sequence[str]) -> bool:
    """An input, or a part of the form; one value to compare with and several share their input."""
    return any(field in (name, f"{name}s") or field.startswith(f"{name}-") for field in fields)


def _tree(form: Mapping[str, Sequence[str]]) -> Json:
    """Fields by the parts of their names; numbers in them are keys, too."""
    tree: Json = {}
    for name, values in form.items():
        parts = name.split("-")
        if parts[0] not in ("strategies", "variants") or not 3 <= len(parts) <= MOST_PARTS:
            continue
        node = tree
        for part in parts[:-1]:
            node = node.setdefault(part, {})
        node[parts[-1]] = list(values)
    return tree


def _items(node: object) -> list[Json]:
    """The numbered items of a node in their order."""
    if not isinstance(node, dict):
        return []
    numbered = [key for key in node if key.isascii() and key.isdigit() and int(key) < MOST_NUMBER]
    return [node[key] for key in sorted(numbered, key=int) if isinstance(node[key], dict)]


def _strategy(node: Json, flag: str) -> Json:
    name = _one(node, "name") or "default"
    found: Json = {
        "name": name,
        "parameters": _kept(node).get("parameters", {}) | _parameters(node, name, flag),
        "constraints": [_constraint(one) for one in _items(node.get("constraints"))],
        "segments": [int(one) for one in node.get("segments", []) if one.isascii() and one.isdigit()],
        "variants": [_variant(one) for one in _items(node.get("variants"))],
    }
    if _one(node, "title"):
        found["title"] = _one(node, "title")
    if _one(node, "disabled"):
        found["disabled"] = True
    return found


def _parameters(node: Json, name: str, flag: str) -> dict[str, str]:
    found = {}
    if name in SHARES:
        found[SHARES[name]] = _one(node, "rollout")
    if name == "flexibleRollout":
        found["stickiness"] = _one(node, "stickiness") or "default"
    if name in GROUPED:
        found["groupId"] = _one(node, "groupId") or flag
    if name in LISTS:
        found[LISTS[name]] = ",".join(_lines(_one(node, "list")))
    return found


def _constraint(node: Json) -> Json:
    operator = _one(node, "operator")
    found: Json = {"contextName": _one(node, "contextName"), "operator": operator}
    lines = _lines(_one(node, "values"))
    if OPERATORS.get(operator, (True, str))[0]:
        found["values"] = lines
    else:
        found["value"] = "\n".join(lines)
    return found | {
        "inverted": bool(_one(node, "inverted")),
        "caseInsensitive": bool(_one(node, "caseInsensitive")),
    }


def _variant(node: Json) -> Json:
    found: Json = {
        "name": _one(node, "name"),
        "weight": _weight(_one(node, "weight")),
        "weightType": "fix" if _one(node, "fixed") else "variable",
        "stickiness": _one(node, "stickiness") or "default",
    }
    if kind := _one(node, "payloadType"):
        found["payload"] = {"type": kind, "value": _one(node, "payload")}
    if overrides := _kept(node).get("overrides"):
        found["overrides"] = overrides
    return found


def _weight(text: str) -> int | str:
    """Percent as typed → thousandths; what is no number stays as it is."""
    plain = text.strip().replace(",", ".")
    return round(float(plain) * 10) if re.fullmatch(r"\d{1,4}(\.\d{1,3})?", plain, re.ASCII) else text


def _kept(node: Json) -> Json:
    """What the form has no field for travels in a hidden one, lest it be lost."""
    try:
        found = json.loads(_one(node, "kept") or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _one(node: Json, name: str) -> str:
    values = node.get(name)
    return str(values[0]).strip() if isinstance(values, list) and values else ""


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _found(root: Json, place: str) -> tuple[Any, int | str] | None:
    """The list or object that holds what a place names, and its number or name there."""
    node: Any = root
    steps = [name or int(number) for name, number in STEP.findall(place)]
    for step in steps[:-1]:
        if not _has(node, step):
            return None
        node = node[step]
    return (node, steps[-1]) if steps and _has(node, steps[-1]) else None


def _has(node: Any, step: int | str) -> bool:
    return (
        step < len(node)
        if isinstance(step, int) and isinstance(node, list)
        else (isinstance(node, dict) and step in node)
    )


def _press(verb: str, kind: str, found: tuple[Any, int | str], flag: str) -> None:
    holder, at = found
    match verb, holder, at:
        case "add", dict(), "strategies":
            holder[at].append(new_strategy(kind, flag))
        case "add", dict(), "constraints":
            holder[at].append(new_constraint())
        case "add", dict(), "variants":
            _add_variant(holder[at])
        case "split", dict(), "variants":
            split_evenly(holder[at])
        case "remove", list(), int():
            del holder[at]
        case "up", list(), int() if at > 0:
            holder[at - 1], holder[at] = holder[at], holder[at - 1]
        case "down", list(), int() if at < len(holder) - 1:
            holder[at + 1], holder[at] = holder[at], holder[at + 1]
        case "copy", list(), int():
            holder.insert(at + 1, json.loads(json.dumps(holder[at])))
        case _:
            return


def _add_variant(variants: list[Any]) -> None:
    """A new one takes what the others leave; no weight that somebody chose is touched."""
    names = {one.get("name") for one in variants}
    free = (f"variant-{number}" for number in range(1, len(variants) + 2))
    stickiness = variants[0].get("stickiness", "default") if variants else "default"
    variants.append(
        {
            "name": next(name for name in free if name not in names),
            "weight": max(0, weight_left(variants) or 0),
            "weightType": "variable",
            "stickiness": stickiness,
        }
    )

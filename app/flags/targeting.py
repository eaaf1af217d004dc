"""Strategies, constraints and variants as they travel to SDKs, checked before they are stored.

One value of a wrong type makes an SDK drop the whole set of flags, so what comes out of here has exactly
the types of the wire: every parameter and every value to compare with is a string. Pure: no I/O, no clock.

What people write is checked strictly. What is taken over from another server passes as far as SDKs take it:
strategies of one's own, weights of any sum, values that never hold.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app.errors import Refused
from app.flags import constraint, variant
from app.flags.constraint import NOBODY, OPERATORS
from app.flags.percent import checked_percent
from app.flags.shape import (
    MAX_BYTES,
    MAX_TEXT,
    Wrong,
    bool_of,
    list_of,
    name_of,
    object_of,
    parsed,
    text_of,
    too_long,
)
from app.flags.variant import WEIGHT_TOTAL

__all__ = ["MAX_BYTES", "MAX_TEXT", "NOBODY", "OPERATORS", "WEIGHT_TOTAL", "parsed"]

Json = dict[str, Any]

MAX_STRATEGIES = 30
MAX_SEGMENTS = 30
NO_SEGMENT = 0
MAX_ID = 2**31 - 1  # SDKs read a segment's number into 32 bits

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
# Parameters that the engines of SDKs put between quotes, alone or cut at commas.
QUOTED = ("groupId", "stickiness", "IPs", "hostNames", "userIds")
INTEGER = re.compile(r"[+-]?[0-9]+")


def checked_strategies(raw: object, flag: str, strict: bool = True) -> list[Json]:
    """The strategies of one flag in one environment, normalised. Raises `Refused` on the field strategies."""

    def check(field: str) -> list[Json]:
        items = list_of(raw, field, MAX_STRATEGIES)
        return [_strategy(item, f"{field}[{n}]", flag, strict) for n, item in enumerate(items)]

    return _limited("strategies", check)


def checked_variants(raw: object, strict: bool = True) -> list[Json]:
    """Variants, normalised; their weights add up to 1000. Raises `Refused` on the field variants."""
    return _limited("variants", lambda field: variant.checked_list(raw, field, strict))


def checked_constraints(raw: object, strict: bool = True) -> list[Json]:
    """The constraints of a segment, normalised. Raises `Refused` on the field constraints."""
    return _limited("constraints", lambda field: constraint.checked_list(raw, field, strict))


def segments_of(strategies: object) -> set[int]:
    """The ids of all segments that these strategies name; of what cannot be read none."""
    if not isinstance(strategies, list):
        return set()
    named = [one.get("segments") for one in strategies if isinstance(one, dict)]
    return {segment for ids in named if isinstance(ids, list) for segment in ids if isinstance(segment, int)}


def with_segments(strategies: list[Json], numbers: Mapping[int, int]) -> list[Json]:
    """The strategies with other numbers for their segments: each server counts its own.

    A segment that the other server names and does not send gets a number that is nobody's, so SDKs go on
    holding the flag off.
    """
    return [
        strategy | {"segments": [numbers.get(one, NO_SEGMENT) for one in strategy["segments"]]}
        if strategy.get("segments")
        else strategy
        for strategy in strategies
    ]


def readable(strategies: object, variants: object, flag: str) -> tuple[list[Json], list[Json]] | None:
    """What is stored, when SDKs can read it. None: somebody wrote past this file; the flag counts as off."""
    try:
        return checked_strategies(strategies, flag, strict=False), checked_variants(variants, strict=False)
    except Refused:
        return None


def readable_constraints(constraints: object) -> list[Json] | None:
    """What a segment holds, when SDKs can read it. None: it holds for nobody."""
    try:
        return checked_constraints(constraints, strict=False)
    except Refused:
        return None


def _limited(field: str, check: Callable[[str], list[Json]]) -> list[Json]:
    try:
        found = check(field)
        if len(json.dumps(found)) > MAX_BYTES:
            raise too_long(field)
    except Wrong as wrong:
        raise wrong.refusal(field) from None
    return found


def _strategy(raw: object, where: str, flag: str, strict: bool) -> Json:
    item = object_of(raw, where)
    name = text_of(item.get("name"), f"{where}.name")
    if strict and name not in STRATEGIES:
        raise Wrong(where, _l("no such strategy: %(name)s", name=name))
    found: Json = {
        "name": name,
        "parameters": _parameters(item.get("parameters"), f"{where}.parameters", name, flag, strict),
        "constraints": constraint.checked_list(item.get("constraints"), f"{where}.constraints", strict),
        "variants": variant.checked_list(item.get("variants"), f"{where}.variants", strict),
    }
    if segments := _segments(item.get("segments"), f"{where}.segments"):
        found["segments"] = segments
    if item.get("title"):
        found["title"] = text_of(item["title"], f"{where}.title")
    if bool_of(item.get("disabled"), f"{where}.disabled"):
        found["disabled"] = True
    return found


def _segments(raw: object, where: str) -> list[int]:
    """Ids; whether there are such segments is for the database to say."""
    ids = list_of(raw, where, MAX_SEGMENTS)
    for one in ids:
        if not isinstance(one, int) or isinstance(one, bool) or not 0 <= one <= MAX_ID:
            raise Wrong(where, _l("name segments by their numbers"))
    return list(dict.fromkeys(int(str(one)) for one in ids))


def _parameters(raw: object, where: str, strategy: str, flag: str, strict: bool) -> dict[str, str]:
    found = {
        text_of(key, where): text_of(value, f"{where}.{key}", least=0)
        for key, value in object_of({} if raw is None else raw, where).items()
        if value is not None
    }
    if strict and strategy == "flexibleRollout":
        found = {"rollout": "100", "stickiness": "default", "groupId": flag} | found
    if strategy in STRATEGIES:
        for share in ("rollout", "percentage"):
            if share in found and (strict or INTEGER.fullmatch(found[share])):
                found[share] = _share(found[share], f"{where}.{share}")
        for key in QUOTED:
            _check_quoted(found.get(key, ""), f"{where}.{key}")
    return found


def _check_quoted(text: str, where: str) -> None:
    for part in text.split(","):
        if part.strip():
            name_of(part.strip(), where)


def _share(text: str, where: str) -> str:
    try:
        return str(checked_percent(text))
    except Refused as refused:
        raise Wrong(where, refused.fields["percent"]) from None

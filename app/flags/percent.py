"""The one number that people move: the percentage of shoppers who get a feature. Pure: no I/O, no clock."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from app.errors import Refused

Json = dict[str, Any]
WHOLE = re.compile(r"[0-9]{1,3}")  # not int(): that takes "١", "1_0" and " 5 "


@dataclass(frozen=True)
class Reach:
    """Who gets a flag in one environment."""

    percent: int | None  # None: several strategies, no single number says it
    is_targeted: bool  # the percentage is of those who match constraints, not of everybody


def checked_percent(value: object) -> int:
    """A whole number from 0 to 100. Raises `Refused` on the field percent."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not WHOLE.fullmatch(text) or int(text) > 100:
        raise Refused(
            _l("The percentage was not changed."), {"percent": _l("Use a whole number from 0 to 100.")}
        )
    return int(text)


def is_readable(strategies: object) -> bool:
    """Whether this is a list of strategies at all: a row may have been written past the checks."""
    return isinstance(strategies, list) and all(
        isinstance(one, dict)
        and isinstance(one.get("name"), str)
        and isinstance(one.get("parameters", {}), dict)
        for one in strategies
    )


def reach(enabled: bool, strategies: Sequence[Json]) -> Reach:
    """What cannot be read reaches nobody."""
    if not is_readable(strategies):
        return Reach(0, is_targeted=False)
    active = [strategy for strategy in strategies if not strategy.get("disabled")]
    if not enabled:
        return Reach(0, is_targeted=False)
    if not active:
        return Reach(100, is_targeted=False)  # SDKs: enabled without a strategy is on
    if len(active) > 1 or active[0]["name"] not in ("default", "flexibleRollout"):
        return Reach(None, is_targeted=True)
    is_targeted = bool(active[0].get("constraints") or active[0].get("segments"))
    return Reach(_share(active[0]), is_targeted)


def can_move(strategies: Sequence[Json]) -> bool:
    """Whether one slider is enough: no strategy, or a single one that has a percentage or can get it."""
    return is_readable(strategies) and (
        len(strategies) == 0
        or (
            len(strategies) == 1
            and strategies[0]["name"] in ("default", "flexibleRollout")
            and not strategies[0].get("disabled")
        )
    )


def moved(strategies: Sequence[Json], percent: int, flag: str) -> list[Json]:
    """The strategies with another percentage; constraints and stickiness stay, so nobody changes sides."""
    if not can_move(strategies):
        raise Refused(
            _l("The percentage was not changed."),
            {"percent": _l("This flag has several strategies here. Change them under Targeting.")},
        )
    kept: Json = dict(strategies[0]) if strategies else {"constraints": [], "variants": []}
    parameters = {"stickiness": "default", "groupId": flag} | kept.get("parameters", {})
    return [kept | {"name": "flexibleRollout", "parameters": parameters | {"rollout": str(percent)}}]


def for_flag(strategies: Sequence[Json], old: str, new: str) -> list[Json]:
    """Strategies of one flag for another: who is in is drawn anew, unless a group of its own was named."""
    return [
        strategy | {"parameters": strategy["parameters"] | {"groupId": new}}
        if strategy.get("parameters", {}).get("groupId") == old
        else strategy
        for strategy in strategies
    ]


def _share(strategy: Json) -> int:
    """As SDKs read it: a rollout without a whole number is for nobody."""
    if strategy["name"] == "default":
        return 100
    text = str(strategy.get("parameters", {}).get("rollout", ""))
    return min(int(text), 100) if WHOLE.fullmatch(text) else 0

"""What an SDK answers: the engine of the stock SDKs itself, asked without being counted.

An engine is built from the very features and segments that go over the wire. It is not for two threads at
once: whoever shares one holds a lock.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yggdrasil_engine.engine import UnleashEngine

Json = Mapping[str, Any]
Context = Mapping[str, Any]
VERSION = 2
WARNED = "Engine state was updated"  # how the engine begins when it took the rest
# What SDKs send beside the properties that a shop adds.
FIELDS = ("userId", "sessionId", "remoteAddress", "environment", "appName", "currentTime")


class Unreadable(ValueError):
    """SDKs would not take this state and keep the last one."""


@dataclass(frozen=True)
class Variant:
    name: str
    is_enabled: bool
    payload: Mapping[str, str] | None
    is_feature_enabled: bool


@dataclass(frozen=True)
class Answer:
    """What one flag says for one context."""

    name: str
    is_enabled: bool
    is_known: bool  # False: there is no such flag, so it is off
    variant: Variant
    impression_data: bool  # whether the application is to tell of this answer


class Evaluator:
    """Flags of one environment as an SDK holds them."""

    def __init__(self, features: Sequence[Json], segments: Sequence[Json] = ()) -> None:
        """Raises `Unreadable` where no SDK takes the whole."""
        self._engine = UnleashEngine()
        state = {"version": VERSION, "features": list(features), "segments": list(segments)}
        self.warnings = _take(self._engine, json.dumps(state))  # of flags that the engine has as always off
        self._names = tuple(sorted(feature["name"] for feature in features))

    def one(self, name: str, context: Context) -> Answer:
        told = as_context(context)
        toggle = self._engine.check_enabled(name, told)
        found = self._engine.check_variant(name, told)
        variant = Variant(
            found.variant.name, found.variant.enabled, found.variant.payload, found.variant.feature_enabled
        )
        impression = toggle.requires_impression_event_emission
        return Answer(name, toggle.is_enabled, toggle.is_found, variant, impression)

    def all(self, context: Context) -> list[Answer]:
        """Every flag, in the order of names."""
        return [self.one(name, context) for name in self._names]


def is_taken(features: Iterable[Json], segments: Iterable[Json] = ()) -> bool:
    """Whether an SDK takes these features; one that it does not take costs it all of them."""
    try:
        Evaluator(list(features), list(segments))
    except Unreadable:
        return False
    return True


def takes_regex(pattern: str) -> bool:
    """Whether the engine compiles it: matched in linear time, so no lookaround and no back reference.

    The engine lets a broken pattern match nothing and tells nobody; an empty alternative shows which it is.
    """
    return regex_holds(f"|{pattern}", "x")


def regex_holds(pattern: str, value: str, ignores_case: bool = False) -> bool:
    """Asked of the engine, whose syntax is its own."""
    constraint = {"contextName": "x", "operator": "REGEX", "value": pattern, "caseInsensitive": ignores_case}
    strategy = {"name": "default", "parameters": {}, "constraints": [constraint]}
    feature = {"name": "f", "enabled": True, "strategies": [strategy]}
    return Evaluator([feature]).one("f", {"x": value}).is_enabled


def as_context(raw: Context) -> dict[str, Any]:
    """What the engine reads: its own fields as texts, all else under properties, as texts too."""
    nested = raw.get("properties")
    properties = dict(nested) if isinstance(nested, Mapping) else {}
    properties |= {key: value for key, value in raw.items() if key not in (*FIELDS, "properties")}
    told = {key: _text(raw[key]) for key in FIELDS if raw.get(key) is not None}
    return {
        **told,
        "properties": {key: _text(value) for key, value in properties.items() if value is not None},
    }


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else str(value)


def _take(engine: UnleashEngine, state: str) -> str:
    """The binding of the engine hides what it refuses or warns of; the engine itself says it."""
    pointer = engine.lib.take_state(engine.state, state.encode())
    with engine.materialize_pointer(pointer, dict) as response:
        said: str = response.error_message or ""
    if said and not said.startswith(WARNED):
        raise Unreadable(said)
    return said

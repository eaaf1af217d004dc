"""Whom a flag under rollout is for: who may get it, whatever the percentage says.

A rollout to "a tenth of the guests in Germany" compares guests in Germany with guests in Germany: a shopper
from elsewhere, for whom the answer is off too, belongs to neither side and must not be counted with either.
The same engine that answers flags is asked with every percentage at 100.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from yggdrasil_engine.engine import UnleashEngine

SHARES = ("rollout", "percentage")  # the parameters of strategies that hold a percentage


class Audience:
    """Of one state of flags. A flag without constraints is for everybody and costs nothing to ask."""

    def __init__(self, state: Mapping[str, Any], split: Iterable[str]) -> None:
        names = frozenset(split)
        chosen = [one for one in state["features"] if one["name"] in names and _is_aimed(one)]
        self._aimed = frozenset(feature["name"] for feature in chosen)
        self._engine = UnleashEngine()
        if self._aimed:
            features = [_at_full_share(feature) for feature in chosen]
            self._engine.take_state(json.dumps({**state, "features": features}))

    def has(self, name: str, context: Mapping[str, Any]) -> bool:
        return name not in self._aimed or bool(self._engine.is_enabled(name, dict(context)))


def _is_aimed(feature: Mapping[str, Any]) -> bool:
    return any(one.get("constraints") or one.get("segments") for one in feature.get("strategies") or ())


def _at_full_share(feature: Mapping[str, Any]) -> dict[str, Any]:
    return {**feature, "strategies": [_full(strategy) for strategy in feature["strategies"]]}


def _full(strategy: Mapping[str, Any]) -> dict[str, Any]:
    parameters = strategy.get("parameters", {})
    full = {name: "100" for name in SHARES if name in parameters}
    return {**strategy, "parameters": {**parameters, **full}}

"""What a change of a flag changed, line by line, for people. Pure: no I/O, no clock."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from app.flags.percent import is_readable, reach

Json = Mapping[str, Any]

NAMES: Mapping[str, object] = {
    "percent": _l("Percentage"),
    "enabled": _l("Enabled"),
    "strategies": _l("Strategies"),
    "variants": _l("Variants"),
    "type": _l("Type"),
    "description": _l("Description"),
    "owner": _l("Owner"),
    "tags": _l("Tags"),
    "project": _l("Project"),
    "links": _l("Links"),
    "dependencies": _l("Depends on"),
    "impression_data": _l("Impression data"),
    "expected_lifetime_days": _l("Days to live"),
    "is_stale": _l("Marked stale"),
    "completed": _l("Completed"),
    "outcome": _l("Outcome"),
    "outcome_variant": _l("Variant kept"),
    "archived": _l("Archived"),
}


@dataclass(frozen=True)
class Change:
    """One line of a diff. None: there was nothing, or there is nothing."""

    key: str
    before: object | None  # text to show
    after: object | None

    @property
    def name(self) -> object:
        return NAMES.get(self.key, self.key)


def changes(before: Json | None, after: Json | None) -> tuple[Change, ...]:
    """The difference of two snapshots as the audit trail keeps them."""
    return tuple(_changes(before or {}, after or {}))


def _changes(before: Json, after: Json) -> Iterator[Change]:
    said: set[str] = set()
    if "strategies" in before and "strategies" in after:
        was, now = _percent(before), _percent(after)
        if was != now:
            yield Change("percent", was, now)
            said = {"enabled"}
        if _told_by_percent(before["strategies"], after["strategies"]):
            said.add("strategies")
    for key in NAMES:
        if key not in said and before.get(key) != after.get(key):
            yield Change(key, _words(before.get(key)), _words(after.get(key)))


def _told_by_percent(before: list[Json], after: list[Json]) -> bool:
    """Whether the percentage says it all: the same strategies otherwise, or the slider's first one."""
    if not is_readable(before) or not is_readable(after):
        return False
    if not before or not after:
        return all(_is_for_everybody(strategies) for strategies in (before, after))
    return [_without_share(one) for one in before] == [_without_share(one) for one in after]


def _is_for_everybody(strategies: list[Json]) -> bool:
    return not strategies or (
        len(strategies) == 1
        and strategies[0]["name"] == "flexibleRollout"
        and not strategies[0].get("constraints")
        and not strategies[0].get("variants")
    )


def _without_share(strategy: Json) -> Json:
    parameters = {k: v for k, v in strategy.get("parameters", {}).items() if k != "rollout"}
    return {**strategy, "parameters": parameters}


def _percent(snapshot: Json) -> str:
    percent = reach(snapshot["enabled"], snapshot["strategies"]).percent
    return "–" if percent is None else f"{percent} %"


def _words(value: object) -> object | None:
    if value is None or value in ("", [], {}):
        return None
    if isinstance(value, bool):
        word: object = _l("yes") if value else _l("no")
        return word
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, indent=1)

"""Which other flag must be on, off or at a variant before a flag is asked at all. Pure: no I/O, no clock.

SDKs look one level up and no further: a parent that has a parent itself counts as off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from app.errors import Refused

Json = dict[str, Any]
MOST_PARENTS = 10
MOST_VARIANTS = 50
MOST_TEXT = 200
FIELD = "dependencies"


def checked_dependencies(raw: object) -> list[Json]:
    """[{"feature", "enabled", "variants"}], normalised. Raises `Refused` on the field dependencies."""
    if not isinstance(raw, list) or len(raw) > MOST_PARENTS:
        raise refusal(_l("Use a list of at most %(most)s entries.", most=MOST_PARENTS))
    found = [_checked(item) for item in raw]
    names = [item["feature"] for item in found]
    if len(set(names)) < len(names):
        raise refusal(_l("A parent is named twice."))
    return found


def _checked(raw: object) -> Json:
    if not isinstance(raw, dict):
        raise refusal(_l("Each entry is an object with the name of a feature."))
    enabled, variants = raw.get("enabled"), raw.get("variants")
    if not _is_name(raw.get("feature")):
        raise refusal(_l("Each entry is an object with the name of a feature."))
    if enabled is not None and not isinstance(enabled, bool):
        raise refusal(_l("“enabled” is true or false."))
    if variants is not None and not _are_names(variants):
        raise refusal(_l("“variants” is a list of names."))
    if variants and enabled is False:
        raise refusal(_l("A parent that is off has no variant."))
    found: Json = {"feature": raw["feature"], "enabled": enabled is not False}
    return found | ({"variants": list(dict.fromkeys(variants))} if variants else {})


def check_graph(flag: str, wanted: Sequence[Json], graph: Mapping[str, Iterable[str]]) -> None:
    """Refuse a flag among its own parents and what SDKs do not follow: parents of parents.

    `graph`: child → parents, of all flags.
    """
    children = [child for child, parents in graph.items() if flag in parents and child != flag]
    for item in wanted:
        parent = item["feature"]
        if parent == flag:
            raise refusal(_l("A flag cannot be its own parent."))
        if reaches(parent, flag, graph):
            raise refusal(_l("%(parent)s depends on this flag: that would be a circle.", parent=parent))
        if list(graph.get(parent, ())):
            raise refusal(_l("%(parent)s has a parent itself; SDKs look one level up only.", parent=parent))
        if children:
            raise refusal(
                _l("%(child)s depends on this flag; SDKs look one level up only.", child=sorted(children)[0])
            )


def reaches(start: str, goal: str, graph: Mapping[str, Iterable[str]]) -> bool:
    """Whether following parents from `start` comes to `goal`; ends on circles too."""
    seen: set[str] = set()
    ahead = [start]
    while ahead:
        name = ahead.pop()
        if name == goal:
            return True
        if name not in seen:
            seen.add(name)
            ahead.extend(graph.get(name, ()))
    return False


def refusal(what: object) -> Refused:
    return Refused(_l("The dependencies were not saved."), {FIELD: what})


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MOST_TEXT and "\x00" not in value


def _are_names(value: object) -> bool:
    return isinstance(value, list) and len(value) <= MOST_VARIANTS and all(map(_is_name, value))

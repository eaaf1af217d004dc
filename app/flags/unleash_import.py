"""Flags as another server hands them over. Pure: no I/O, no clock.

Read are Unleash's export (`features`, `featureStrategies`, `featureEnvironments`, `featureTags`, `segments`,
`dependencies`, `links`; also its former state export of version 4), what it answers SDKs (`{"version": 2,
"features": […], "segments": […]}`, version 1 as well), and its delta (`{"events": […]}`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from flask_babel import lazy_gettext as _l

from app.errors import Refused
from app.flags import dependency
from app.flags.flag import LINKS, TAGS, checked_changes, takeable_name
from app.flags.shape import MAX_TEXT, text_of
from app.flags.targeting import checked_constraints, checked_strategies, checked_variants

Json = dict[str, Any]
MAX_BYTES = 10_000_000  # of one import
MAX_FLAGS = 5_000
MAX_SEGMENTS = 2_000
OWNER_TAG = "owner"  # a tag of this type is what Unleash has for an owner


@dataclass(frozen=True)
class Segment:
    """A segment of the file. Without constraints it is only named, and must be here already."""

    id: int
    name: str
    description: str
    constraints: tuple[Json, ...] | None


@dataclass(frozen=True)
class Wanted:
    """A flag of the file, checked as far as it can be without a look at what is here."""

    name: str
    columns: Mapping[str, Any]  # of the flag; what the file does not say is left as it is
    enabled: bool
    strategies: tuple[Json, ...]
    variants: tuple[Json, ...]
    dependencies: tuple[Json, ...] | None  # None: the file does not say
    is_archived: bool


@dataclass(frozen=True)
class File:
    """What is wanted, and what cannot be taken with the reason."""

    flags: tuple[Wanted, ...] = ()
    segments: tuple[Segment, ...] = ()
    refused: Mapping[str, object] = field(default_factory=dict)  # name of a flag or segment: reason


def read(raw: object, environment: str = "") -> File:
    """Raises `Refused` where this is no such file; `environment` chooses where it holds several."""
    body = _body(raw)
    features = _list(body, "features", MAX_FLAGS)
    segments, wrong_segments = _segments(_list(body, "segments", MAX_SEGMENTS))
    merged = _merged(body, features, environment) if _is_export(body) else features
    flags: dict[str, Wanted] = {}
    refused: dict[str, object] = dict(wrong_segments)
    for number, feature in enumerate(merged):
        name = _name(feature, number)
        try:
            if name in flags:
                raise Refused(_l("The file names this flag twice."))
            flags[name] = _wanted(name, feature)
        except Refused as problem:
            refused[name] = _reason(problem)
    kept = (wanted for name, wanted in flags.items() if name not in refused)
    return File(tuple(kept), tuple(segments), refused)


def _body(raw: object) -> Json:
    if isinstance(raw, dict) and isinstance(raw.get("data"), dict) and "features" not in raw:
        raw = raw["data"]  # as Unleash's import wants it
    if _is_of_kinds(raw) and "events" in raw:
        raw = _folded(raw["events"])
    if not _is_of_kinds(raw) or "features" not in raw:
        raise Refused(_l("This is no file with flags: it has no list “features”."))
    return raw


def _is_of_kinds(raw: object) -> TypeGuard[Json]:
    """Whether it is an object with lists where it has them; what they hold is looked at one by one."""
    if not isinstance(raw, dict) or not isinstance(raw.get("data", {}), dict):
        return False
    return all(isinstance(raw.get(name, []), list) for name in ("features", "events"))


def _folded(events: Iterable[object]) -> Json:
    """What a delta comes to when its events are followed."""
    features: dict[object, object] = {}
    segments: dict[object, object] = {}
    for event in events:
        match event:
            case {
                "type": "hydration",
                "features": list() as whole,
                "segments": list() as groups,
            }:
                features = {_key(item, "name"): item for item in whole}
                segments = {_key(item, "id"): item for item in groups}
            case {"type": "feature-updated", "feature": dict() as item}:
                features[_key(item, "name")] = item
            case {"type": "feature-removed", "featureName": str() as name}:
                features.pop(name, None)
            case {"type": "segment-updated", "segment": dict() as item}:
                segments[_key(item, "id")] = item
            case {"type": "segment-removed", "segmentId": int() as number}:
                segments.pop(number, None)
            case _:
                raise Refused(_l("This is no file with flags: an event is of no known kind."))
    return {"features": list(features.values()), "segments": list(segments.values())}


def _key(item: object, key: str) -> object:
    value = item.get(key) if isinstance(item, dict) else None
    return value if isinstance(value, str | int) else repr(item)


def _is_export(body: Json) -> bool:
    return "featureStrategies" in body or "featureEnvironments" in body


def _merged(body: Json, features: list[object], environment: str) -> list[object]:
    """An export's parts, put together as they go to SDKs."""
    environment = _source(body, environment)
    states = _by_feature(body, "featureEnvironments", environment)
    strategies = _by_feature(body, "featureStrategies", environment)
    used = _segments_of_strategies(body)
    tags, dependencies, links = (
        _by_feature(body, "featureTags"),
        _by(body, "dependencies"),
        _by(body, "links"),
    )
    found: list[object] = []
    for feature in features:
        if not isinstance(feature, dict):
            found.append(feature)
            continue
        name = feature.get("name")
        state = states.get(name, [{}])[0]
        ordered = sorted(strategies.get(name, ()), key=_sort_order)
        found.append(
            feature
            | {
                "enabled": state.get("enabled", False),
                "variants": state.get("variants") or feature.get("variants") or [],
                "strategies": [_strategy(one, used) for one in ordered],
                "tags": [_tag(tag) for tag in tags.get(name, ())] if "featureTags" in body else None,
                "dependencies": dependencies.get(name, []) if "dependencies" in body else None,
                "links": links.get(name, []) if "links" in body else None,
            }
        )
    return found


def _source(body: Json, wanted: str) -> str:
    """The environment of the file to read: the one asked for, or the only one."""
    listed = _list(body, "featureEnvironments", MAX_FLAGS * 10)
    names = {one.get("environment") for one in listed if isinstance(one, dict) and one.get("environment")}
    if wanted in names:
        return wanted
    if len(names) > 1:
        known = ", ".join(sorted(map(str, names)))
        raise Refused(
            _l("The file holds several environments."), {"source": _l("Name one of: %(known)s", known=known)}
        )
    return str(names.pop()) if names else ""


def _by_feature(body: Json, key: str, environment: str = "") -> dict[object, list[Json]]:
    found: dict[object, list[Json]] = defaultdict(list)
    for item in _list(body, key, MAX_FLAGS * 30):
        if not isinstance(item, dict):
            continue
        if not environment or item.get("environment", environment) == environment:
            found[item.get("featureName", item.get("name"))].append(item)
    return found


def _by(body: Json, key: str) -> dict[object, Any]:
    """Lists that hang on a feature: [{"feature": …, key: […]}]."""
    listed = _list(body, key, MAX_FLAGS)
    return {_key(item, "feature"): item.get(key) for item in listed if isinstance(item, dict)}


def _segments_of_strategies(body: Json) -> dict[object, list[object]]:
    """By strategy; only the former state export has them apart."""
    found: dict[object, list[object]] = defaultdict(list)
    for item in _list(body, "featureStrategySegments", MAX_FLAGS * 30):
        if isinstance(item, dict):
            found[item.get("featureStrategyId")].append(item.get("segmentId"))
    return found


def _strategy(raw: Json, used: Mapping[object, list[object]]) -> Json:
    name = raw.get("name") if raw.get("strategyName") is None else raw["strategyName"]
    return raw | {"name": name, "segments": raw.get("segments") or used.get(raw.get("id"), [])}


def _sort_order(raw: Json) -> float:
    order = raw.get("sortOrder")
    return float(order) if isinstance(order, int | float) else 0.0


def _tag(raw: Json) -> object:
    kind, value = raw.get("tagType", raw.get("type")), raw.get("tagValue", raw.get("value"))
    return {"type": kind, "value": value}


def _name(feature: object, number: int) -> str:
    name = feature.get("name") if isinstance(feature, dict) else None
    return name if isinstance(name, str) and name else f"features[{number}]"


def _wanted(name: str, feature: object) -> Wanted:
    if not isinstance(feature, dict) or feature.get("name") != name:
        raise Refused(_l("A feature is an object with a name."))
    enabled = feature.get("enabled", False)
    if not isinstance(enabled, bool):
        raise Refused(_l("“enabled” is true or false."))
    dependencies = feature.get("dependencies")
    return Wanted(
        name=takeable_name(name),
        columns=_columns(feature),
        enabled=enabled,
        strategies=tuple(checked_strategies(feature.get("strategies"), name, strict=False)),
        variants=tuple(checked_variants(feature.get("variants"), strict=False)),
        dependencies=None if dependencies is None else tuple(dependency.checked_dependencies(dependencies)),
        is_archived=feature.get("archived") is True,
    )


def _columns(feature: Json) -> Json:
    """What the file says of the flag itself, in the words of our table."""
    found: Json = {
        column: _short(feature[key])
        for column, key in (("type", "type"), ("description", "description"), ("project", "project"))
        if feature.get(key)
    }
    for column, key in (("impression_data", "impressionData"), ("is_stale", "stale")):
        if feature.get(key) is not None:
            found[column] = feature[key] is True
    if feature.get("expectedLifetimeDays") is not None:
        found |= checked_changes({"expected_lifetime_days": feature["expectedLifetimeDays"]})
    if "project" in found:
        checked_changes({"project": found["project"]})
    if isinstance(feature.get("tags"), list):
        found["owner"], found["tags"] = _owner_and_tags(feature["tags"])
        if not found["owner"]:
            del found["owner"]
    if isinstance(feature.get("links"), list):
        found |= checked_changes({"links": feature["links"][:LINKS]})
    return found


def _owner_and_tags(raw: list[object]) -> tuple[str, list[str]]:
    pairs = [(str(tag.get("type")), str(tag.get("value"))) for tag in raw if isinstance(tag, dict)]
    owner = next((value for kind, value in pairs if kind == OWNER_TAG), "")
    if owner:
        pairs.remove((OWNER_TAG, owner))
    tags = [text_of(f"{kind}:{value}", "tags") for kind, value in pairs[:TAGS]]
    return owner, list(dict.fromkeys(tags))


def _segments(raw: list[object]) -> tuple[list[Segment], dict[str, object]]:
    found: list[Segment] = []
    wrong: dict[str, object] = {}
    for item in raw:
        try:
            found.append(_segment(item))
        except Refused as problem:
            wrong[f"segment {_key(item, 'id')}"] = _reason(problem)
    return found, wrong


def _segment(item: object) -> Segment:
    if not isinstance(item, dict) or not isinstance(item.get("id"), int):
        raise Refused(_l("A segment is an object with a number."))
    constraints = item.get("constraints")
    return Segment(
        id=item["id"],
        name=_short(item.get("name")) or f"segment-{item['id']}",
        description=_short(item.get("description")) or "",
        constraints=None if constraints is None else tuple(checked_constraints(constraints, strict=False)),
    )


def _short(value: object) -> str:
    """A text that can be stored; empty where there is none."""
    if not isinstance(value, str):
        return ""
    return value.encode("utf-8", "ignore").decode().replace("\x00", "")[:MAX_TEXT]


def _list(body: Json, key: str, most: int) -> list[object]:
    found = body.get(key) or []
    if not isinstance(found, list) or len(found) > most:
        raise Refused(_l("“%(key)s” is a list of at most %(most)s entries.", key=key, most=most))
    return found


def _reason(problem: Refused) -> object:
    """The words beside a field say more than those above the form."""
    return next(iter(problem.fields.values()), problem.message)

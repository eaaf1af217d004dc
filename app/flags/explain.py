"""Why a flag answers what it answers: each step that the engines of SDKs take, with the values they compare.

The answer itself is the engine's (evaluator.py); this follows it rule by rule and must agree. Where SDKs
draw lots that nobody can foresee, the step says so: None. Pure: no I/O, no clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from app.flags import comparing
from app.flags.evaluator import as_context
from app.flags.murmur import VARIANT_SEED, bucket

Json = Mapping[str, Any]
Cause = Literal[
    "unknown",  # there is no such flag
    "off",  # in this environment
    "parent",  # another flag must be otherwise first
    "unreadable",  # the engines cannot read one of its strategies
    "everybody",  # on, and no strategy narrows it
    "strategy",  # one says yes
    "nobody",  # none says yes
]
SIZE = 100
FIELDS = ("userId", "sessionId", "remoteAddress", "environment", "appName", "currentTime")
STICKY = {"gradualRolloutUserId": "userId", "gradualRolloutSessionId": "sessionId"}
INTEGER = re.compile(r"\+?[0-9]+")


@dataclass(frozen=True)
class Bucket:
    """The lot that somebody drew."""

    group: str
    stickiness: str  # by which field of the context
    identifier: str | None  # its value; None: lots are drawn anew each time
    number: int | None  # from 1 to size; None with the identifier
    limit: int  # numbers up to it are in
    size: int = SIZE


@dataclass(frozen=True)
class Checked:
    """A constraint beside what the context says."""

    constraint: Json
    segment: str | None  # name of the segment that it belongs to
    value: str | None  # None: the context does not say
    holds: bool


@dataclass(frozen=True)
class Step:
    """One strategy."""

    name: str
    title: str
    is_disabled: bool  # switched off: SDKs do not hear of it
    holds: bool | None  # None: by chance
    own: bool | None  # its own rule, constraints left aside
    own_value: str | None  # what that rule looked at; None: nothing, or the context does not say
    bucket: Bucket | None
    constraints: tuple[Checked, ...]
    missing_segments: tuple[int, ...]
    is_decisive: bool = False  # the first that says yes


@dataclass(frozen=True)
class Chosen:
    """A variant, and why it."""

    name: str | None  # None: by chance
    payload: Json | None
    cause: Literal["override", "bucket", "chance", "none"]
    is_of_strategy: bool  # else of the whole flag
    field: str | None = None  # of an override: which field of the context
    value: str | None = None
    bucket: Bucket | None = None


@dataclass(frozen=True)
class Parent:
    """A flag that this one depends on."""

    name: str
    wants_enabled: bool
    wants_variants: tuple[str, ...]  # empty: any
    is_known: bool
    has_parent: bool  # SDKs look one level up only
    is_enabled: bool | None
    variant: str | None
    is_satisfied: bool | None


@dataclass(frozen=True)
class Explanation:
    name: str
    is_enabled: bool | None  # None: by chance
    cause: Cause
    parents: tuple[Parent, ...]
    steps: tuple[Step, ...]
    variant: Chosen | None  # None: off, or no variants


def explain(
    name: str,
    features: Mapping[str, Json],
    segments: Mapping[int, Json],
    context: Json,
    now: datetime,
    hostname: str = "",
) -> Explanation:
    """`features` and `segments` as they go to SDKs, by name and number; `hostname` of the SDK, if known."""
    asked = _Asked(features, segments, as_context(context), _moment(now), hostname)
    feature = features.get(name)
    if feature is None:
        return Explanation(name, False, "unknown", (), (), None)
    if not feature["enabled"]:
        return Explanation(name, False, "off", (), _steps(asked, feature, name), None)
    parents = tuple(_parent(asked, feature, wanted) for wanted in feature.get("dependencies") or ())
    steps = _steps(asked, feature, name)
    satisfied = _all(parent.is_satisfied for parent in parents)
    answer, cause = _answer(asked, feature, steps)
    if satisfied is not True:
        cause = "parent"
    enabled = _all((satisfied, answer))
    chosen = _variant(asked, feature, steps) if enabled is not False else None
    return Explanation(name, enabled, cause, parents, steps, chosen)


@dataclass(frozen=True)
class _Asked:
    features: Mapping[str, Json]
    segments: Mapping[int, Json]
    context: Json
    now: str
    hostname: str

    def value(self, field: str) -> str | None:
        found: str | None
        if field in FIELDS:
            found = self.context.get(field)
            return self.now if found is None and field == "currentTime" else found
        found = self.context["properties"].get(field)
        return found


def _moment(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _answer(asked: _Asked, feature: Json, steps: Sequence[Step]) -> tuple[bool | None, Cause]:
    if not all(_compiles(asked, strategy) for strategy in _active(feature)):
        return False, "unreadable"
    if not _active(feature):
        return True, "everybody"
    answer = _any(step.holds for step in steps if not step.is_disabled)
    return answer, "nobody" if answer is False else "strategy"


def _active(feature: Json) -> list[Json]:
    return [one for one in feature.get("strategies") or () if not one.get("disabled")]


def _compiles(asked: _Asked, strategy: Json) -> bool:
    if _missing(asked, strategy) or not _share_compiles(strategy):
        return False
    return all(comparing.compiles(dict(one)) for one, _segment in _constraints(asked, strategy))


def _share_compiles(strategy: Json) -> bool:
    """The engines read no percentage above 100."""
    if strategy["name"] == "flexibleRollout":
        return (_share(strategy, "rollout") or 0) <= SIZE
    if strategy["name"] in STICKY and "groupId" in (strategy.get("parameters") or {}):
        return (_share(strategy, "percentage") or 0) <= SIZE
    return True


def _missing(asked: _Asked, strategy: Json) -> tuple[int, ...]:
    return tuple(one for one in strategy.get("segments") or () if one not in asked.segments)


def _constraints(asked: _Asked, strategy: Json) -> list[tuple[Json, str | None]]:
    """Those of the strategy, then those of its segments with their names."""
    own: list[tuple[Json, str | None]] = [(one, None) for one in strategy.get("constraints") or ()]
    found = (asked.segments[one] for one in strategy.get("segments") or () if one in asked.segments)
    return own + [
        (one, str(segment.get("name") or "")) for segment in found for one in segment["constraints"]
    ]


def _steps(asked: _Asked, feature: Json, toggle: str) -> tuple[Step, ...]:
    steps = [_step(asked, strategy, toggle) for strategy in feature.get("strategies") or ()]
    readable = all(_compiles(asked, strategy) for strategy in _active(feature))
    first = next((n for n, step in enumerate(steps) if step.holds and not step.is_disabled), None)
    return tuple(
        Step(**{**vars(step), "is_decisive": n == first and readable}) for n, step in enumerate(steps)
    )


def _step(asked: _Asked, strategy: Json, toggle: str) -> Step:
    own, own_value, drawn = _own(asked, strategy, toggle)
    checked = tuple(
        Checked(one, segment, asked.value(one["contextName"]), _holds(asked, one))
        for one, segment in _constraints(asked, strategy)
    )
    missing = _missing(asked, strategy)
    return Step(
        name=strategy["name"],
        title=strategy.get("title") or "",
        is_disabled=bool(strategy.get("disabled")),
        holds=_all((own, not missing, *(one.holds for one in checked))),
        own=own,
        own_value=own_value,
        bucket=drawn,
        constraints=checked,
        missing_segments=missing,
    )


def _holds(asked: _Asked, constraint: Json) -> bool:
    found = dict(constraint)
    return comparing.compiles(found) and comparing.holds(found, asked.value(found["contextName"]))


def _own(asked: _Asked, strategy: Json, toggle: str) -> tuple[bool | None, str | None, Bucket | None]:
    """A strategy's own rule: whether it holds, what it looked at, and the lot that was drawn."""
    parameters = strategy.get("parameters") or {}
    match strategy["name"]:
        case "default":
            return True, None, None
        case "userWithId":
            user = asked.value("userId")
            return "userIds" in parameters and user in _list(parameters["userIds"]), user, None
        case "remoteAddress":
            address = asked.value("remoteAddress")
            networks = _list(parameters.get("IPs", ""))
            return address is not None and comparing.in_networks(networks, address), address, None
        case "applicationHostname":
            names = [one.lower() for one in _list(parameters.get("hostNames", ""))]
            return asked.hostname != "" and asked.hostname.lower() in names, asked.hostname or None, None
        case "flexibleRollout":
            sticky = parameters.get("stickiness", "default")
            group = parameters.get("groupId", toggle)
            return _drawn(asked, _share(strategy, "rollout"), sticky, group)
        case "gradualRolloutUserId" | "gradualRolloutSessionId" as name:
            share = _share(strategy, "percentage") if "groupId" in parameters else None
            return _drawn(asked, share, STICKY[name], parameters.get("groupId", ""))
        case "gradualRolloutRandom":
            return _by_chance(_share(strategy, "percentage"))
        case _:
            return False, None, None  # known to some application only, which has to bring it


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]


def _share(strategy: Json, key: str) -> int | None:
    text = (strategy.get("parameters") or {}).get(key)
    return int(text) if isinstance(text, str) and INTEGER.fullmatch(text) else None


def _by_chance(share: int | None) -> tuple[bool | None, None, Bucket | None]:
    """A lot from 1 to 99, drawn anew at each question; below the share is in."""
    if share is None:
        return False, None, None
    lot = Bucket("", "random", None, None, share)
    return (None if 1 < share < SIZE else share >= SIZE), None, lot


def _drawn(
    asked: _Asked, share: int | None, sticky: str, group: str
) -> tuple[bool | None, str | None, Bucket | None]:
    if share is None:
        return False, None, None
    name, identifier = _identifier(asked, sticky)
    if identifier is not None:
        number = bucket(group, identifier, SIZE)
        return number <= share, identifier, Bucket(group, name, identifier, number, share)
    lot = Bucket(group, name, None, None, share)
    if name == "random":
        return (None if 0 < share < SIZE else share >= SIZE), None, lot
    return False, None, lot


def _identifier(asked: _Asked, sticky: str) -> tuple[str, str | None]:
    """Which field of the context keeps somebody in a group, and its value; by default the first of two."""
    if sticky == "default":
        for field in ("userId", "sessionId"):
            if (value := asked.value(field)) is not None:
                return field, value
        return "random", None
    return sticky, None if sticky == "random" else asked.value(sticky)


def _variant(asked: _Asked, feature: Json, steps: Sequence[Step]) -> Chosen | None:
    """Of the first strategy that says yes, or of the whole flag where that one has none."""
    active = [(step, one) for step, one in zip(steps, feature.get("strategies") or (), strict=True)]
    active = [(step, one) for step, one in active if not step.is_disabled]
    if all(_compiles(asked, one) for _step, one in active):
        for step, strategy in active:
            if step.holds is None and any(one.get("variants") for _step, one in active):
                return Chosen(None, None, "chance", is_of_strategy=True)
            if step.holds and strategy.get("variants"):
                return _chosen_of_strategy(asked, feature, strategy)
            if step.holds:
                break
    variants = feature.get("variants") or []
    sticky: str = (variants[0].get("stickiness") if variants else None) or "default"
    return _chosen(asked, variants, feature["name"], sticky, is_of_strategy=False)


def _chosen_of_strategy(asked: _Asked, feature: Json, strategy: Json) -> Chosen | None:
    parameters = strategy.get("parameters") or {}
    group = str(parameters.get("groupId", feature["name"]))
    sticky = str(parameters.get("stickiness", "default"))
    bare = [{key: value for key, value in one.items() if key != "overrides"} for one in strategy["variants"]]
    return _chosen(asked, bare, group, sticky, is_of_strategy=True)


def _chosen(
    asked: _Asked, variants: Sequence[Json], group: str, sticky: str, is_of_strategy: bool
) -> Chosen | None:
    if not variants:
        return None
    if (found := _overridden(asked, variants, is_of_strategy)) is not None:
        return found
    total = sum(one["weight"] for one in variants)
    name, identifier = _seed(asked, sticky)
    if identifier is None:
        certain = [one for one in variants if one["weight"] == total]
        if certain:
            return Chosen(certain[0]["name"], certain[0].get("payload"), "chance", is_of_strategy)
        return Chosen(None, None, "chance", is_of_strategy)
    number = bucket(group, identifier, total, VARIANT_SEED)
    reached = 0
    for one in variants:
        reached += one["weight"]
        if reached >= number:
            lot = Bucket(group, name, identifier, number, reached, total)
            return Chosen(one["name"], one.get("payload"), "bucket", is_of_strategy, bucket=lot)
    return None


def _seed(asked: _Asked, sticky: str) -> tuple[str, str | None]:
    """As `_identifier`, but variants know no random of their own and never look at the clock."""
    if sticky == "default":
        return _identifier(asked, sticky)
    if sticky == "currentTime":
        return sticky, asked.context["properties"].get(sticky)
    return sticky, asked.value(sticky)


def _overridden(asked: _Asked, variants: Sequence[Json], is_of_strategy: bool) -> Chosen | None:
    for one in variants:
        for override in one.get("overrides") or ():
            field = override["contextName"]
            value = asked.context.get(field) if field in FIELDS else asked.value(field)
            if value is not None and value in override["values"]:
                return Chosen(one["name"], one.get("payload"), "override", is_of_strategy, field, value)
    return None


def _parent(asked: _Asked, child: Json, wanted: Json) -> Parent:
    """Asked in the name of the child, as SDKs do: where the parent names no group, the child's name is it."""
    name, wants_enabled = wanted["feature"], wanted.get("enabled") is not False
    wants = tuple(wanted.get("variants") or ())
    parent = asked.features.get(name)
    if parent is None or parent.get("dependencies"):
        return Parent(name, wants_enabled, wants, parent is not None, parent is not None, None, None, False)
    steps = _steps(asked, parent, child["name"])
    enabled = _answer(asked, parent, steps)[0] if parent["enabled"] else False
    chosen = _variant(asked, parent, steps)
    fits = True if not wants or chosen is None else None if chosen.name is None else chosen.name in wants
    matches = None if enabled is None else enabled == wants_enabled
    variant = chosen.name if chosen else None
    return Parent(name, wants_enabled, wants, True, False, enabled, variant, _all((fits, matches)))


def _all(values: Iterable[bool | None]) -> bool | None:
    """All hold; None where that is left to chance."""
    found = list(values)
    return False if False in found else None if None in found else True


def _any(values: Iterable[bool | None]) -> bool | None:
    found = list(values)
    return True if True in found else None if None in found else False

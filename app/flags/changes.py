"""What a change of a flag changed, line by line, in words. Pure: no I/O, no clock."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.flags import wording
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
    "name": _l("Name"),
    "constraints": _l("Constraints"),
}
PARAMETERS: Mapping[str, object] = {
    "rollout": _l("rollout"),
    "percentage": _l("rollout"),
    "stickiness": _l("sticks to"),
    "groupId": _l("group"),
    "userIds": _l("visitors"),
    "IPs": _l("addresses"),
    "hostNames": _l("servers"),
}


@dataclass(frozen=True)
class Change:
    """One line of a diff. None: there was nothing, or there is nothing."""

    name: object  # what changed
    before: object | None  # text to show
    after: object | None


def changes(
    before: Json | None, after: Json | None, segments: wording.Names | None = None
) -> tuple[Change, ...]:
    """The difference of two snapshots as the audit trail keeps them."""
    return tuple(_changes(before or {}, after or {}, segments))


def _changes(before: Json, after: Json, segments: wording.Names | None) -> Iterator[Change]:
    said = {"environment", "revision", "flag"}
    if "strategies" in before and "strategies" in after:
        was, now = _percent(before), _percent(after)
        if was != now:
            yield Change(NAMES["percent"], was, now)
            said |= {"enabled"}
        yield from _strategies(before["strategies"], after["strategies"], segments)
        yield from _variants(before.get("variants"), after.get("variants"), "")
        said |= {"strategies", "variants"}
    for key in dict.fromkeys((*NAMES, *before, *after)):
        if key not in said and before.get(key) != after.get(key):
            yield Change(NAMES.get(key, key), _words(key, before.get(key)), _words(key, after.get(key)))


def _strategies(before: object, after: object, segments: wording.Names | None) -> Iterator[Change]:
    if not is_readable(before) or not is_readable(after):
        if before != after:
            yield Change(NAMES["strategies"], _json(before), _json(after))
        return
    old, new = list(before), list(after)  # type: ignore[call-overload]
    if _is_only_slider(old, new):
        return
    pairs = _pairs(old, new)
    for number, (was, now) in enumerate(pairs, 1):
        about = "" if len(pairs) == 1 else _("Strategy %(number)s: ", number=number)
        if was is None or now is None:
            yield Change(
                _("Strategy %(number)s", number=number),
                None if was is None else wording.strategy(was, segments),
                None if now is None else wording.strategy(now, segments),
            )
        else:
            yield from _strategy(was, now, about, is_alone=len(old) == len(new) == 1, segments=segments)
    if [one for one in old if one in new] != [one for one in new if one in old]:
        yield Change(_("Order of strategies"), None, " · ".join(wording.strategies(new, segments)))


def _is_only_slider(old: Sequence[Json], new: Sequence[Json]) -> bool:
    """The first move makes the slider's own strategy; the percentage says it all."""
    return (not old or not new) and all(_is_for_everybody(found) for found in (old, new))


def _is_for_everybody(strategies: Sequence[Json]) -> bool:
    return not strategies or (
        len(strategies) == 1
        and strategies[0]["name"] == "flexibleRollout"
        and not any(strategies[0].get(key) for key in ("constraints", "variants", "segments", "disabled"))
    )


def _pairs(old: list[Json], new: list[Json]) -> list[tuple[Json | None, Json | None]]:
    """Each new strategy with the old one that it came from; then what went away."""
    rest = list(old)
    found: list[tuple[Json | None, Json | None]] = []
    for position, now in enumerate(new):
        was = next((one for one in rest if one == now), None)
        if was is None:
            was = _origin(now, position, old, [one for one in rest if one not in new])
        if was is not None:
            rest.remove(was)
        found.append((was, now))
    return found + [(was, None) for was in rest]


def _origin(now: Json, position: int, old: Sequence[Json], rest: Sequence[Json]) -> Json | None:
    """The one at the same place where it is of the same kind, else the first of the kind."""
    same = [one for one in rest if one["name"] == now["name"] and one.get("title") == now.get("title")]
    if position < len(old) and old[position] in same:
        return old[position]
    return same[0] if same else None


def _strategy(
    was: Json, now: Json, about: str, *, is_alone: bool, segments: wording.Names | None
) -> Iterator[Change]:
    yield from _parameters(was.get("parameters") or {}, now.get("parameters") or {}, about, is_alone)
    old, new = (
        {wording.constraint(one): None for one in side.get("constraints") or []} for side in (was, now)
    )
    yield from _came_and_went(_("%(about)sconstraint", about=about), old, new)
    old, new = (
        {wording.named(one, segments): None for one in side.get("segments") or []} for side in (was, now)
    )
    yield from _came_and_went(_("%(about)ssegment", about=about), old, new)
    if bool(was.get("disabled")) != bool(now.get("disabled")):
        yield Change(
            _("%(about)sswitched off", about=about), _yes(was.get("disabled")), _yes(now.get("disabled"))
        )
    if was.get("title") != now.get("title"):
        yield Change(_("%(about)stitle", about=about), was.get("title"), now.get("title"))
    yield from _variants(was.get("variants"), now.get("variants"), about)


def _parameters(was: Json, now: Json, about: str, is_alone: bool) -> Iterator[Change]:
    for key in dict.fromkeys((*was, *now)):
        if was.get(key) == now.get(key) or (is_alone and key == "rollout"):
            continue  # of a flag with a single strategy the percentage was told already
        name = f"{about}{PARAMETERS.get(key, key)}"
        unit = " %" if key in wording.SHARES else ""
        yield Change(name, *(f"{side[key]}{unit}" if side.get(key) else None for side in (was, now)))


def _came_and_went(name: str, old: Json, new: Json) -> Iterator[Change]:
    went, came = [one for one in old if one not in new], [one for one in new if one not in old]
    for before, after in zip(went, came, strict=False):
        yield Change(name, before, after)
    for before in went[len(came) :]:
        yield Change(name, before, None)
    for after in came[len(went) :]:
        yield Change(name, None, after)


def _variants(before: object, after: object, about: str) -> Iterator[Change]:
    old, new = (side if isinstance(side, list) else [] for side in (before, after))
    was, now = ({one.get("name"): one for one in side if isinstance(one, dict)} for side in (old, new))
    for name in dict.fromkeys((*was, *now)):
        if was.get(name) != now.get(name):
            told = _("%(about)svariant %(name)s", about=about, name=name)
            yield Change(told, *_two_variants(was.get(name), now.get(name)))


def _two_variants(was: Json | None, now: Json | None) -> tuple[str | None, str | None]:
    """The weights, and what else differs."""
    keys = [
        key
        for key in ("payload", "stickiness", "weightType", "overrides")
        if was is not None and now is not None and was.get(key) != now.get(key)
    ]
    return _variant(was, keys), _variant(now, keys)


def _variant(found: Json | None, keys: Sequence[str]) -> str | None:
    if found is None:
        return None
    more = [
        f"{key}: {_payload(found[key]) if key == 'payload' else found[key]}" for key in keys if found.get(key)
    ]
    return ", ".join([wording.weight(found), *more])


def _payload(found: Json) -> str:
    return f"{found.get('value')} ({found.get('type')})"


def _percent(snapshot: Json) -> str:
    percent = reach(bool(snapshot.get("enabled")), snapshot["strategies"]).percent
    return str(_("by strategies")) if percent is None else f"{percent} %"


def _yes(value: object) -> object:
    return _("yes") if value else _("no")


def _words(key: str, value: object) -> object | None:
    if key == "constraints" and isinstance(value, list):
        return " · ".join(wording.constraint(one) for one in value) or None
    if value is None or value in ("", [], {}):
        return None
    if isinstance(value, bool):
        return _yes(value)
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ", ".join(_item(one) for one in value)
    return _json(value)


def _item(value: object) -> str:
    """One of a list of tags, links or parents."""
    if isinstance(value, dict) and "url" in value:
        return str(value.get("title") or value["url"])
    if isinstance(value, dict) and "feature" in value:
        return wording.parent(value)
    return value if isinstance(value, str) else _json(value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)

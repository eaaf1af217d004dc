"""Strategies, constraints and variants as sentences. Pure: no I/O, no clock.

10 % of shoppers whose locale is de and country is none of AT, CH
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.ui import formats

Json = Mapping[str, Any]
Names = Mapping[int, str]  # segments by their id

MOST_VALUES = 5  # named in a sentence; of longer lists the rest is counted

# operator: (with one value, with several, the same two turned round)
OPERATORS: Mapping[str, tuple[object, object, object, object]] = {
    "IN": (_l("is"), _l("is one of"), _l("is not"), _l("is none of")),
    "NOT_IN": (_l("is not"), _l("is none of"), _l("is"), _l("is one of")),
    "STR_CONTAINS": (
        _l("contains"),
        _l("contains one of"),
        _l("does not contain"),
        _l("contains none of"),
    ),
    "STR_STARTS_WITH": (
        _l("starts with"),
        _l("starts with one of"),
        _l("does not start with"),
        _l("starts with none of"),
    ),
    "STR_ENDS_WITH": (
        _l("ends with"),
        _l("ends with one of"),
        _l("does not end with"),
        _l("ends with none of"),
    ),
    "IN_CIDR": (
        _l("is in the network"),
        _l("is in one of the networks"),
        _l("is not in the network"),
        _l("is in none of the networks"),
    ),
    "NUM_EQ": (_l("is the number"),) * 2 + (_l("is not the number"),) * 2,
    "NUM_GT": (_l("is more than"),) * 2 + (_l("is at most"),) * 2,
    "NUM_GTE": (_l("is at least"),) * 2 + (_l("is less than"),) * 2,
    "NUM_LT": (_l("is less than"),) * 2 + (_l("is at least"),) * 2,
    "NUM_LTE": (_l("is at most"),) * 2 + (_l("is more than"),) * 2,
    "DATE_BEFORE": (_l("is before"),) * 2 + (_l("is not before"),) * 2,
    "DATE_AFTER": (_l("is after"),) * 2 + (_l("is not after"),) * 2,
    "SEMVER_EQ": (_l("is the version"),) * 2 + (_l("is not the version"),) * 2,
    "SEMVER_GT": (_l("is a version after"),) * 2 + (_l("is not a version after"),) * 2,
    "SEMVER_GTE": (_l("is at least the version"),) * 2 + (_l("is not at least the version"),) * 2,
    "SEMVER_LT": (_l("is a version before"),) * 2 + (_l("is not a version before"),) * 2,
    "SEMVER_LTE": (_l("is at most the version"),) * 2 + (_l("is not at most the version"),) * 2,
    "REGEX": (_l("matches the pattern"),) * 2 + (_l("does not match the pattern"),) * 2,
}

SHARES = ("rollout", "percentage")


@dataclass(frozen=True)
class Kind:
    """A strategy by the name that people give it."""

    name: object
    list: object = ""  # what its list holds


STRATEGIES: Mapping[str, Kind] = {
    "flexibleRollout": Kind(_l("A share of shoppers")),
    "default": Kind(_l("All shoppers")),
    "userWithId": Kind(_l("Chosen visitors"), _l("Visitors (userId)")),
    "remoteAddress": Kind(_l("Chosen addresses"), _l("Addresses")),
    "applicationHostname": Kind(_l("Chosen servers"), _l("Names of servers")),
    "gradualRolloutUserId": Kind(_l("A share of visitors")),
    "gradualRolloutSessionId": Kind(_l("A share of visits")),
    "gradualRolloutRandom": Kind(_l("A share, drawn anew each time")),
}
STICKINESS: Mapping[str, object] = {
    "default": _l("the visitor, else the visit"),
    "userId": _l("the visitor (userId)"),
    "sessionId": _l("the visit (sessionId)"),
    "random": _l("nothing: drawn anew each time"),
}


def constraint(found: Json) -> str:
    """ "locale is one of de, at"."""
    values = _values(found)
    verbs = OPERATORS.get(str(found.get("operator")))
    verb = str(found.get("operator")) if verbs is None else str(verbs[_which(found, values)])
    text = f"{found.get('contextName')} {verb} {listed(values)}"
    return _("%(constraint)s (in any case)", constraint=text) if found.get("caseInsensitive") else text


def strategy(found: Json, segments: Names | None = None) -> str:
    """Who gets the flag by this strategy alone."""
    text = _who(found)
    held = [constraint(one) for one in found.get("constraints") or []]
    if held:
        text = _("%(who)s whose %(constraints)s", who=text, constraints=_(" and ").join(held))
    for one in found.get("segments") or []:
        text = _("%(who)s, only in the segment “%(name)s”", who=text, name=named(one, segments))
    if found.get("variants"):
        text = _("%(who)s, split into %(variants)s", who=text, variants=variants(found["variants"]))
    return _("%(who)s (switched off)", who=text) if found.get("disabled") else text


def strategies(found: Sequence[Json], segments: Names | None = None) -> list[str]:
    """One sentence a strategy; without any the flag is for everybody."""
    return [strategy(one, segments) for one in found] or [_("all shoppers")]


def parent(found: Json) -> str:
    """A flag that another one depends on, and what it has to say."""
    name = found.get("feature")
    if found.get("enabled") is False:
        return str(_("%(name)s is off", name=name))
    if found.get("variants"):
        return str(_("%(name)s answers %(variants)s", name=name, variants=listed(found["variants"])))
    return str(_("%(name)s is on", name=name))


def variants(found: Sequence[Json]) -> str:
    """ "red 50 %, blue 50 %"."""
    return ", ".join(f"{one.get('name')} {weight(one)}" for one in found)


def weight(variant: Json) -> str:
    return formats.percent(int(variant.get("weight", 0)) / 1000)


def share(found: Json) -> str | None:
    """The percentage of a strategy; None where it has none."""
    parameters = found.get("parameters") or {}
    return next((str(parameters[name]) for name in SHARES if name in parameters), None)


def named(segment: object, segments: Names | None) -> str:
    """A segment by its name, or by its number where there is none of that number any more."""
    found = (segments or {}).get(segment) if isinstance(segment, int) else None
    return found or f"#{segment}"


def listed(values: Sequence[str]) -> str:
    if not values:
        return str(_("(nothing)"))
    shown = ", ".join(value or "“”" for value in values[:MOST_VALUES])
    more = len(values) - MOST_VALUES
    return _("%(values)s and %(num)s more", values=shown, num=more) if more > 0 else shown


def _who(found: Json) -> str:
    parameters, name, percent = found.get("parameters") or {}, found.get("name"), share(found)
    match name:
        case "userWithId":
            return str(_("the visitors %(ids)s", ids=listed(split(parameters.get("userIds")))))
        case "remoteAddress":
            return str(_("the addresses %(ips)s", ips=listed(split(parameters.get("IPs")))))
        case "applicationHostname":
            return str(_("the servers %(names)s", names=listed(split(parameters.get("hostNames")))))
        case _ if percent is not None and percent != "100":
            return str(_("%(percent)s of shoppers", percent=_percent(percent)))
        case _:
            return str(_("all shoppers"))


def split(text: object) -> list[str]:
    """Values that a parameter holds separated by commas."""
    return [part.strip() for part in str(text or "").split(",") if part.strip()]


def _percent(text: str) -> str:
    return formats.percent(int(text) / 100, 0) if text.isascii() and text.isdigit() else text


def _values(found: Json) -> list[str]:
    several = found.get("values")
    return [str(one) for one in several] if isinstance(several, list) and several else _single(found)


def _single(found: Json) -> list[str]:
    return [] if found.get("value") in (None, "") else [str(found["value"])]


def _which(found: Json, values: Sequence[str]) -> int:
    return (2 if found.get("inverted") else 0) + (1 if len(values) > 1 else 0)

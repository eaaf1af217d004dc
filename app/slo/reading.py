"""A definition from what a form or a JSON body says. Pure.

Every wrong field is named with its reason, all at once; nothing is guessed. Lists may come as JSON or as
text, a line each:

    labels   team=shop                        tiers    page 2% 1h   or   ticket 10% 3d/6h
    members  checkout-availability 2          policy   20% notify   or   0% freeze
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from math import isfinite
from typing import Any, TypeVar, get_args

from flask_babel import lazy_gettext as _l

from app.errors import Refused
from app.slo.burn import Tier, windows
from app.slo.definition import INDICATOR_NAMES, METHOD_NAMES, OPS, Composition, Definition
from app.slo.objective import read_percent
from app.slo.policy import ACTION_NAMES, PolicyStep
from app.slo.window import LONGEST_DAYS, USUAL_DAYS, WINDOW_NAMES, is_zone

T = TypeVar("T")

KEY = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,99}")
DURATION = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
UNIT_SECONDS = (604_800, 86_400, 3_600, 60, 1)
LONGEST = {"name": 200, "about": 2_000, "owner": 200, "runbook": 200}
LONGEST_QUERY = 10_000
MOST_LABELS, MOST_MEMBERS, MOST_TIERS, MOST_STEPS = 32, 50, 8, 8
MOST_EVENTS = 1_000_000
LONGEST_ABSENT_MINUTES = 1_440
SLICES = (60, 300, 600, 900, 1_800, 3_600)  # each divides an hour
RESERVED_KEYS = (
    "new",
    "check",
    "import",
    "report",
    "reports",
    "corrections",
    "tiles",
    "preview",
    "openslo",
    "policy",
)


class _Wrong(Exception):
    """What is wrong with one field; its argument is translatable text."""


def read(values: Mapping[str, Any], base: Definition | None = None) -> Definition:
    """A whole definition, or `base` with what `values` gives. Raises `Refused` beside the fields."""
    wrong: dict[str, object] = {}
    found: dict[str, Any] = {}
    for name, of in READERS.items():
        if name not in values or (name == "key" and base is not None):
            continue
        try:
            found[name] = of(values[name])
        except _Wrong as why:
            wrong[name] = why.args[0]
        except Refused as refused:
            wrong[name] = next(iter(refused.fields.values()))
    for name in NEEDED:
        if base is None and name not in values:
            wrong[name] = _l("This is needed.")
    if wrong:
        raise Refused(_l("The SLO was not saved."), wrong)
    return checked(_settled(replace(base, **found) if base else Definition(**found)))


def checked(made: Definition) -> Definition:
    """The same definition where its fields fit together; raises `Refused` where they do not."""
    wrong = _of_indicator(made) | _of_method(made)
    if made.is_grouped and made.indicator not in ("events", "latency"):
        wrong["group_label"] = _l("Only what Prometheus counts by events can be grouped by a label.")
    if made.tiers and len({(tier.severity, tier.long_seconds) for tier in made.tiers}) < len(made.tiers):
        wrong["tiers"] = _l("Two alerts have the same severity and window.")
    if not wrong:
        try:
            windows(made.window_days, made.objective, made.tiers)
        except Refused as refused:
            if made.tiers:
                raise Refused(refused.message, {"tiers": refused.fields["objective"]}) from None
            raise
    if wrong:
        raise Refused(_l("The SLO was not saved."), wrong)
    return made


def _settled(made: Definition) -> Definition:
    """What follows from other fields, and nothing that belongs to another kind of indicator."""
    days = USUAL_DAYS.get(made.window_kind, made.window_days)
    kept = KEPT[made.indicator]
    defaults: dict[str, Any] = {
        one.name: one.default if one.default is not MISSING else {}
        for one in fields(Definition)
        if one.name in OF_INDICATORS and one.name not in kept
    }
    if made.method == "occurrences":
        defaults |= {"slice_target": None, "slice_seconds": 300}
    return replace(made, window_days=days, **defaults)


OF_INDICATORS = (
    *("good", "bad", "total", "durations", "threshold_seconds", "query", "op", "threshold"),
    *("composition", "members"),
)
KEPT: Mapping[str, tuple[str, ...]] = {
    "events": ("good", "bad", "total", "durations", "threshold_seconds"),
    "latency": ("good", "total", "durations", "threshold_seconds"),
    "probe": ("query", "op", "threshold"),
    "sql": ("query",),
    "composite": ("composition", "members"),
    "foreign": (),
}


def _of_indicator(made: Definition) -> dict[str, object]:
    wrong: dict[str, object] = {}
    match made.indicator:
        case "events":
            if not made.total:
                wrong["total"] = _l("Give the counter of all events.")
            if bool(made.good) == bool(made.bad):
                wrong["good"] = _l("Give the counter of the good events or that of the bad ones.")
        case "latency":
            if not made.durations:
                wrong["durations"] = _l("Give the histogram, such as request_duration_seconds_bucket.")
            if made.threshold_seconds is None or made.threshold_seconds <= 0:
                wrong["threshold_seconds"] = _l("Give the threshold in seconds.")
        case "probe":
            if not made.query:
                wrong["query"] = _l("Give the query whose value is compared.")
            if made.threshold is None:
                wrong["threshold"] = _l("Give the number that it is compared with.")
        case "sql":
            if not made.query:
                wrong["query"] = _l("Give a SELECT that answers bucket, good and total.")
        case "composite":
            if made.key in made.members:
                wrong["members"] = _l("An SLO cannot be made of itself.")
            elif not made.members:
                wrong["members"] = _l("Name the SLOs that it is made of.")
    return wrong


def _of_method(made: Definition) -> dict[str, object]:
    if made.method == "occurrences":
        return {}
    if made.indicator == "composite":
        return {"method": _l("A composite is made of slices of time already.")}
    if made.method == "timeslices" and made.slice_target is None:
        return {"slice_target": _l("Say what share of good events makes a slice good.")}
    return {}


def _text(longest: int, needed: bool = False) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise _Wrong(_l("Give a text."))
        text = value.replace("\x00", "").replace("\r\n", "\n").strip()
        if needed and not text:
            raise _Wrong(_l("This is needed."))
        if any(ord(sign) < 32 and sign not in "\n\t" for sign in text):
            raise _Wrong(_l("Leave out control characters."))
        if len(text) > longest:
            raise _Wrong(_l("Give at most %(most)s characters.", most=longest))
        return text

    return read


def _name(value: Any) -> str:
    """It stands in alerts, where two braces would begin a template."""
    text = _text(LONGEST["name"], needed=True)(value)
    if "{{" in text:
        raise _Wrong(_l("Leave out double braces."))
    return text


def _one_of(*allowed: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in allowed:
            raise _Wrong(_l("Choose one of: %(choices)s.", choices=", ".join(allowed)))
        return str(value)

    return read


def _key(value: Any) -> str:
    if not isinstance(value, str) or not KEY.fullmatch(value):
        raise _Wrong(_l("Use up to 63 small letters, digits and hyphens, such as checkout-availability."))
    if value in RESERVED_KEYS:
        raise _Wrong(_l("This word is taken by a page. Choose another."))
    return value


def _label(value: Any) -> str:
    text = _text(100)(value)
    if text and not LABEL.fullmatch(text):
        raise _Wrong(_l("Give the name of a label, such as locale."))
    return text


def _zone(value: Any) -> str:
    text = _text(64)(value) or "UTC"
    if not is_zone(text):
        raise _Wrong(_l("Give a time zone such as Europe/Berlin."))
    return text


def _whole(least: int, most: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        found = _decimal(value)
        if found != found.to_integral_value() or not least <= found <= most:
            raise _Wrong(_l("Give a whole number from %(least)s to %(most)s.", least=least, most=most))
        return int(found)

    return read


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        raise _Wrong(_l("Give a number."))
    try:
        found = Decimal(str(value).strip().replace(",", "."))
    except InvalidOperation:
        raise _Wrong(_l("Give a number.")) from None
    if not found.is_finite() or abs(found) > Decimal("1e15"):
        raise _Wrong(_l("Give a number."))
    return found


def _optional_float(value: Any) -> float | None:
    if value is None or value == "":
        return None
    found = float(_decimal(value))
    return found if isfinite(found) else None


def _yes_no(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("1", "on", "true", "yes"):
        return True
    if value in ("", "0", "off", "false", "no"):
        return False
    raise _Wrong(_l("Give true or false."))


def _share(value: Any) -> Decimal:
    """A number below 1 is the share itself, a text is a percentage as a person types it."""
    if isinstance(value, str):
        return read_percent(value)
    found = _decimal(value)
    if not 0 < found < 1 or found != round(found, 6):
        raise _Wrong(_l("Give a share between 0 and 1, such as 0.995."))
    return found


def _optional_share(value: Any) -> Decimal | None:
    if value is None or value == "":
        return None
    text = isinstance(value, str)
    found = _decimal(value.strip().removesuffix("%")) / 100 if text else _decimal(value)
    if not 0 < found <= 1 or found != round(found, 8):
        raise _Wrong(_l("Give a share of at most 100 %."))
    return found


def seconds_of(value: Any) -> int:
    """5m, 1h30m or a number of seconds."""
    if isinstance(value, str) and not value.strip().isdecimal():
        found = DURATION.fullmatch(value.strip())
        counts = found.groups("0") if found and value.strip() else ["0"] * len(UNIT_SECONDS)
        seconds = sum(int(count[:9]) * unit for count, unit in zip(counts, UNIT_SECONDS, strict=True))
    else:
        seconds = int(_decimal(value))
    if not 0 < seconds <= LONGEST_DAYS * 86_400:
        raise _Wrong(_l("Give a length of time such as 5m, 1h or 3d."))
    return seconds


def _slice(value: Any) -> int:
    seconds = seconds_of(value)
    if seconds not in SLICES:
        raise _Wrong(_l("Choose a slice of 1, 5, 10, 15, 30 or 60 minutes."))
    return seconds


def _pairs(value: Any) -> list[tuple[str, str]]:
    """Lines or comma separated parts such as team=shop."""
    if isinstance(value, Mapping):
        if not all(isinstance(name, str) and isinstance(text, str) for name, text in value.items()):
            raise _Wrong(_l("Give names and texts, such as team=shop."))
        return list(value.items())
    parts = [part.strip() for part in re.split(r"[\n,]", _text(4_000)(value))]
    split = [part.partition("=") for part in parts if part]
    if not all(separator for _, separator, _ in split):
        raise _Wrong(_l("Give names and texts, such as team=shop."))
    return [(name.strip(), text.strip()) for name, _, text in split]


def _labels(value: Any) -> dict[str, str]:
    pairs = _pairs(value)
    if len(pairs) > MOST_LABELS:
        raise _Wrong(_l("Give at most %(most)s labels.", most=MOST_LABELS))
    for name, text in pairs:
        if not LABEL.fullmatch(name) or len(text) > 200 or "\x00" in text:
            raise _Wrong(_l("Give names and texts, such as team=shop."))
    return dict(pairs)


def _lines(value: Any, most: int) -> list[Any]:
    if isinstance(value, list):
        found = value
    elif value is None:
        found = []
    else:
        found = [line.strip() for line in _text(4_000)(value).splitlines() if line.strip()]
    if len(found) > most:
        raise _Wrong(_l("Give at most %(most)s lines.", most=most))
    return found


def _members(value: Any) -> dict[str, float]:
    if isinstance(value, Mapping):
        value = [{"slo": key, "weight": weight} for key, weight in value.items()]
    found: dict[str, float] = {}
    for line in _lines(value, MOST_MEMBERS):
        key: Any
        weight: Any
        if isinstance(line, str):
            key, _, weight = line.partition(" ")
        elif isinstance(line, Mapping):
            key, weight = line.get("slo"), line.get("weight", 1)
        else:
            raise _Wrong(_l("Give a line for each SLO: its key and a weight."))
        number = _optional_float(weight)
        number = 1.0 if number is None else number
        if not isinstance(key, str) or not KEY.fullmatch(key) or not 0 < number <= 1_000_000:
            raise _Wrong(_l("Give a line for each SLO: its key and a weight."))
        if key in found:
            raise _Wrong(_l("%(key)s is named twice.", key=key))
        found[key] = number
    return found


def _tiers(value: Any) -> tuple[Tier, ...]:
    return tuple(_tier(line) for line in _lines(value, MOST_TIERS))


def _tier(line: Any) -> Tier:
    share: Any
    long: Any
    short: Any
    if isinstance(line, str):
        parts = line.split()
        if len(parts) != 3:
            raise _Wrong(_l("Write each alert as: page 2% 1h/5m"))
        severity, share, lengths = parts
        long, _, short = lengths.partition("/")
    elif isinstance(line, Mapping):
        severity, share = str(line.get("severity")), line.get("budget_share")
        long, short = line.get("long"), line.get("short", "")
    else:
        raise _Wrong(_l("Write each alert as: page 2% 1h/5m"))
    if severity not in ("page", "ticket"):
        raise _Wrong(_l("Choose one of: %(choices)s.", choices="page, ticket"))
    long_seconds = seconds_of(long)
    short_seconds = seconds_of(short) if short else 0
    least = 60 if short_seconds else 720
    if long_seconds < least or long_seconds % 60 or short_seconds % 60 or short_seconds >= long_seconds:
        raise _Wrong(_l("The short window is whole minutes and shorter than the long one, such as 1h/5m."))
    found = Fraction(_optional_share(share) or 0)
    if found <= 0:
        raise _Wrong(_l("Give the share of the budget that may be gone, such as 2%."))
    return Tier(severity, found, long_seconds, short_seconds)  # type: ignore[arg-type]


def _policy(value: Any) -> tuple[PolicyStep, ...]:
    steps = [_step(line) for line in _lines(value, MOST_STEPS)]
    if len({step.left for step in steps}) < len(steps):
        raise _Wrong(_l("Two steps are taken at the same share."))
    return tuple(sorted(steps, key=lambda step: -step.left))


def _step(line: Any) -> PolicyStep:
    if isinstance(line, str):
        left, _, action = (part.strip() for part in line.partition(" "))
        share = _decimal(left.removesuffix("%")) / 100
    elif isinstance(line, Mapping):
        share, action = _decimal(line.get("left")), str(line.get("action"))
    else:
        raise _Wrong(_l("Write each step as: 20% notify"))
    if not -10 <= share <= 1 or action not in ACTION_NAMES:
        raise _Wrong(_l("Write each step as: 20% notify"))
    return PolicyStep(Fraction(share), action)  # type: ignore[arg-type]


READERS: Mapping[str, Callable[[Any], Any]] = {
    "key": _key,
    "name": _name,
    "about": _text(LONGEST["about"]),
    "owner": _text(LONGEST["owner"]),
    "runbook": _text(LONGEST["runbook"]),
    "labels": _labels,
    "indicator": _one_of(*(kind for kind in INDICATOR_NAMES if kind != "foreign")),
    "good": _text(LONGEST_QUERY),
    "bad": _text(LONGEST_QUERY),
    "total": _text(LONGEST_QUERY),
    "durations": _text(LONGEST_QUERY),
    "threshold_seconds": _optional_float,
    "query": _text(LONGEST_QUERY),
    "op": _one_of(*OPS),
    "threshold": _optional_float,
    "composition": _one_of(*get_args(Composition)),
    "members": _members,
    "method": _one_of(*METHOD_NAMES),
    "slice_target": _optional_share,
    "slice_seconds": _slice,
    "objective": _share,
    "window_kind": _one_of(*WINDOW_NAMES),
    "window_days": _whole(1, LONGEST_DAYS),
    "time_zone": _zone,
    "group_label": _label,
    "min_bad_events": _whole(0, MOST_EVENTS),
    "tiers": _tiers,
    "absent_minutes": _whole(0, LONGEST_ABSENT_MINUTES),
    "policy": _policy,
    "is_enabled": _yes_no,
}
NEEDED = ("key", "name", "objective")

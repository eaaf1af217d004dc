"""What OpenSLO allows: every object of v1, and those of v1alpha. Pure.

`errors` names each wrong place as a path, such as `spec.objectives[0].target`. Unknown fields are errors, as
they are for the specification's own tools; an empty text counts as missing where something is needed.
Source: the specification of OpenSLO v1 and v1alpha, and the rules of its software kit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from app.slo.window import is_zone

V1, V1ALPHA = "openslo/v1", "openslo/v1alpha"
Errors = Iterator[tuple[str, object]]  # path, what is wrong
Check = Callable[[str, Any], Errors]

DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
LABEL_KEY = re.compile(r"[a-zA-Z0-9]([-._a-zA-Z0-9]{0,61}[a-zA-Z0-9])?")
DOMAIN = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*/"
ANNOTATION_KEY = re.compile(rf"(?=(.{{0,253}}/)?.{{0,63}}$)({DOMAIN})?{LABEL_KEY.pattern}")
DURATION = re.compile(r"\s*([+-]?\d{1,9})\s*(\S+)\s*")
LETTERS = re.compile(r"[a-zA-Z]+")
UNITS = ("m", "h", "d", "w", "M", "Q", "Y")  # minutes are small, months are capital
OPERATORS = ("gt", "lt", "gte", "lte")
METHODS = ("Occurrences", "Timeslices", "RatioTimeslices")
LONGEST_DESCRIPTION, LONGEST_NAME = 1_050, 63


def errors(found: Any) -> list[tuple[str, object]]:
    """Everything that is wrong with one object; [] where it may be taken."""
    if not isinstance(found, Mapping):
        return [("", _l("An object has fields."))]
    version, kind = str(found.get("apiVersion")), str(found.get("kind"))
    if version not in KINDS:
        return [("apiVersion", _one_of(tuple(KINDS)))]
    if kind not in KINDS[version]:
        return [("kind", _one_of(tuple(KINDS[version])))]
    return list(KINDS[version][kind]("", found))


def _one_of(allowed: Sequence[str]) -> object:
    return _l("Choose one of: %(choices)s.", choices=", ".join(allowed))


def _needed() -> object:
    return _l("This is needed.")


def _at(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _empty(value: Any) -> bool:
    return value is None or value in ("", False, 0, [], {})


# Small checks, put together below.


def text(longest: int = 0, pattern: re.Pattern[str] | None = None, choices: Sequence[str] = ()) -> Check:
    def check(path: str, value: Any) -> Errors:
        if not isinstance(value, str):
            yield path, _l("Give a text.")
        elif longest and len(value) > longest:
            yield path, _l("Give at most %(most)s characters.", most=longest)
        elif value and pattern and not pattern.fullmatch(value):
            yield path, _l("This is not written as the specification says.")
        elif choices and value not in choices:
            yield path, _one_of(choices)

    return check


def number(
    above: float | None = None,
    least: float | None = None,
    below: float | None = None,
    most: float | None = None,
) -> Check:
    def check(path: str, value: Any) -> Errors:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            yield path, _l("Give a number.")
        elif (
            (above is not None and value <= above)
            or (least is not None and value < least)
            or (below is not None and value >= below)
            or (most is not None and value > most)
        ):
            yield path, _l("This number is out of bounds.")

    return check


def yes_no(path: str, value: Any) -> Errors:
    if not isinstance(value, bool):
        yield path, _l("Give true or false.")


def duration(path: str, value: Any) -> Errors:
    found = DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        yield (
            path,
            _l("Write a length of time as 5m, 1h, 30d, 4w, 1M, 1Q or 1Y; m are minutes, M are months."),
        )
    elif found[2] not in UNITS:
        yield path, _one_of(UNITS)
    elif int(found[1]) < 0:
        yield path, _l("This number is out of bounds.")


def slice_length(path: str, value: Any) -> Errors:
    """A number alone are minutes."""
    if isinstance(value, int) and not isinstance(value, bool):
        yield from number(above=0)(path, value)
    else:
        yield from duration(path, value)


def anything(path: str, value: Any) -> Errors:
    yield from ()


def fields(known: Mapping[str, Check], needed: Sequence[str] = ()) -> Check:
    """An object with these fields and no others; None is as good as left out."""

    def check(path: str, value: Any) -> Errors:
        if not isinstance(value, Mapping):
            yield path, _l("An object has fields.")
            return
        for name, inner in value.items():
            if name not in known:
                yield _at(path, name), _l("The specification knows no such field.")
            elif inner is not None:
                yield from known[name](_at(path, name), inner)
        for name in needed:
            if _empty(value.get(name)) and not isinstance(value.get(name), (bool, int, float)):
                yield _at(path, name), _needed()

    return check


def items(each: Check, least: int = 0, most: int | None = None) -> Check:
    def check(path: str, value: Any) -> Errors:
        if not isinstance(value, list):
            yield path, _l("Give a list.")
            return
        if len(value) < least or (most is not None and len(value) > most):
            yield path, _l("The list is too short or too long.")
        for index, inner in enumerate(value):
            yield from each(f"{path}[{index}]", inner)

    return check


def table(keys: re.Pattern[str], each: Check) -> Check:
    def check(path: str, value: Any) -> Errors:
        if not isinstance(value, Mapping):
            yield path, _l("An object has fields.")
            return
        for name, inner in value.items():
            if not keys.fullmatch(str(name)):
                yield _at(path, str(name)), _l("This is not written as the specification says.")
            yield from each(_at(path, str(name)), inner)

    return check


def both(*checks: Check) -> Check:
    def check(path: str, value: Any) -> Errors:
        for one in checks:
            yield from one(path, value)

    return check


def exactly_one(*names: str) -> Check:
    def check(path: str, value: Any) -> Errors:
        if isinstance(value, Mapping) and sum(value.get(name) is not None for name in names) != 1:
            yield path, _l("Give exactly one of: %(names)s.", names=", ".join(names))

    return check


def at_most_one(*names: str) -> Check:
    def check(path: str, value: Any) -> Errors:
        if isinstance(value, Mapping) and sum(value.get(name) is not None for name in names) > 1:
            yield path, _l("Give at most one of: %(names)s.", names=", ".join(names))

    return check


def _label(path: str, value: Any) -> Errors:
    texts = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) for one in texts):
        yield path, _l("Give a text.")


def _started(path: str, value: Any) -> Errors:
    try:
        datetime.strptime(value, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - the zone stands beside it
        right = len(value) == len("2022-01-01 12:00:00")
    except (ValueError, TypeError):
        right = False
    if not right:
        yield path, _l("Write the start as 2022-01-01 12:00:00.")


def _zone(path: str, value: Any) -> Errors:
    if not isinstance(value, str) or (value and not is_zone(value)):
        yield path, _l("Give a time zone such as Europe/Berlin.")


def _rolling_or_calendar(path: str, value: Any) -> Errors:
    if isinstance(value, Mapping) and bool(value.get("isRolling")) == (value.get("calendar") is not None):
        yield path, _l("A window is either rolling or has a calendar.")


description = text(LONGEST_DESCRIPTION)
dns_label = text(pattern=DNS_LABEL)
calendar = fields({"startTime": _started, "timeZone": _zone}, needed=("startTime",))
metadata = fields(
    {
        "name": dns_label,
        "displayName": text(LONGEST_NAME),
        "labels": table(LABEL_KEY, _label),
        "annotations": table(ANNOTATION_KEY, text()),
    },
    needed=("name",),
)


def _object(kind: str, spec: Check, spec_is_needed: bool = True) -> Check:
    needed = ("metadata", "spec") if spec_is_needed else ("metadata",)
    known = {"apiVersion": text(), "kind": text(choices=(kind,)), "metadata": metadata, "spec": spec}
    inner = fields(known, needed)

    def check(path: str, value: Any) -> Errors:
        yield from inner(path, value)
        if not spec_is_needed and isinstance(value, Mapping) and value.get("spec") is None:
            yield from spec(_at(path, "spec"), {})

    return check


def _inline(kind: str, spec: Check, reference: str) -> Check:
    """The object itself without its version, or its name."""
    whole = fields(
        {"kind": text(choices=(kind,)), "metadata": metadata, "spec": spec}, ("kind", "metadata", "spec")
    )
    named = fields({reference: dns_label}, (reference,))

    def check(path: str, value: Any) -> Errors:
        given = value.keys() if isinstance(value, Mapping) else set()
        if not given or (reference in given and given & {"kind", "metadata", "spec"}):
            yield path, _l("Give exactly one of: %(names)s.", names=f"{reference}, spec")
        else:
            yield from (named if reference in value else whole)(path, value)

    return check


# Service level indicators.

_source = fields(
    {"metricSourceRef": dns_label, "type": text(), "spec": table(re.compile(r".*", re.DOTALL), anything)},
    ("spec",),
)
_metric = fields({"metricSource": _source}, ("metricSource",))


def _ratio_parts(path: str, value: Any) -> Errors:
    if not isinstance(value, Mapping):
        return
    if value.get("total") is not None and value.get("good") is None and value.get("bad") is None:
        yield path, _l("Give exactly one of: %(names)s.", names="good, bad")
    if value.get("raw") is not None and _empty(value.get("rawType")):
        yield _at(path, "rawType"), _needed()


_ratio = both(
    fields(
        {
            "counter": yes_no,
            "good": _metric,
            "bad": _metric,
            "total": _metric,
            "rawType": text(choices=("success", "failure")),
            "raw": _metric,
        }
    ),
    exactly_one("total", "raw"),
    at_most_one("raw", "good", "bad"),
    _ratio_parts,
)
sli_spec = both(
    fields({"description": description, "thresholdMetric": _metric, "ratioMetric": _ratio}),
    exactly_one("thresholdMetric", "ratioMetric"),
)
_indicator = fields({"metadata": metadata, "spec": sli_spec}, ("metadata", "spec"))


# Alerts.

condition_spec = fields(
    {
        "severity": text(),
        "description": description,
        "condition": fields(
            {
                "kind": text(choices=("burnrate",)),
                "op": text(choices=OPERATORS),
                "threshold": number(),
                "lookbackWindow": duration,
                "alertAfter": duration,
            },
            ("kind", "op", "threshold", "lookbackWindow"),
        ),
    },
    ("severity", "condition"),
)
target_spec = fields({"description": description, "target": text()}, ("target",))
policy_spec = fields(
    {
        "description": description,
        "alertWhenNoData": yes_no,
        "alertWhenBreaching": yes_no,
        "alertWhenResolved": yes_no,
        "conditions": items(_inline("AlertCondition", condition_spec, "conditionRef"), 1, 1),
        "notificationTargets": items(_inline("AlertNotificationTarget", target_spec, "targetRef"), 1),
    },
    ("conditions", "notificationTargets"),
)


# Objectives.

_window = both(
    fields({"duration": duration, "isRolling": yes_no, "calendar": calendar}, ("duration",)),
    _rolling_or_calendar,
)
_objective = both(
    fields(
        {
            "displayName": text(),
            "op": text(),
            "value": number(),
            "target": number(least=0, below=1),
            "targetPercent": number(least=0, below=100),
            "timeSliceTarget": number(),
            "timeSliceWindow": slice_length,
            "indicator": _indicator,
            "indicatorRef": dns_label,
            "compositeWeight": number(),
        }
    ),
    exactly_one("target", "targetPercent"),
)


def _where_indicators_stand(path: str, spec: Any) -> Errors:
    objectives = _objectives(spec)
    is_composite = any(_has_indicator(one) for one in objectives)
    if is_composite == _has_indicator(spec):
        yield path, _l("Give an indicator either for the whole SLO or for its objectives.")
    if all(spec.get(name) is not None for name in ("indicator", "indicatorRef")):
        yield path, _l("Give exactly one of: %(names)s.", names="indicator, indicatorRef")
    for index, one in enumerate(objectives):
        place = f"{path}.objectives[{index}]"
        yield from at_most_one("indicator", "indicatorRef")(place, one)
        if is_composite and isinstance(weight := one.get("compositeWeight"), (int, float)):
            yield from number(above=0)(f"{place}.compositeWeight", weight)


def _slices(path: str, spec: Any) -> Errors:
    method = spec.get("budgetingMethod")
    for index, one in enumerate(_objectives(spec)):
        place = f"{path}.objectives[{index}]"
        if method == "Timeslices":
            target = one.get("timeSliceTarget")
            if target is None:
                yield f"{place}.timeSliceTarget", _needed()
            else:
                yield from number(above=0, most=1)(f"{place}.timeSliceTarget", target)
        if method in ("Timeslices", "RatioTimeslices") and one.get("timeSliceWindow") is None:
            yield f"{place}.timeSliceWindow", _needed()


def _thresholds(path: str, spec: Any) -> Errors:
    """Of an indicator that stands in the SLO itself; what a reference leads to is not known here."""
    inline = spec.get("indicator")
    inner = inline.get("spec") if isinstance(inline, Mapping) else None
    if not isinstance(inner, Mapping):
        return
    for index, one in enumerate(_objectives(spec)):
        place = f"{path}.objectives[{index}]"
        if inner.get("ratioMetric") is not None:
            # The specification's own examples compare ratios too. It means nothing there, and is told.
            if not _empty(one.get("op")):
                yield from text(choices=OPERATORS)(f"{place}.op", one["op"])
        elif inner.get("thresholdMetric") is not None:
            if one.get("value") is None:
                yield f"{place}.value", _needed()
            yield from _operator(f"{place}.op", one.get("op"))


def _operator(path: str, op: Any) -> Errors:
    if _empty(op):
        yield path, _needed()
    else:
        yield from text(choices=OPERATORS)(path, op)


def _objectives(spec: Any) -> list[Mapping[str, Any]]:
    found = spec.get("objectives")
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _has_indicator(holder: Mapping[str, Any]) -> bool:
    return holder.get("indicator") is not None or holder.get("indicatorRef") is not None


def _only_objects(check: Check) -> Check:
    def guarded(path: str, value: Any) -> Errors:
        if isinstance(value, Mapping):
            yield from check(path, value)

    return guarded


_slo_spec = both(
    fields(
        {
            "description": description,
            "service": text(),
            "indicator": _indicator,
            "indicatorRef": dns_label,
            "budgetingMethod": text(choices=METHODS),
            "timeWindow": items(_window, 1, 1),
            "objectives": items(_objective),
            "alertPolicies": items(_inline("AlertPolicy", policy_spec, "alertPolicyRef")),
        },
        ("service", "budgetingMethod", "timeWindow"),
    ),
    _only_objects(both(_where_indicators_stand, _slices, _thresholds)),
)


# v1alpha.

_old_metadata = fields({"name": dns_label, "displayName": text(LONGEST_NAME)}, ("name",))
_old_source = fields(
    {"source": text(pattern=LETTERS), "queryType": text(pattern=LETTERS), "query": text()},
    ("source", "queryType", "query"),
)
_old_window = both(
    fields(
        {
            "unit": text(choices=("Second", "Day", "Week", "Month", "Quarter")),
            "count": number(above=0),
            "isRolling": yes_no,
            "calendar": calendar,
        },
        ("unit", "count"),
    ),
    _rolling_or_calendar,
)
_old_objective = fields(
    {
        "displayName": text(LONGEST_DESCRIPTION),
        "value": number(),
        "ratioMetrics": fields(
            {"good": _old_source, "total": _old_source, "incremental": yes_no}, ("good", "total")
        ),
        "target": number(least=0, below=1),
        "timeSliceTarget": number(least=0, most=1),
        "op": text(),
    },
    ("value", "target"),
)


def _old_indicators(path: str, spec: Any) -> Errors:
    objectives = _objectives(spec)
    has_ratios = any(one.get("ratioMetrics") is not None for one in objectives)
    if has_ratios == (spec.get("indicator") is not None):
        yield path, _l("Give exactly one of: %(names)s.", names="indicator, objectives[*].ratioMetrics")
    for index, one in enumerate(objectives):
        place = f"{path}.objectives[{index}]"
        if one.get("ratioMetrics") is None:
            yield from _operator(f"{place}.op", one.get("op"))
        elif not _empty(one.get("op")):
            yield f"{place}.op", _l("A ratio is not compared with anything: leave it out.")
        if spec.get("budgetingMethod") == "Timeslices" and one.get("timeSliceTarget") is None:
            yield f"{place}.timeSliceTarget", _needed()


_old_slo_spec = both(
    fields(
        {
            "timeWindows": items(_old_window, 1, 1),
            "budgetingMethod": text(choices=METHODS[:2]),
            "description": description,
            "indicator": fields({"thresholdMetric": _old_source}, ("thresholdMetric",)),
            "service": text(),
            "objectives": items(_old_objective),
        },
        ("timeWindows", "budgetingMethod", "service"),
    ),
    _only_objects(_old_indicators),
)


def _old_object(kind: str, spec: Check, needed: Sequence[str]) -> Check:
    known = {"apiVersion": text(), "kind": text(choices=(kind,)), "metadata": _old_metadata, "spec": spec}
    return fields(known, ("metadata", *needed))


_service_spec = fields({"description": description})
_data_source_spec = fields(
    {"description": description, "type": text(), "connectionDetails": anything}, ("type", "connectionDetails")
)

KINDS: Mapping[str, Mapping[str, Check]] = {
    V1: {
        "Service": _object("Service", _service_spec, spec_is_needed=False),
        "SLI": _object("SLI", sli_spec, spec_is_needed=False),
        "SLO": _object("SLO", _slo_spec),
        "DataSource": _object("DataSource", _data_source_spec, spec_is_needed=False),
        "AlertPolicy": _object("AlertPolicy", policy_spec, spec_is_needed=False),
        "AlertCondition": _object("AlertCondition", condition_spec),
        "AlertNotificationTarget": _object("AlertNotificationTarget", target_spec, spec_is_needed=False),
    },
    V1ALPHA: {
        "Service": _old_object("Service", _service_spec, ()),
        "SLO": _old_object("SLO", _old_slo_spec, ("spec",)),
    },
}

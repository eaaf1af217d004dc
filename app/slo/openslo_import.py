"""OpenSLO objects into definitions. Pure.

What the specification allows and this house cannot count (another vendor's query, a window of hours) is kept
as it came, as an objective that is off, with the reason: nothing is dropped and nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask_babel import lazy_gettext as _l

from app.errors import Refused
from app.slo.burn import Severity, Tier, decimal
from app.slo.definition import Definition
from app.slo.openslo_rules import DURATION, V1ALPHA
from app.slo.reading import SLICES, checked, read
from app.slo.window import LONGEST_DAYS, USUAL_DAYS

SOURCE_SQL = "backroom-sql"
ANNOTATION = "backroom.dev/"
ANNOTATED = (
    *("owner", "runbook", "min_bad_events", "absent_minutes", "group_label", "composition", "policy"),
    *("durations", "threshold_seconds", "is_enabled"),
)
ANNOTATED_INDICATOR = ("indicator", "op")  # more than the specification has words for
NO_SERVICE = "backroom"  # the specification wants one
DAYS = {"d": 1, "w": 7, "M": 30, "Q": 90, "Y": 365}
OLD_UNITS = {"Day": "d", "Week": "w", "Month": "M", "Quarter": "Q"}
CALENDARS = {"1w": "week", "7d": "week", "1M": "month", "1Q": "quarter", "3M": "quarter"}
SECONDS = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
LEAST_OBJECTIVE = Decimal("0.000001")
METHODS = {"Occurrences": "occurrences", "Timeslices": "timeslices", "RatioTimeslices": "ratio_timeslices"}

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Planned:
    """One objective that an object becomes."""

    definition: Definition
    document: Document
    warnings: tuple[object, ...] = ()


@dataclass
class _Notes:
    """What is said about an object, and what keeps it from being counted here."""

    warnings: list[object] = field(default_factory=list)
    foreign: bool = False

    def cannot(self, why: object) -> None:
        self.warnings.append(why)
        self.foreign = True


class Library:
    """The objects that others refer to by name: those of the file, and those imported before."""

    def __init__(self, objects: Sequence[Document]) -> None:
        self._found = {(str(one["kind"]), str(one["metadata"]["name"])): one for one in objects}

    def find(self, kind: str, name: object) -> Document | None:
        return self._found.get((kind, str(name)))


def plan(document: Document, library: Library) -> list[Planned]:
    """The objectives of one SLO object that keeps the rules of the specification."""
    spec = _modern(document) if document["apiVersion"] == V1ALPHA else document["spec"]
    objectives = spec.get("objectives") or []
    if any(one.get("indicator") or one.get("indicatorRef") for one in objectives):
        return _composite(document, spec, objectives, library)
    return [
        _one(document, spec, one, library, _numbered(document, number), spec)
        for number, one in enumerate(objectives)
    ]


def _numbered(document: Document, number: int) -> str:
    name = str(document["metadata"]["name"])
    return name if number == 0 else f"{name[:59].rstrip('-')}-{number + 1}"


def _one(
    document: Document, spec: Document, objective: Document, library: Library, key: str, holder: Document
) -> Planned:
    notes = _Notes()
    values = _about(document, spec, key, objective)
    values |= _window(spec["timeWindow"][0], notes)
    values |= _method(spec, objective, notes)
    values |= _indicator(holder, objective, library, notes)
    if holder is spec and not notes.foreign:
        kept = _annotations(document)
        values |= {name: kept[name] for name in ANNOTATED_INDICATOR if name in kept}
    target = _target(objective)
    tiers = _tiers(spec, target, int(values["window_days"]), library, notes)
    return _planned(document, values, target, tiers, notes)


def _composite(
    document: Document, spec: Document, objectives: Sequence[Document], library: Library
) -> list[Planned]:
    """Each objective becomes an SLO of its own, and the whole is made of these."""
    parts: list[Planned] = []
    members: dict[str, float] = {}
    by_key = str(_annotations(document).get("composition", ""))
    for number, one in enumerate(objectives):
        weight = float(one.get("compositeWeight") or 1)
        if by_key and one.get("indicatorRef") and not library.find("SLI", one["indicatorRef"]):
            members[str(one["indicatorRef"])] = weight  # it names an SLO: this is how we write composites
            continue
        key = f"{str(document['metadata']['name'])[:55].rstrip('-')}-part-{number + 1}"
        parts.append(_one(document, {**spec, "alertPolicies": []}, one, library, key, one))
        members[key] = weight
    notes = _Notes()
    values = _about(document, spec, str(document["metadata"]["name"]), {})
    values |= _window(spec["timeWindow"][0], notes)
    weighted = by_key == "weighted" or any(one.get("compositeWeight") for one in objectives)
    composition = by_key or ("weighted" if weighted else "all")
    values |= {"indicator": "composite", "members": members, "composition": composition}
    if any(part.definition.indicator == "foreign" for part in parts):
        notes.cannot(_l("One of its parts is not counted here."))
    weights = list(members.values())
    targets = [_target(one) for one in objectives]
    mean = sum(t * Decimal(str(w)) for t, w in zip(targets, weights, strict=False)) / Decimal(
        str(sum(weights))
    )
    target = round(mean if composition == "weighted" else min(targets), 6)
    return [*parts, _planned(document, values, target, (), notes)]


def _planned(
    document: Document, values: dict[str, Any], target: Decimal, tiers: tuple[Tier, ...], notes: _Notes
) -> Planned:
    objective = min(max(round(target, 6), LEAST_OBJECTIVE), Decimal(1) - LEAST_OBJECTIVE)
    if target <= 0:
        notes.cannot(_l("An objective of nothing cannot be missed."))
    if not notes.foreign:
        try:
            made = read({**values, "objective": float(objective)})
            made = checked(replace(made, tiers=tiers))
            return Planned(made, document, tuple(notes.warnings))
        except Refused as refused:
            notes.warnings += [str(text) for text in refused.fields.values()]
    kept = {name: values[name] for name in KEPT_OF_FOREIGN if name in values}
    made = Definition(**kept, indicator="foreign", objective=objective, is_enabled=False)
    return Planned(made, document, tuple(notes.warnings))


KEPT_OF_FOREIGN = (
    "key",
    "name",
    "about",
    "owner",
    "runbook",
    "labels",
    "window_kind",
    "window_days",
    "time_zone",
)


def _about(document: Document, spec: Document, key: str, objective: Document) -> dict[str, Any]:
    metadata = document["metadata"]
    name = metadata.get("displayName") or metadata["name"]
    if key != metadata["name"]:
        name = f"{name}: {objective.get('displayName') or key.rsplit('-', 1)[-1]}"
    service = str(spec.get("service") or NO_SERVICE)
    labels = {} if service == NO_SERVICE else {"service": service}
    for label, texts in (metadata.get("labels") or {}).items():
        joined = ",".join(texts) if isinstance(texts, list) else str(texts)
        labels[re.sub(r"[^a-zA-Z0-9_]", "_", label)] = joined[:200]
    labels = {label: text for label, text in labels.items() if not label[0].isdigit()}
    kept = _annotations(document)
    return {
        "key": key,
        "name": str(name).replace("{{", "{ {")[:200],
        "about": str(spec.get("description") or ""),
        "labels": dict(list(labels.items())[:32]),
        **{one: kept[one] for one in ANNOTATED if one in kept and one != "composition"},
    }


def _annotations(document: Document) -> dict[str, str]:
    found = document["metadata"].get("annotations") or {}
    return {
        name.removeprefix(ANNOTATION).replace("-", "_"): text
        for name, text in found.items()
        if name.startswith(ANNOTATION)
    }


def _window(window: Document, notes: _Notes) -> dict[str, Any]:
    found = DURATION.fullmatch(str(window.get("duration", "")))
    count, unit = (int(found[1]), found[2]) if found else (0, "")
    if not window.get("isRolling"):
        return _calendar(window, f"{count}{unit}", notes)
    seconds = count * (DAYS[unit] * 86_400 if unit in DAYS else SECONDS.get(unit, 0))
    days = seconds // 86_400
    if seconds % 86_400 or not 1 <= days <= LONGEST_DAYS:
        text = window.get("duration")
        notes.cannot(_l("A rolling window of %(length)s is no whole number of days up to 400.", length=text))
        days = 1
    return {"window_kind": "rolling", "window_days": days}


def _calendar(window: Document, length: str, notes: _Notes) -> dict[str, Any]:
    calendar = window.get("calendar") or {}
    kind, zone = CALENDARS.get(length), str(calendar.get("timeZone") or "UTC")
    if kind is None:
        notes.cannot(
            _l("A calendar window of %(length)s is not a week, a month or a quarter.", length=length)
        )
        kind = "month"
    elif not str(calendar.get("startTime", "")).endswith("00:00:00"):
        notes.warnings.append(
            _l("Here a calendar window begins at midnight of its first day in %(zone)s.", zone=zone)
        )
    return {"window_kind": kind, "window_days": USUAL_DAYS[kind], "time_zone": zone}


def _method(spec: Document, objective: Document, notes: _Notes) -> dict[str, Any]:
    method = METHODS[spec["budgetingMethod"]]
    if method == "occurrences":
        return {}
    length = objective.get("timeSliceWindow") or "5m"
    found = DURATION.fullmatch(f"{length}m" if isinstance(length, int) else str(length))
    seconds = int(found[1]) * SECONDS.get(found[2], 0) if found else 0
    if seconds not in SLICES:
        notes.cannot(
            _l("A slice of %(length)s is none of 1, 5, 10, 15, 30 or 60 minutes.",
               length=objective.get("timeSliceWindow"))
        )  # fmt: skip
        return {}
    target = objective.get("timeSliceTarget")
    return {
        "method": method,
        "slice_seconds": seconds,
        "slice_target": Decimal(str(target)) if target is not None and method == "timeslices" else None,
    }


def _indicator(holder: Document, objective: Document, library: Library, notes: _Notes) -> dict[str, Any]:
    inline = holder.get("indicator")
    if not inline and (reference := holder.get("indicatorRef")):
        inline = library.find("SLI", reference)
        if inline is None:
            notes.cannot(_l("There is no SLI %(name)s in this file or imported before.", name=reference))
            return {}
    spec = (inline or {}).get("spec", {})
    if threshold := spec.get("thresholdMetric"):
        query, _ = _query(threshold, library, notes)
        op, value = objective.get("op"), objective.get("value")
        if op is None or value is None:
            notes.cannot(_l("Its objective does not say what the value is compared with."))
        return {"indicator": "probe", "query": query, "op": op, "threshold": value}
    if objective.get("op") or objective.get("value") is not None:
        notes.warnings.append(_l("A ratio is not compared with anything: op and value are left aside."))
    return _ratio(spec.get("ratioMetric") or {}, library, notes)


def _ratio(ratio: Document, library: Library, notes: _Notes) -> dict[str, Any]:
    if ratio.get("raw"):
        notes.cannot(_l("A raw ratio says nothing of how many events it is made of."))
        return {}
    kind = "good" if ratio.get("good") else "bad"
    part, source = _query(ratio.get(kind) or {}, library, notes)
    total, _ = _query(ratio.get("total") or {}, library, notes)
    if source == SOURCE_SQL:
        return {"indicator": "sql", "query": total}
    return {"indicator": "events", kind: part, "total": total}


def _query(metric: Document, library: Library, notes: _Notes) -> tuple[str, str]:
    """The query, and the kind of source that it is for."""
    source = metric.get("metricSource") or {}
    kind = str(source.get("type") or "")
    if not kind and source.get("metricSourceRef"):
        found = library.find("DataSource", source["metricSourceRef"])
        kind = str(found["spec"]["type"]) if found else "prometheus"
    spec = source.get("spec") or {}
    query = next(
        (spec[name] for name in ("query", "promql", "expr") if isinstance(spec.get(name), str)), None
    )
    if kind.lower() not in ("prometheus", "promql", "", SOURCE_SQL) or query is None:
        notes.cannot(_l("%(source)s is not asked here, Prometheus and SQL are.", source=kind or "?"))
    return query or "", kind.lower()


def _target(objective: Document) -> Decimal:
    if objective.get("target") is not None:
        return Decimal(str(objective["target"]))
    return Decimal(str(objective.get("targetPercent") or 0)) / 100


def _tiers(
    spec: Document, target: Decimal, window_days: int, library: Library, notes: _Notes
) -> tuple[Tier, ...]:
    """Burn alerts of its policies; those that cannot be kept are told and leave the standard ones."""
    found: list[Tier] = []
    for policy in spec.get("alertPolicies") or []:
        whole = policy if "spec" in policy else library.find("AlertPolicy", policy.get("alertPolicyRef"))
        if whole is None:
            name = policy.get("alertPolicyRef")
            notes.warnings.append(
                _l("There is no alert policy %(name)s; the standard alerts are kept.", name=name)
            )
            continue
        for condition in whole["spec"].get("conditions") or []:
            inner = (
                condition
                if "spec" in condition
                else library.find("AlertCondition", condition.get("conditionRef"))
            )
            if inner and (tier := _tier(inner["spec"], target, window_days, notes)):
                found.append(tier)
    return tuple({(tier.severity, tier.long_seconds): tier for tier in found}.values())


def _tier(spec: Document, target: Decimal, window_days: int, notes: _Notes) -> Tier | None:
    condition = spec["condition"]
    found = DURATION.fullmatch(str(condition["lookbackWindow"]))
    seconds = int(found[1]) * SECONDS.get(found[2], 0) if found else 0
    threshold = Fraction(str(condition["threshold"]))
    severity: Severity = "page" if str(spec["severity"]).lower() in ("page", "critical", "high") else "ticket"
    if condition["op"] not in ("gt", "gte"):
        notes.warnings.append(
            _l(
                "An alert on a burn below %(limit)s fires while all is well; it is left out.",
                limit=decimal(threshold),
            )
        )
        return None
    if seconds < 720 or seconds % 720 or not 0 < threshold < 1 / (1 - Fraction(target)):
        notes.warnings.append(
            _l("An alert at %(limit)s times over %(length)s can never fire here; it is left out.",
               limit=decimal(threshold), length=condition["lookbackWindow"])
        )  # fmt: skip
        return None
    return Tier(severity, threshold * seconds / (window_days * 86_400), seconds)


def _modern(document: Document) -> dict[str, Any]:
    """A spec of v1alpha as v1 would say it; its objectives hold the indicators."""
    spec = document["spec"]
    window = spec["timeWindows"][0]
    unit = OLD_UNITS.get(window["unit"])
    duration = f"{window['count']}{unit}" if unit else f"{max(1, int(window['count'] // 60))}m"
    objectives = [
        {
            **{
                name: one[name]
                for name in ("displayName", "target", "timeSliceTarget", "op")
                if one.get(name) is not None
            },
            "value": None if one.get("ratioMetrics") else one.get("value"),
            "timeSliceWindow": "1m",
            "ratio": one.get("ratioMetrics"),
        }
        for one in spec.get("objectives") or []
    ]
    indicator: dict[str, Any] | None = None
    if old := spec.get("indicator"):
        indicator = {"spec": {"thresholdMetric": _modern_source(old["thresholdMetric"])}}
    elif ratio := next((one["ratio"] for one in objectives if one["ratio"]), None):
        parts = {name: _modern_source(ratio[name]) for name in ("good", "total")}
        indicator = {"spec": {"ratioMetric": parts}}
    return {
        **{name: spec.get(name) for name in ("service", "description", "budgetingMethod")},
        "timeWindow": [{**window, "duration": duration}],
        "objectives": objectives,
        "indicator": indicator,
    }


def _modern_source(source: Document) -> dict[str, Any]:
    return {"metricSource": {"type": source["source"], "spec": {"query": source["query"]}}}
